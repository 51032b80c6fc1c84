// The Socket class: what users call, around the core in wasm. Calls that can end at once do, without
// waiting in line; the others wait in three lines: receives, sends and polls.

import { Again, ContextTerminated, ZMQError, fromPairs, put, register, take } from './host.js';
import {
  DEALER, EVENTS, NOBLOCK, PAIR, POLLIN, POLLOUT, PUB, PULL, PUSH, RCVMORE, RCVTIMEO, REP, REQ, ROUTER, SNDMORE, SNDTIMEO,
  SUB, XPUB, XSUB,
} from './constants.js';
import {
  checkBits, checkFunction, checkOptions, checkSignal, checkString, checkTimeout, describe, invalid,
} from './check.js';
import { Frame, MessageTracker, decode, encode, imageOf, octetsOf, parseJson, toJson } from './frame.js';
import { Monitor, SocketEvent } from './monitor.js';
import { defineProperties, optionByName, optionNumber, setOption } from './options.js';
import { Line, WAIT, Waiter } from './waiting.js';
import { SocketCore } from '#bindgen';

// What the core gives in place of a number that is not negative.
const WOULD_BLOCK = -1;
const REPLY_PENDING = -2;

const TYPES = new Set([PAIR, PUB, SUB, REQ, REP, DEALER, ROUTER, PULL, PUSH, XPUB, XSUB]);
const SENT = Promise.resolve(undefined);
const NOTHING = [];

export class Socket extends EventTarget {
  #core;
  #type;
  #context;
  #closed = false;
  #finished;
  #receives = new Line();
  #sends = new Line();
  #polls = new Line();
  #serving = false;
  /** Parts of the message received last that recv() has not given yet. */
  #rest = NOTHING;
  /** Who sent it, where a caller wants to know. */
  #peer = undefined;
  /** Parts that SNDMORE has announced. */
  #begun = [];
  #rcvtimeo;
  #sndtimeo;
  #monitors = new Set();

