// The life of a page: where the network comes back, or the page does, its sockets dial at once and not when a pause ends,
// whose timer may be held back for a minute. A peer whose words may have piled up in the meantime is asked once more before it
// is given up: the engine sees that its clock has jumped. A page that is left and kept for going back to closes its WebSockets:
// not every browser does it for them, and peers would go on sending to nobody.

import { desertAll } from './links.js';
import { redialAll } from './sockets.js';

for (const event of ['online', 'pageshow', 'resume', 'visibilitychange']) {
  // Who captures is told of what happens to the document, too. Workers hear of the network only, and Cloudflare's may not capture.
  globalThis.addEventListener?.(event, () => globalThis.document?.hidden || redialAll(), !!globalThis.document);
}

globalThis.addEventListener?.('pagehide', ({ persisted }) => {
  if (persisted) desertAll('the page is left for now');
});
