// The package's default entry, for pages, workers, and wherever no other entry is meant for.

import './lifecycle.js';
import './threads.js';
import { transports } from './links.js';
import { connect } from './websocket.js';

for (const scheme of ['ws', 'wss']) {
  transports.set(scheme, {
    // Asked each time: a program may have given itself a WebSocket.
    get connect() {
      return typeof WebSocket === 'function' ? connect : undefined;
    },
  });
}

export * from './index.js';
export { chooseProtocol } from './protocols.js';

/** For Bun.serve(): only Bun's servers have handlers for all WebSockets together. */
export const websocket = {};
