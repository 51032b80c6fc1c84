// Calls that wait: first come, first served, each with its time limit and its AbortSignal.

import { Again } from './errors.js';
import { checkBits, checkOptions, checkTimeout, signalOf } from './check.js';
import { NOBLOCK, POLLERR, POLLIN, POLLOUT, POLLPRI } from './constants.js';

export const POLL_FLAGS = POLLIN | POLLOUT | POLLERR | POLLPRI;

/** What an attempt gives when the call must go on waiting. */
export const WAIT = Symbol('wait');

/** One waiting call. */
export class Waiter {
  // Its neighbours in the line where it stands, if it stands in any.
  line;
  before;
  behind;
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
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}

/** Waiting calls of one kind, linked one to the next: any of them may leave, and most often it is the first. */
export class Line {
  #first;
  #last;

  get isEmpty() {
    return this.#first === undefined;
  }

  push(waiter) {
    waiter.line = this;
    waiter.before = this.#last;
    if (this.isEmpty) this.#first = waiter;
    else this.#last.behind = waiter;
    this.#last = waiter;
  }

  remove(waiter) {
    if (waiter.line !== this) return;
    const { before, behind } = waiter;
    waiter.line = waiter.before = waiter.behind = undefined;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
  }

  /** Lets calls try in order until one must go on waiting. Tells whether any ended. */
  serve() {
    let served = false;
    while (!this.isEmpty && this.#try(this.#first)) served = true;
    return served;
  }

  /** Lets all calls try: none takes from another what it looks for. */
  serveAll() {
    if (!this.isEmpty) for (const waiter of this.#all()) this.#try(waiter);
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
    this.remove(waiter);
    waiter.release();
    if (failure === undefined) waiter.resolve(result);
    else waiter.reject(failure.error);
    return true;
  }

  /** Ends every wait. */
  rejectAll(makeError) {
    for (const waiter of this.#all()) {
      this.remove(waiter);
      waiter.release();
      waiter.reject(makeError());
    }
  }

  #all() {
    const all = [];
    for (let waiter = this.#first; waiter !== undefined; waiter = waiter.behind) all.push(waiter);
    return all;
  }
}

const DONE = Promise.resolve(undefined);

// What settles a call whose time has run out.
const giveUp = (waiter) => waiter.reject(new Again());
const giveNothing = (waiter) => waiter.resolve(0);

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
    const mayWait = (flags & NOBLOCK) === 0 && timeout !== 0;
    if (loading !== undefined) return this.#load(line, attempt, mayWait ? timeout : 0, signal, loading);
    const result = line.isEmpty ? attempt() : WAIT;
    if (result !== WAIT) {
      this.serve();
      if ((flags & NOBLOCK) !== 0) return result;
      return result === undefined ? DONE : Promise.resolve(result);
    }
    if (!mayWait) throw new Again();
    const waiter = new Waiter(attempt);
    this.#wait(line, waiter, timeout, signal, giveUp);
    return waiter.promise;
  }

  /** Waits in line whatever the time limit is, and at 0 tries once. */
  #load(line, attempt, timeout, signal, loading) {
    let isLoading = true;
    const waiter = new Waiter(() => (isLoading ? WAIT : attempt()));
    this.#wait(line, waiter, timeout === 0 ? -1 : timeout, signal, giveUp);
    loading.then(
      () => {
        isLoading = false;
        this.serve();
        if (timeout === 0) this.#leave(line, waiter, giveUp);
      },
      (error) => this.#leave(line, waiter, () => waiter.reject(error)),
    );
    return waiter.promise;
  }

  /** Puts a waiter in line. When its time runs out, `onTimeout` settles it. */
  #wait(line, waiter, timeout, signal, onTimeout) {
    line.push(waiter);
    if (timeout >= 0 || signal !== undefined) this.#limit(line, waiter, timeout, signal, onTimeout);
  }

  #limit(line, waiter, timeout, signal, onTimeout) {
    const leave = (settle) => this.#leave(line, waiter, settle);
    waiter.limit(timeout, () => leave(onTimeout), signal, (reason) => leave(() => waiter.reject(reason)));
  }

  /** Takes a waiter out of line, and then calls what settles it. */
  #leave(line, waiter, settle) {
    line.remove(waiter);
    waiter.release();
    settle(waiter);
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
    this.#wait(this.polls, waiter, limit, signal, giveNothing);
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
