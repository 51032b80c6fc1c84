// The life of a page: where the network comes back, or the page does, its sockets dial at once and not when a pause ends,
// whose timer may be held back for a minute. What a browser does to the WebSockets of a page that it freezes or keeps for
// going back to, it tells by their own events; and a peer whose words may have piled up in the meantime is asked once more
// before it is given up: the engine sees that its clock has jumped.

import { redialAll } from './sockets.js';

/** Where each is told: workers hear of the network, too. */
const EVENTS = { online: globalThis, pageshow: globalThis, resume: globalThis.document, visibilitychange: globalThis.document };

for (const [event, target] of Object.entries(EVENTS)) {
  target?.addEventListener?.(event, () => {
    if (!globalThis.document?.hidden) redialAll();
  });
}
