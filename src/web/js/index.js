// The public API: what index.d.ts declares.

export * from './constants.js';
export { Again, ContextTerminated, NotDone, ZMQBindError, ZMQError } from './host.js';
export { Context } from './context.js';
export { Frame, MessageTracker } from './frame.js';
export { Poller } from './poller.js';
export { Socket } from './socket.js';

/** This package's version; the bundler fills it in. */
export const version = PACKAGE_VERSION;

/** The ZMTP revision that is spoken. */
export function zmqVersion() {
  return '3.1';
}
