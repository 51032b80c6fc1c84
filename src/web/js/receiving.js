// How a socket receives: message by message from the core, and from there whole or part by part.

import { fromPairs, take, takeFailure } from './host.js';
import { NOBLOCK } from './constants.js';
import { checkBits, checkOptions, checkSignal } from './check.js';
import { Frame } from './frame.js';
import { WAIT } from './waiting.js';

/** What the core gives in place of a body when there is no message. */
const WOULD_BLOCK = -1;

const NOTHING = [];

export class Receiver {
  /** RCVTIMEO. Kept here: every call asks for it. */
  timeout = -1;
  #core;
  #calls;
  #mayAsk;
  /** Parts of the message received last that recv() has not given yet. */
  #rest = NOTHING;
  /** Who sent it, where a caller wants to know. */
  #peer = undefined;

  /** `mayAsk`: a receive without a request is right as long as a request waits to be sent. */
  constructor(core, calls, mayAsk) {
    this.#core = core;
    this.#calls = calls;
    this.#mayAsk = mayAsk;
  }

  /** Whether parts of a message are left. */
  get more() {
    return this.#rest.length > 0;
  }

  /** Gives what `give` takes of the next message; where `loading` is a promise, when that is kept. */
  receive(give, flags, options, loading) {
    checkBits(flags, NOBLOCK, 'flags');
    const aborting = checkSignal(checkOptions(options).signal);
    aborting?.throwIfAborted();
    const attempt = () => (this.#fetch() ? give(this) : WAIT);
    return this.#calls.attempt(this.#calls.receives, attempt, flags, this.timeout, aborting, loading);
  }

  /** Makes sure that there is a part to give. */
  #fetch() {
    if (this.#rest.length > 0) return true;
    let status = this.#core.recv();
    if (status < 0) {
      if (status === WOULD_BLOCK) return false;
      const error = takeFailure();
      if (error.code === 'EFSM' && this.#mayAsk && !this.#calls.sends.isEmpty) return false;
      throw error;
    }
    this.#peer = undefined;
    const parts = [take(status >> 1)];
    while ((status & 1) !== 0) {
      status = this.#core.nextPart();
      parts.push(take(status >> 1));
    }
    this.#rest = parts;
    return true;
  }

  part() {
    if (this.#rest.length > 1) return this.#rest.shift();
    const [part] = this.#rest;
    this.#rest = NOTHING;
    return part;
  }

  parts() {
    const parts = this.#rest;
    this.#rest = NOTHING;
    return parts;
  }

  frame() {
    this.#peer ??= fromPairs(this.#core.lastPeer());
    return Frame.received(this.part(), this.more, this.#peer);
  }

  frames() {
    const frames = [];
    while (this.more) frames.push(this.frame());
    return frames;
  }
}
