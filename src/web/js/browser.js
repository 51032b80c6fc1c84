// The package's default entry, for pages, workers, and wherever no other entry is meant for.

import './lifecycle.js';
import { transports } from './links.js';
import { connect } from './websocket.js';

// Asked each time: a program may have given itself a WebSocket.
const dial = {
  get connect() {
    return typeof WebSocket === 'function' ? connect : undefined;
  },
};
for (const scheme of ['ws', 'wss']) transports.set(scheme, dial);

export * from './index.js';
