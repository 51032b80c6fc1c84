// The public API: what index.d.ts declares.

import { Context } from './context.js';
import { nameClasses } from './errors.js';
import { Frame, MessageTracker } from './frame.js';
import { Poller } from './poller.js';
import { Socket } from './socket.js';

export * from './constants.js';
export * from './errno.js';
export { Again, ContextTerminated, NotDone, ZMQBindError, ZMQError } from './errors.js';
export { proxy, proxySteerable } from './proxy.js';
export { capabilities, curveKeypair, curvePublic, has, version, zmqVersion } from './runtime.js';
export { z85 } from './z85.js';
export { Context, Frame, MessageTracker, Poller, Socket };

nameClasses({ Context, Frame, MessageTracker, Poller, Socket });