  /** For Context.socket() only. `owner` is told when the socket is closed and when it is finished. */
  constructor(owner, context, type, options) {
    super();
    if (!TYPES.has(type)) throw invalid(`there is no type of socket ${describe(type)}`);
    this.#context = context;
    this.#type = type;
    this.#finished = new Promise((resolve) => {
      const seed = Math.random();
      this.#core = register((id) => new SocketCore(owner.core, type, id, seed), {
        onReady: () => this.#serve(),
        onEvent: (detail) => this.#announce(detail),
        onFinished: () => {
          for (const monitor of this.#monitors) monitor.end();
          owner.onFinished(this);
          resolve();
        },
      });
    });
    this.#readTimeouts();
    try {
      for (const [option, value] of options) this.set(option, value);
    } catch (error) {
      this.close(0);
      throw error;
    }
  }

  get type() {
    return this.#type;
  }

  get closed() {
    return this.#closed;
  }

  get context() {
    return this.#context;
  }

  // ---- Endpoints --------------------------------------------------------------------------------

  bind(endpoint) {
    return this.#promise(() => this.#open().bind(checkString(endpoint, 'an endpoint')));
  }

  unbind(endpoint) {
    return this.#promise(() => this.#open().unbind(checkString(endpoint, 'an endpoint')));
  }

  connect(endpoint, options) {
    const { protocols, headers } = checkOptions(options);
    const isList = Array.isArray(protocols) && protocols.every((name) => typeof name === 'string');
    if (protocols !== undefined && !isList) {
      throw invalid(`protocols are a list of sub-protocols, not ${describe(protocols)}`);
    }
    if (headers !== undefined && typeof document !== 'undefined') {
      throw new ZMQError('ENOTSUP', "a page's WebSocket can't send headers: use the path, a query or a cookie");
    }
    this.#open().connect(checkString(endpoint, 'an endpoint'), protocols, headers);
  }

  disconnect(endpoint) {
    this.#open().disconnect(checkString(endpoint, 'an endpoint'));
  }

  // ---- Sending ----------------------------------------------------------------------------------

  send(data, flags = 0, options) {
    return this.#promise(() => this.#sendParts([data], flags, options));
  }

  sendMultipart(parts, flags = 0, options) {
    return this.#promise(() => {
      if (!Array.isArray(parts) || parts.length === 0) {
        throw invalid(`a multipart message is a list of at least one part, not ${describe(parts)}`);
      }
      return this.#sendParts(parts, flags, options);
    });
  }

  sendString(text, flags = 0, options) {
    return this.#promise(() => this.#sendParts([encode(text, checkOptions(options).encoding)], flags, options));
  }

  sendJson(value, flags = 0, options) {
    return this.#promise(() => {
      const { replacer, space } = checkOptions(options);
      return this.#sendParts([toJson(value, replacer, space)], flags, options);
    });
  }

  sendSerialized(value, serialize, flags = 0, options) {
    return this.#promise(() => {
      const parts = checkFunction(serialize, 'serialize')(value);
      return this.sendMultipart(parts, flags, options);
    });
  }

  #sendParts(parts, flags, options) {
    this.#open();
    checkBits(flags, NOBLOCK | SNDMORE, 'flags');
    const { track, signal } = checkOptions(options);
    const aborting = checkSignal(signal);
    aborting?.throwIfAborted();
    const images = parts.map(imageOf);
    if ((flags & SNDMORE) !== 0 && this.#begun.length > 0) {
      this.#begun.push(...images);
      return this.#sentResult(parts, track);
    }
    const attempt = () => {
      if ((flags & SNDMORE) !== 0) {
        // As in libzmq, it is the first part that waits for room.
        if ((this.#core.events() & POLLOUT) === 0) return this.#refused(WOULD_BLOCK, images);
        this.#begun.push(...images);
        return undefined;
      }
      const status = this.#transmit(images);
      if (status < 0) return this.#refused(status, images);
      this.#begun = [];
      return undefined;
    };
    const result = this.#attempt(this.#sends, attempt, flags, this.#sndtimeo, aborting);
    return track || parts.some((part) => part instanceof Frame)
      ? result.then(() => this.#sentResult(parts, track))
      : result;
  }

  /** Hands a message to the core: all that SNDMORE has announced, and these parts. */
  #transmit(images) {
    const message = this.#begun.length > 0 ? [...this.#begun, ...images] : images;
    const last = message.length - 1;
    for (let at = 0; at < last; at += 1) this.#core.part(put(message[at]), message[at].length - 1);
    return this.#core.send(put(message[last]), message[last].length - 1);
  }

  /** A send that the core did not take: it waits, or it fails for good. */
  #refused(status, images) {
    if (status === WOULD_BLOCK || status === REPLY_PENDING) {
      this.#why = status;
      return WAIT;
    }
    throw this.#core.takeError();
  }

  /** Which of the two reasons the last attempt had to wait. */
  #why = WOULD_BLOCK;

  #sentResult(parts, track) {
    for (const part of parts) if (part instanceof Frame) Frame.sent(part);
    return track ? new MessageTracker() : undefined;
  }

  // ---- Receiving --------------------------------------------------------------------------------

  recv(flags = 0, options) {
    return this.#promise(() => {
      const { copy } = checkOptions(options);
      return this.#receive(copy === false ? () => this.#nextFrame() : () => this.#nextPart(), flags, options);
    });
  }

  recvMultipart(flags = 0, options) {
    return this.#promise(() => {
      const { copy } = checkOptions(options);
      return this.#receive(copy === false ? () => this.#allFrames() : () => this.#allParts(), flags, options);
    });
  }

  recvString(flags = 0, options) {
    return this.#promise(() => {
      const { encoding } = checkOptions(options);
      decode(new Uint8Array(0), encoding); // a bad encoding is refused before a message is taken
      return this.#receive(() => decode(this.#nextPart(), encoding), flags, options);
    });
  }

  recvJson(flags = 0, options) {
    return this.#promise(() => {
      const { reviver } = checkOptions(options);
      return this.#receive(() => parseJson(this.#nextPart(), reviver), flags, options);
    });
  }

  recvSerialized(deserialize, flags = 0, options) {
    return this.#promise(() => {
      checkFunction(deserialize, 'deserialize');
      return this.#receive(() => deserialize(this.#allParts()), flags, options);
    });
  }

  #receive(give, flags, options) {
    this.#open();
    checkBits(flags, NOBLOCK, 'flags');
    const aborting = checkSignal(checkOptions(options).signal);
    aborting?.throwIfAborted();
    return this.#attempt(this.#receives, () => (this.#fetch() ? give() : WAIT), flags, this.#rcvtimeo, aborting);
  }

  /** Makes sure that there is a part to give. */
  #fetch() {
    if (this.#rest.length > 0) return true;
    let status = this.#core.recv();
    if (status < 0) {
      if (status === WOULD_BLOCK) return false;
      const error = this.#core.takeError();
      // A REQ may be asked for its reply while the request still waits to be sent.
      if (error.code === 'EFSM' && this.#type === REQ && !this.#sends.isEmpty) return false;
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

  #nextPart() {
    if (this.#rest.length > 1) return this.#rest.shift();
    const [part] = this.#rest;
    this.#rest = NOTHING;
    return part;
  }

  #allParts() {
    const parts = this.#rest;
    this.#rest = NOTHING;
    return parts;
  }

  #nextFrame() {
    this.#peer ??= fromPairs(this.#core.lastPeer() ?? []);
    return Frame.received(this.#nextPart(), this.#rest.length > 0, this.#peer);
  }

  #allFrames() {
    const frames = [];
    while (this.#rest.length > 0) frames.push(this.#nextFrame());
    return frames;
  }

  /** REQ only: sends a request and gives its own reply. Requests wait for each other in turn. */
  request(parts, options) {
    return this.#promise(async () => {
      const { timeout = -1, signal } = checkOptions(options);
      if (this.#type !== REQ) throw new ZMQError('ENOTSUP', 'request() is for REQ sockets');
      const limit = checkTimeout(timeout);
      checkSignal(signal)?.throwIfAborted();
      const controller = new AbortController();
      const abort = (reason) => controller.abort(reason);
      const timer = limit >= 0 ? setTimeout(() => abort(new Again('no reply came in time')), limit) : undefined;
      const onAbort = () => abort(signal.reason);
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        await this.sendMultipart(Array.isArray(parts) ? parts : [parts], 0, { signal: controller.signal });
        const reply = this.#receive(() => this.#allParts(), 0, undefined);
        // When the caller gives up, the reply is still received, so that the socket can ask again.
        reply.catch(() => {});
        return await Promise.race([reply, rejection(controller.signal)]);
      } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
      }
    });
  }

  // ---- Waiting ----------------------------------------------------------------------------------

  /** Tries at once when nobody waits before it, and waits in line otherwise. */
  #attempt(line, attempt, flags, timeout, signal) {
    this.#why = line.isEmpty ? this.#why : WOULD_BLOCK;
    const result = line.isEmpty ? attempt() : WAIT;
    if (result !== WAIT) {
      this.#serve();
      return result === undefined ? SENT : Promise.resolve(result);
    }
    if ((flags & NOBLOCK) !== 0 || timeout === 0) {
      if (line === this.#sends && line.isEmpty && this.#why === REPLY_PENDING && (flags & NOBLOCK) !== 0) {
        throw new ZMQError('EFSM', 'a REQ socket must receive the reply to its last request first');
      }
      throw new Again();
    }
    const waiter = new Waiter(attempt);
    this.#wait(line, waiter, timeout, () => waiter.reject(new Again()), signal);
    return waiter.promise;
  }

  #wait(line, waiter, timeout, onTimeout, signal) {
    const leave = (settle) => {
      line.remove(waiter);
      waiter.release();
      settle();
      this.#serve();
    };
    waiter.limit(timeout, () => leave(onTimeout), signal, (reason) => leave(() => waiter.reject(reason)));
    line.push(waiter);
  }

  /** Something happened: lets the waiting calls try again. A receive may let a send go on, and back. */
  #serve() {
    if (this.#serving || this.#closed) return;
    this.#serving = true;
    try {
      while (this.#receives.serve() | this.#sends.serve());
      this.#polls.serve();
    } finally {
      this.#serving = false;
    }
  }

  poll(timeout = -1, flags = POLLIN, options) {
    return this.#promise(() => {
      if (this.#closed) throw new ZMQError('ENOTSUP', 'a closed socket can\'t be polled');
      const mask = checkBits(flags, POLLIN | POLLOUT, 'flags');
      const limit = checkTimeout(timeout);
      const signal = checkSignal(checkOptions(options).signal);
      signal?.throwIfAborted();
      const ready = this.get(EVENTS) & mask;
      if (ready !== 0 || limit === 0) return ready;
      const waiter = this.#pollWaiter(mask);
      this.#wait(this.#polls, waiter, limit, () => waiter.resolve(0), signal);
      return waiter.promise;
    });
  }

  #pollWaiter(mask) {
    return new Waiter(() => (this.get(EVENTS) & mask) || WAIT);
  }

  /** For Poller: calls back once when one of the events is there; gives a function that takes that back. */
  static watch(socket, mask, onReady, onClosed) {
    const waiter = socket.#pollWaiter(mask);
    waiter.promise.then(onReady, onClosed);
    socket.#polls.push(waiter);
    return () => socket.#polls.remove(waiter);
  }

  // ---- Options ----------------------------------------------------------------------------------

  set(option, value) {
    setOption(this.#open(), option, value);
    this.#readTimeouts();
    this.#serve();
  }

  /** Kept here: every call asks for them. */
  #readTimeouts() {
    this.#rcvtimeo = this.#core.get(RCVTIMEO);
    this.#sndtimeo = this.#core.get(SNDTIMEO);
  }

  get(option) {
    const core = this.#open();
    if (option === RCVMORE) return this.#rest.length > 0 ? 1 : 0;
    const value = core.get(optionNumber(option));
    return option === EVENTS && this.#rest.length > 0 ? value | POLLIN : value;
  }

  setString(option, value, encoding) {
    this.set(option, encode(value, encoding));
  }

  getString(option, encoding) {
    const value = this.get(option);
    if (!(value instanceof Uint8Array)) throw invalid(`option ${option} is a number, not text`);
    return decode(value, encoding);
  }

  setsockopt(option, value) {
    this.set(option, value);
  }

  getsockopt(option) {
    return this.get(option);
  }

  setsockoptString(option, value, encoding) {
    this.setString(option, value, encoding);
  }

  subscribe(topic) {
    this.#open().subscribe(octetsOf(topic), true);
  }

  unsubscribe(topic) {
    this.#open().subscribe(octetsOf(topic), false);
  }

  // ---- Events -----------------------------------------------------------------------------------

  monitor(events) {
    this.#open();
    const monitor = new Monitor(events, (ended) => this.#monitors.delete(ended));
    this.#monitors.add(monitor);
    return monitor;
  }

  #announce(detail) {
    for (const monitor of this.#monitors) monitor.push(detail);
    // Listeners run later: the core may be in the middle of something.
    queueMicrotask(() => this.dispatchEvent(new SocketEvent(detail)));
  }

  // ---- The end ----------------------------------------------------------------------------------

  close(linger) {
    if (this.#closed) return;
    const limit = linger ?? undefined;
    if (limit !== undefined && !Number.isInteger(limit)) {
      throw invalid(`linger is -1 or a number of milliseconds, not ${describe(linger)}`);
    }
    this.#core.close(limit);
    this.#closed = true;
    this.#rejectAll(() => new ZMQError('ECANCELED', 'the socket was closed while the call was pending'));
  }

  /** For Context: pending calls of an open socket end when its context does. */
  static terminate(socket) {
    socket.#rejectAll(() => new ContextTerminated());
  }

  /** For Context: resolves when what lingered is gone. */
  static finished(socket) {
    return socket.#finished;
  }

  #rejectAll(makeError) {
    for (const line of [this.#receives, this.#sends, this.#polls]) line.rejectAll(makeError);
  }

  async *[Symbol.asyncIterator]() {
    while (!this.#closed) {
      let parts;
      try {
        parts = await this.recvMultipart();
      } catch (error) {
        if (this.#closed) return;
        throw error;
      }
      yield parts;
    }
  }

  /** The core of a socket that is open. */
  #open() {
    if (this.#closed) throw new ZMQError('ENOTSOCK', 'the socket is closed');
    if (this.#context.closed) throw new ContextTerminated();
    return this.#core;
  }

  /** A promise of what `call` gives, rejected with what it throws. */
  #promise(call) {
    try {
      const result = call();
      return result instanceof Promise ? result : Promise.resolve(result);
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

defineProperties(Socket.prototype);

if (Symbol.dispose !== undefined) {
  Socket.prototype[Symbol.dispose] = function () {
    this.close();
  };
}
if (Symbol.asyncDispose !== undefined) {
  Socket.prototype[Symbol.asyncDispose] = async function () {
    this.close();
    await Socket.finished(this);
  };
}

/** A promise that only ever rejects: when the signal is aborted. */
function rejection(signal) {
  return new Promise((_, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}

/** Options given by name, as Context.socket() takes them. */
export function namedOptions(options) {
  return Object.entries(checkOptions(options))
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => [optionByName(name), value]);
}
