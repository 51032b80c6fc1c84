// The public API: what index.d.ts declares.

import { Context } from './context.js';
import { Frame, MessageTracker } from './frame.js';
import { Poller } from './poller.js';
import { Socket } from './socket.js';

export * from './constants.js';
export { Again, ContextTerminated, NotDone, ZMQBindError, ZMQError } from './host.js';
export { Context, Frame, MessageTracker, Poller, Socket };

// A bundler may rename classes; people who read a console shall not see that.
for (const [name, type] of Object.entries({ Context, Frame, MessageTracker, Poller, Socket })) {
  Object.defineProperty(type, 'name', { value: name });
}

/** This package's version; the bundler fills it in. */
export const version = PACKAGE_VERSION;

/** The ZMTP revision that is spoken. */
export function zmqVersion() {
  return '3.1';
}
