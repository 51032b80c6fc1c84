// The package's default entry, for pages, workers, and wherever no other entry is meant for.

import { transports } from './links.js';
import { connect } from './websocket.js';

for (const scheme of ['ws', 'wss']) transports.set(scheme, { connect });

export * from './index.js';
