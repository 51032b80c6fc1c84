// The Context class.

import { ContextTerminated, ZMQError } from './host.js';
import { describe, invalid } from './check.js';
import { Core } from './core.js';
import { setOption } from './options.js';
import { Socket, finished, namedOptions, terminate } from './socket.js';

// libzmq's numbers of the options of a context.
const IO_THREADS = 1;
const MAX_SOCKETS = 2;
const SOCKET_LIMIT = 3;

/** As in libzmq. */
const MOST_SOCKETS = 65535;
const DEFAULT_MAX_SOCKETS = 1023;

/** Checks values: the core of no socket. */
const nobody = new Core(0);

let shared;
let contexts = 0;

export class Context {
  /** What a context shares with its shadows. */
  #state;
  /** Sockets made through this object. A shadow destroys no others. */
  #sockets = new Set();
  #isShadow;

  constructor(ioThreads = 1, options = {}) {
    const original = ioThreads instanceof Context ? ioThreads : options?.shadow;
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
      options: new Map([[IO_THREADS, ioThreads], [MAX_SOCKETS, DEFAULT_MAX_SOCKETS]]),
    };
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
    const socket = new Socket({ number, defaults, onFinished }, this, type, namedOptions(options));
    open.add(socket);
    this.#sockets.add(socket);
    return socket;
  }

  get(option) {
    if (option === SOCKET_LIMIT) return MOST_SOCKETS;
    const value = this.#state.options.get(option);
    if (value === undefined) throw invalid(`a context has no option ${describe(option)}`);
    return value;
  }

  set(option, value) {
    if (this.closed) throw new ContextTerminated();
    if (!this.#state.options.has(option)) throw invalid(`a context has no option ${describe(option)} that can be set`);
    const least = option === MAX_SOCKETS ? 1 : 0;
    if (!Number.isInteger(value) || value < least || value > MOST_SOCKETS) {
      throw invalid(`the context's option ${option} can't be ${describe(value)}: expected ${least} to ${MOST_SOCKETS}`);
    }
    this.#state.options.set(option, value);
  }

  setsockopt(option, value) {
    if (this.closed) throw new ContextTerminated();
    setOption(nobody, option, value);
    this.#state.defaults.set(option, value);
  }

  async term() {
    if (this.#isShadow) return;
    this.#state.closed = true;
    for (const socket of this.#state.open) terminate(socket);
    await Promise.all([...this.#state.open].map(finished));
  }

  async destroy(linger) {
    this.#closeAll(linger);
    await this.term();
  }

  #closeAll(linger) {
    for (const socket of [...this.#sockets]) socket.close(linger);
  }

  /** For `using`: what destroy() does, without waiting for it. */
  static dispose(context) {
    context.#closeAll();
    if (!context.#isShadow) context.#state.closed = true;
  }
}

if (Symbol.dispose !== undefined) {
  Context.prototype[Symbol.dispose] = function () {
    Context.dispose(this);
  };
}
if (Symbol.asyncDispose !== undefined) {
  Context.prototype[Symbol.asyncDispose] = function () {
    return this.destroy();
  };
}
