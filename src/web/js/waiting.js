// Calls that wait: first come, first served, each with its time limit and its AbortSignal.

import { Again } from './errors.js';
import { checkBits, checkOptions, checkTimeout, signalOf } from './check.js';
import { NOBLOCK, POLLERR, POLLIN, POLLOUT, POLLPRI } from './constants.js';

export const POLL_FLAGS = POLLIN | POLLOUT | POLLERR | POLLPRI;

/** What an attempt gives when the call must go on waiting. */
export const WAIT = Symbol('wait');

/** One waiting call. */
export class Waiter {
  #timer;
  #signal;
  #onAbort;

  /** `attempt` gives the result, or WAIT, or throws. */
  constructor(attempt) {
    this.attempt = attempt;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  /** Ends the wait after `timeout` milliseconds (-1: never) by `onTimeout`, and by `onAbort` at the signal. */
  limit(timeout, onTimeout, signal, onAbort) {
    if (timeout >= 0) this.#timer = setTimeout(onTimeout, Math.min(timeout, 2 ** 31 - 1));
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => onAbort(signal.reason);
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
  }

  /** The wait is over, however it ended. */
  release() {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** Waiting calls of one kind. */
export class Line {
  #waiters = [];
  #head = 0;

  get isEmpty() {
    return this.#head === this.#waiters.length;
  }

  push(waiter) {
    this.#waiters.push(waiter);
  }

  remove(waiter) {
    const at = this.#waiters.indexOf(waiter, this.#head);
    if (at >= 0) this.#waiters.splice(at, 1);
  }

  /** Lets calls try in order until one must go on waiting. Tells whether any ended. */
  serve() {
    let served = false;
    while (!this.isEmpty && this.#try(this.#waiters[this.#head])) served = true;
    return served;
  }

  /** Lets all calls try: none takes from another what it looks for. */
  serveAll() {
    if (this.isEmpty) return;
    for (const waiter of this.#waiters.slice(this.#head)) this.#try(waiter);
  }

  /** Tells whether the call ended. */
  #try(waiter) {
    let result;
    let failure;
    try {
      result = waiter.attempt();
      if (result === WAIT) return false;
    } catch (error) {
      failure = { error };
    }
    // The attempt may have let others be served, or removed: find it again by what it is.
    if (this.#waiters[this.#head] === waiter) this.#advance();
    else this.remove(waiter);
    waiter.release();
    if (failure === undefined) waiter.resolve(result);
    else waiter.reject(failure.error);
    return true;
  }

  /** Ends every wait. */
  rejectAll(makeError) {
    const waiters = this.#waiters.slice(this.#head);
    this.#waiters = [];
    this.#head = 0;
    for (const waiter of waiters) {
      waiter.release();
      waiter.reject(makeError());
    }
  }

  #advance() {
    this.#waiters[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#waiters.length || this.#head === 1024) {
      this.#waiters.splice(0, this.#head);
      this.#head = 0;
    }
  }
}

const DONE = Promise.resolve(undefined);

/** A socket's calls, in three lines: receives, sends and polls. */
export class Calls {
  receives = new Line();
  sends = new Line();
  polls = new Line();
  /** The socket's Requests, once there are any. */
  requests = undefined;
  #serving = false;

  /**
   * Tries at once when nobody waits before it, and waits in line otherwise. Where `loading` is a promise, the call can't
   * be tried before that is kept, and waits in line whatever its time limit. With NOBLOCK, what is
   * done at once comes without a promise.
   */
  attempt(line, attempt, flags, timeout, signal, loading) {
    let isLoading = loading !== undefined;
    const result = line.isEmpty && !isLoading ? attempt() : WAIT;
    if (result !== WAIT) {
      this.serve();
      if ((flags & NOBLOCK) !== 0) return result;
      return result === undefined ? DONE : Promise.resolve(result);
    }
    const mayWait = (flags & NOBLOCK) === 0 && timeout !== 0;
    if (!mayWait && !isLoading) throw new Again();
    const waiter = new Waiter(isLoading ? () => (isLoading ? WAIT : attempt()) : attempt);
    const giveUp = () => waiter.reject(new Again());
    this.wait(line, waiter, mayWait ? timeout : -1, giveUp, signal);
    loading?.then(
      () => {
        isLoading = false;
        this.serve();
        if (!mayWait) this.#leave(line, waiter, giveUp);
      },
      (error) => this.#leave(line, waiter, () => waiter.reject(error)),
    );
    return waiter.promise;
  }

  /** Puts a waiter in line. */
  wait(line, waiter, timeout, onTimeout, signal) {
    line.push(waiter);
    if (timeout < 0 && signal === undefined) return;
    const leave = (settle) => this.#leave(line, waiter, settle);
    waiter.limit(timeout, () => leave(onTimeout), signal, (reason) => leave(() => waiter.reject(reason)));
  }

  /** Takes a waiter out of line, and then calls what settles it. */
  #leave(line, waiter, settle) {
    line.remove(waiter);
    waiter.release();
    settle();
    this.serve();
  }

  /** Waits for one of the events that `flags` names, as `events` gives them. Gives 0 when the time runs out. */
  poll(events, timeout, flags, options) {
    const mask = checkBits(flags, POLL_FLAGS, 'flags');
    const limit = checkTimeout(timeout);
    const signal = signalOf(checkOptions(options));
    const ready = events() & mask;
    if (ready !== 0 || limit === 0) return ready;
    const waiter = new Waiter(() => (events() & mask) || WAIT);
    this.wait(this.polls, waiter, limit, () => waiter.resolve(0), signal);
    return waiter.promise;
  }

  /** Something happened: lets the waiting calls try again. A receive may let a send go on, and back. */
  serve() {
    if (this.#serving) return;
    this.#serving = true;
    try {
      do this.requests?.collect();
      while (this.receives.serve() | this.sends.serve());
      this.polls.serveAll();
    } finally {
      this.#serving = false;
    }
  }

  /** Ends every wait. */
  rejectAll(makeError) {
    for (const line of [this.receives, this.sends, this.polls]) line.rejectAll(makeError);
    this.requests?.rejectAll(makeError);
  }
}

/** A promise of what `call` gives, rejected with what it throws. */
export function promised(call) {
  try {
    const result = call();
    return result instanceof Promise ? result : Promise.resolve(result);
  } catch (error) {
    return Promise.reject(error);
  }
}
