// How a socket sends: messages whole or in parts, at once or when there is room.

import { put, whenFree } from './bodies.js';
import { ZMQError, takeFailure } from './errors.js';
import { addressOf } from './addresses.js';
import { NOBLOCK, POLLOUT, SERVER, SNDMORE } from './constants.js';
import { checkBits, checkOptions, invalid, signalOf } from './check.js';
import { Frame, MessageTracker, frameFreed, partOf, trackerUntil } from './frame.js';
import { WAIT } from './waiting.js';

// What the core gives in place of 0.
const WOULD_BLOCK = -1;
const REPLY_PENDING = -2;

export class Sender {
  /** SNDTIMEO. Kept here: every call asks for it. */
  timeout = -1;
  #core;
  #calls;
  #type;
  /** Parts that SNDMORE has announced. */
  #begun = [];

  constructor(core, calls, type) {
    this.#core = core;
    this.#calls = calls;
    this.#type = type;
  }

  /**
   * Sends parts, or what a promise of them gives: later sends wait behind this one until it is kept. `onSent` is called in
   * the very turn the message goes, for its reply may come in that turn as well.
   */
  send(parts, flags, options, onSent) {
    checkBits(flags, NOBLOCK | SNDMORE, 'flags');
    if ((flags & SNDMORE) !== 0 && this.#type >= SERVER) throw invalid('a message of this type of socket has one part');
    const given = checkOptions(options);
    const { copy, track } = given;
    const aborting = signalOf(given);
    if (onSent !== undefined && this.#begun.length > 0) throw new ZMQError('EFSM', 'a message begun with SNDMORE comes first');
    const trackers = track ? [] : undefined;
    let message;
    const make = (made) => {
      const parts = this.#type >= SERVER ? [...addressOf(this.#type, made[0], given), ...made] : made;
      message = parts.map((data) => {
        const part = partOf(data, copy === false);
        trackers?.push(trackerUntil((free) => (part.onFree = free)));
        if (data instanceof Frame) frameFreed(data, part);
        return part;
      });
    };
    const loading = parts instanceof Promise ? parts.then(make) : make(parts);
    const attempt = () => {
      if ((flags & SNDMORE) !== 0) {
        // As in libzmq, it is the first part that waits for room.
        if (this.#begun.length === 0 && (this.#core.events() & POLLOUT) === 0) return WAIT;
        this.#begun.push(...message);
      } else {
        const status = this.#calls.requests?.isBusy ? REPLY_PENDING : this.#transmit(message);
        if (status < 0) return this.#refused(status, flags);
        this.#begun = [];
        this.#calls.requests?.onSent();
        onSent?.();
      }
      // A copy has been made of what was not given away.
      for (const part of message) if (part.start !== 0) part.onFree?.();
      return undefined;
    };
    const result = this.#calls.attempt(this.#calls.sends, attempt, flags, this.timeout, aborting, loading);
    return trackers ? Promise.resolve(result).then(() => new MessageTracker(...trackers)) : result;
  }

  /** Hands a message to the core: all that SNDMORE has announced, and these parts. */
  #transmit(parts) {
    const message = this.#begun.length > 0 ? [...this.#begun, ...parts] : parts;
    const last = message.length - 1;
    for (let at = 0; at < last; at += 1) this.#core.part(stored(message[at]), lengthOf(message[at]));
    const status = this.#core.send(stored(message[last]), lengthOf(message[last]));
    for (const part of message) if (part.start === 0) part.handOver?.(status >= 0);
    return status;
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

function lengthOf({ image, start }) {
  return image.length - start;
}

/** Stores a part for the core. What the core does not take, it gives back as well: that is no news for who tracks it. */
function stored(part) {
  const { image, start, onFree } = part;
  const body = put(image, start);
  if (start === 0 && onFree !== undefined) {
    let isTaken;
    let isFree = false;
    whenFree(body, () => {
      isFree = true;
      if (isTaken) onFree();
    });
    part.handOver = (taken) => {
      isTaken = taken;
      if (taken && isFree) onFree();
    };
  }
  return body;
}
