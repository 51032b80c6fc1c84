// How a socket receives: message by message from the core, and from there whole or part by part.

import { take } from './bodies.js';
import { takeFailure } from './errors.js';
import { fromPairs } from './words.js';
import { isAddressed, readAddress } from './addresses.js';
import { NOBLOCK, RCVHWM, REQ } from './constants.js';
import { checkBits, checkOptions, signalOf } from './check.js';
import { receivedFrame } from './frame.js';
import { WAIT } from './waiting.js';

/** What the core gives in place of a body when there is no message. */
const WOULD_BLOCK = -1;

const NOTHING = [];

// What a receive takes of a message.
export const part = (receiver) => receiver.part();
export const parts = (receiver) => receiver.parts();
export const frame = (receiver) => receiver.frame();
export const frames = (receiver) => receiver.frames();
export const trackedFrame = (receiver) => receiver.frame(true);
export const trackedFrames = (receiver) => receiver.frames(true);

export class Receiver {
  /** RCVTIMEO. Kept here: every call asks for it. */
  timeout = -1;
  #core;
  #calls;
  #type;
  /** Parts of the message received last that recv() has not given yet. */
  #rest = NOTHING;
  /** Who sent it, where a caller wants to know. */
  #peer = undefined;
  /** Its routing id or group, where the socket's type has such. */
  #address = undefined;
  /** Messages that came while requests awaited their replies, and are none. */
  #aside = [];

  constructor(core, calls, type) {
    this.#core = core;
    this.#calls = calls;
    this.#type = type;
  }

  /** Whether parts of a message are left. */
  get more() {
    return this.#rest.length > 0;
  }

  /** Whether there is something to receive that the core knows nothing of. */
  get isReady() {
    return this.more || this.#aside.length > 0;
  }

  /** Gives what `give` takes of the next message; where `loading` is a promise, when that is kept. */
  receive(give, flags, options, loading) {
    checkBits(flags, NOBLOCK, 'flags');
    const aborting = signalOf(checkOptions(options));
    const attempt = () => (this.#fetch() ? give(this) : WAIT);
    return this.#calls.attempt(this.#calls.receives, attempt, flags, this.timeout, aborting, loading);
  }

  /** Makes sure that there is a part to give. */
  #fetch() {
    if (this.#rest.length > 0) return true;
    if (this.#aside.length > 0) {
      [this.#rest, this.#peer] = this.#aside.shift();
      return true;
    }
    let message;
    do message = this.#next();
    while (message !== undefined && this.#calls.requests?.take(message));
    if (message === undefined) return false;
    if (isAddressed(this.#type)) this.#address = message.shift();
    this.#rest = message;
    this.#peer = undefined;
    return true;
  }

  /** The core's next message, if there is any. */
  #next() {
    let status = this.#core.recv();
    if (status < 0) {
      if (status === WOULD_BLOCK) return undefined;
      const error = takeFailure();
      // A receive without a request is right as long as a request waits to be sent.
      if (error.code === 'EFSM' && this.#type === REQ && !this.#calls.sends.isEmpty) return undefined;
      throw error;
    }
    const message = [take(status >> 1)];
    while ((status & 1) !== 0) {
      status = this.#core.nextPart();
      message.push(take(status >> 1));
    }
    return message;
  }

  /** Gives requests their replies, and sets aside what is none, as many messages as the core would hold. */
  collect() {
    const { requests } = this.#calls;
    const limit = this.#core.get(RCVHWM) || Infinity;
    if (this.more) this.#readPeer();
    while (this.#aside.length < limit) {
      let message;
      try {
        message = this.#next();
      } catch (error) {
        requests.lose(error);
      }
      if (message === undefined) return;
      if (!requests.take(message)) this.#aside.push([message, this.#lastPeer()]);
    }
  }

  #lastPeer() {
    return fromPairs(this.#core.lastPeer());
  }

  #readPeer() {
    return (this.#peer ??= this.#lastPeer());
  }

  part() {
    const rest = this.#rest;
    if (rest.length > 1) return rest.shift();
    this.#rest = NOTHING;
    return rest[0];
  }

  parts() {
    const parts = this.#rest;
    this.#rest = NOTHING;
    return parts;
  }

  frame(track) {
    const peer = this.#readPeer();
    const last = this.#rest.length === 1;
    const frame = receivedFrame(this.part(), !last, peer, track);
    if (this.#address !== undefined) readAddress(this.#type, frame, this.#address);
    return frame;
  }

  frames(track) {
    const frames = [];
    while (this.more) frames.push(this.frame(track));
    return frames;
  }
}
