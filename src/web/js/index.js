// The public API: what index.d.ts declares.

import { Context } from './context.js';
import { Frame, MessageTracker } from './frame.js';
import { Poller } from './poller.js';
import { Socket } from './socket.js';

export * from './constants.js';
export * from './errno.js';
export { Again, ContextTerminated, NotDone, ZMQBindError, ZMQError } from './host.js';
export { proxy, proxySteerable } from './proxy.js';
export { capabilities, curveKeypair, curvePublic, has, version, zmqVersion } from './runtime.js';
export { z85 } from './z85.js';
export { Context, Frame, MessageTracker, Poller, Socket };

// A bundler may rename classes; people who read a console shall not see that.
for (const [name, type] of Object.entries({ Context, Frame, MessageTracker, Poller, Socket })) {
  Object.defineProperty(type, 'name', { value: name });
}
