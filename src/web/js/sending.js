// How a socket sends: messages whole or in parts, at once or when there is room.

import { ZMQError, put, takeFailure } from './host.js';
import { NOBLOCK, POLLOUT, SNDMORE } from './constants.js';
import { checkBits, checkOptions, checkSignal } from './check.js';
import { Frame, MessageTracker, imageOf } from './frame.js';
import { WAIT } from './waiting.js';

// What the core gives in place of 0.
const WOULD_BLOCK = -1;
const REPLY_PENDING = -2;

export class Sender {
  /** SNDTIMEO. Kept here: every call asks for it. */
  timeout = -1;
  #core;
  #calls;
  /** Parts that SNDMORE has announced. */
  #begun = [];

  constructor(core, calls) {
    this.#core = core;
    this.#calls = calls;
  }

  /** `parts` may be a promise of them: later sends wait behind this one until it is kept. */
  send(parts, flags, options) {
    checkBits(flags, NOBLOCK | SNDMORE, 'flags');
    const { track, signal } = checkOptions(options);
    const aborting = checkSignal(signal);
    aborting?.throwIfAborted();
    let images;
    const make = (made) => {
      images = made.map(imageOf);
    };
    const loading = parts instanceof Promise ? parts.then(make) : make(parts);
    const attempt = () => {
      if ((flags & SNDMORE) !== 0) {
        // As in libzmq, it is the first part that waits for room.
        if (this.#begun.length === 0 && (this.#core.events() & POLLOUT) === 0) return WAIT;
        this.#begun.push(...images);
        return undefined;
      }
      const status = this.#transmit(images);
      if (status < 0) return this.#refused(status, flags);
      this.#begun = [];
      return undefined;
    };
    const result = this.#calls.attempt(this.#calls.sends, attempt, flags, this.timeout, aborting, loading);
    const frames = loading === undefined ? parts.filter((part) => part instanceof Frame) : [];
    return track || frames.length > 0 ? Promise.resolve(result).then(() => resultOf(frames, track)) : result;
  }

  /** Hands a message to the core: all that SNDMORE has announced, and these parts. */
  #transmit(images) {
    const message = this.#begun.length > 0 ? [...this.#begun, ...images] : images;
    const last = message.length - 1;
    for (let at = 0; at < last; at += 1) this.#core.part(put(message[at]), message[at].length - 1);
    return this.#core.send(put(message[last]), message[last].length - 1);
  }

  /** A send that the core did not take: it waits, or it fails for good. */
  #refused(status, flags) {
    if (status === REPLY_PENDING && (flags & NOBLOCK) !== 0) {
      throw new ZMQError('EFSM', 'a REQ socket must receive the reply to its last request first');
    }
    if (status === WOULD_BLOCK || status === REPLY_PENDING) return WAIT;
    throw takeFailure();
  }
}

function resultOf(frames, track) {
  frames.forEach(Frame.sent);
  return track ? new MessageTracker() : undefined;
}
