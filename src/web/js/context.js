// The Context class.

import { ContextTerminated, ZMQError } from './errors.js';
import { checkLinger, checkOptions, describe, invalid } from './check.js';
import { IO_THREADS, MAX_SOCKETS } from './constants.js';
import { ContextOptions } from './context_options.js';
import { Core } from './core.js';
import { defineDefaults, namedOptions, optionNumber, setOption } from './options.js';
import { Socket, finished, terminate } from './socket.js';

/** Checks values: the core of no socket. */
const nobody = new Core(0);

let shared;
let contexts = 0;
let dispose;

export class Context {
  /** What a context shares with its shadows. */
  #state;
  /** Sockets made through this object. A shadow destroys no others. */
  #sockets = new Set();
  #isShadow;

  static {
    // For `using`: what destroy() does, without waiting for it.
    dispose = (context) => {
      context.#closeAll();
      if (!context.#isShadow) context.#state.closed = true;
    };
  }

  constructor(ioThreads = 1, options) {
    const { shadow } = checkOptions(options);
    const original = ioThreads instanceof Context ? ioThreads : shadow;
    this.#isShadow = original !== undefined;
    if (this.#isShadow) {
      if (!(original instanceof Context)) throw invalid(`shadow is a Context, not ${describe(original)}`);
      this.#state = original.#state;
      return;
    }
    if (!Number.isInteger(ioThreads) || ioThreads < 0) {
      throw invalid(`ioThreads is 0 or a positive number, not ${describe(ioThreads)}`);
    }
    this.#state = {
      number: (contexts += 1),
      defaults: new Map(),
      open: new Set(),
      closed: false,
      options: new ContextOptions(),
    };
    this.set(IO_THREADS, ioThreads);
  }

  static instance() {
    if (shared === undefined || shared.closed) shared = new Context();
    return shared;
  }

  static shadow(context) {
    return new Context(1, { shadow: context });
  }

  get closed() {
    return this.#state.closed;
  }

  socket(type, options) {
    if (this.closed) throw new ContextTerminated();
    const { number, defaults, open, options: limits } = this.#state;
    if (open.size >= limits.get(MAX_SOCKETS)) {
      throw new ZMQError('EMFILE', `this context has ${open.size} sockets, as many as MAX_SOCKETS allows`);
    }
    const onFinished = (gone) => {
      open.delete(gone);
      this.#sockets.delete(gone);
    };
    const before = [...limits.defaults(), ...defaults];
    const socket = new Socket({ number, defaults: before, onFinished }, this, type, namedOptions(options));
    open.add(socket);
    this.#sockets.add(socket);
    return socket;
  }

  get(option) {
    return this.#state.options.get(option);
  }

  set(option, value) {
    if (this.closed) throw new ContextTerminated();
    this.#state.options.set(option, value);
  }

  setsockopt(option, value) {
    if (this.closed) throw new ContextTerminated();
    setOption(nobody, option, value);
    this.#state.defaults.set(option, value);
  }

  getsockopt(option) {
    return this.#state.defaults.get(optionNumber(option));
  }

  async term() {
    if (this.#isShadow) return;
    this.#state.closed = true;
    for (const socket of this.#state.open) terminate(socket);
    await Promise.all([...this.#state.open].map(finished));
  }

  async destroy(linger) {
    checkLinger(linger);
    this.#closeAll(linger);
    await this.term();
  }

  #closeAll(linger) {
    for (const socket of [...this.#sockets]) socket.close(linger);
  }
}

defineDefaults(Context.prototype);

if (Symbol.dispose !== undefined) {
  Context.prototype[Symbol.dispose] = function () {
    dispose(this);
  };
}
if (Symbol.asyncDispose !== undefined) {
  Context.prototype[Symbol.asyncDispose] = function () {
    return this.destroy();
  };
}
