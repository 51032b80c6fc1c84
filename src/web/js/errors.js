// Errors, with libzmq's codes and numbers, and those that wasm's calls fail with.

import { text } from './words.js';

/** libzmq's errors: code, number (as on Linux) and meaning. */
export const ERRORS = [
  ['ENOENT', 2, 'No such file or directory'],
  ['EAGAIN', 11, 'Resource temporarily unavailable'],
  ['EACCES', 13, 'Permission denied'],
  ['EFAULT', 14, 'Bad address'],
  ['EINVAL', 22, 'Invalid argument'],
  ['EMFILE', 24, 'Too many open files'],
  ['ENOTSOCK', 88, 'Socket operation on non-socket'],
  ['EMSGSIZE', 90, 'Message too long'],
  ['EPROTONOSUPPORT', 93, 'Protocol not supported'],
  ['ENOTSUP', 95, 'Operation not supported'],
  ['EADDRINUSE', 98, 'Address already in use'],
  ['EADDRNOTAVAIL', 99, 'Cannot assign requested address'],
  ['ECONNRESET', 104, 'Connection reset by peer'],
  ['EHOSTUNREACH', 113, 'Host unreachable'],
  ['ECANCELED', 125, 'Operation canceled'],
  ['EFSM', 156384763, 'Operation cannot be accomplished in current state'],
  ['ENOCOMPATPROTO', 156384764, 'The protocol is not compatible with the socket type'],
  ['ETERM', 156384765, 'Context was terminated'],
  ['EMTHREAD', 156384766, 'No thread available'],
];

/** The numbers by their codes. */
export const ERRNO = Object.fromEntries(ERRORS);

/** What the package's files have in common: each is bundled with all it needs, but a program may load several. */
export const shared = (globalThis[Symbol.for('zmq-wasm')] ??= {});

/** An error with libzmq's code and number. */
export const ZMQError = (shared.ZMQError ??= class extends Error {
  constructor(code, message, errno = ERRNO[code]) {
    super(message);
    this.code = code;
    this.errno = errno;
  }
});

/** EAGAIN: NOBLOCK was given, or a timeout option ran out. */
export class Again extends ZMQError {
  constructor(message = 'resource temporarily unavailable') {
    super('EAGAIN', message);
  }
}

/** ETERM: the context was terminated. */
export class ContextTerminated extends ZMQError {
  constructor(message = 'the context was terminated') {
    super('ETERM', message);
  }
}

/** A MessageTracker's message is not sent yet. */
export class NotDone extends ZMQError {
  constructor(message = 'the message is still in use') {
    super('EAGAIN', message);
  }
}

/** An endpoint could not be bound. */
export class ZMQBindError extends ZMQError {}

/** Gives classes their names: a bundler may rename them; people who read a console shall not see that. */
export function nameClasses(classes) {
  for (const [value, { prototype }] of Object.entries(classes)) {
    Object.defineProperty(prototype.constructor, 'name', { value });
    // As the errors of the language have it.
    if (prototype instanceof Error) Object.defineProperty(prototype, 'name', { value, configurable: true, writable: true });
  }
}

nameClasses({ ZMQError, Again, ContextTerminated, NotDone, ZMQBindError });

let failure;

/** The call of wasm's that is going on has failed. */
export function fail(errno, message) {
  const code = ERRORS.find(([, number]) => number === errno)?.[0];
  failure = code === 'EADDRINUSE' ? new ZMQBindError(code, text(message)) : new ZMQError(code, text(message));
}

/** What the last call of wasm's has failed with, if it has. */
export function takeFailure() {
  const error = failure;
  failure = undefined;
  return error;
}
