// The Socket class: what users call, around the core in wasm. Calls that can end at once do, without
// waiting in line; the others wait in three lines: receives, sends and polls.

import { ContextTerminated, ZMQError } from './errors.js';
import { register } from './sockets.js';
import { CHANNEL, DGRAM, EVENTS, NOBLOCK, PEER, POLLIN, RCVMORE, RCVTIMEO, SNDTIMEO, STREAM } from './constants.js';
import {
  checkConnect, checkFunction, checkLinger, checkOptions, checkParts, checkString, describe, invalid,
} from './check.js';
import { Core } from './core.js';
import { octetsOf } from './frame.js';
import { transportOf, transports } from './links.js';
import { Listeners } from './listening.js';
import { Monitor, SocketEvent, nameOf } from './monitor.js';
import { defineProperties, optionNumber, setOption } from './options.js';
import { withPickle } from './pickles.js';
import { bindToRandomPort } from './ports.js';
import { Receiver, frame, frames, part, parts, trackedFrame, trackedFrames } from './receiving.js';
import { Requests } from './requests.js';
import { Sender } from './sending.js';
import { iteratorOf, readableFrom, writableTo } from './streams.js';
import { decode, encode, parseJson, toJson } from './text.js';
import { Calls, Waiter, promised } from './waiting.js';

// What Context and Poller need of a socket, and nobody else: set by the class, which alone can see inside.
/** For Context: pending calls of an open socket end when its context does. */
export let terminate;
/** For Context: resolves when what lingered is gone. */
export let finished;
/** For Poller: tries again whenever something has happened, until it is stopped or the socket closed. */
export let watch;

export class Socket extends EventTarget {
  #core;
  #type;
  #context;
  #closed = false;
  #finished;
  #calls = new Calls();
  #listeners;
  #sender;
  #receiver;
  #monitors = new Set();
  #readable;
  #writable;

  static {
    terminate = (socket) => socket.#calls.rejectAll(() => new ContextTerminated());
    finished = (socket) => socket.#finished;
    watch = (socket, attempt) => {
      const { polls } = socket.#calls;
      const waiter = new Waiter(attempt);
      polls.push(waiter);
      return { ended: waiter.promise, stop: () => polls.remove(waiter) };
    };
  }

  /** For Context.socket() only. `owner` is told when the socket is closed and when it is finished. */
  constructor(owner, context, type, options) {
    super();
    if (!Number.isInteger(type) || type < 0 || type > CHANNEL) {
      throw invalid(`there is no type of socket ${describe(type)}`);
    }
    if (type === STREAM || type === DGRAM) throw invalid('STREAM and DGRAM, which are not ZMTP, are not supported');
    this.#context = context;
    this.#type = type;
    this.#finished = new Promise((resolve) => {
      this.#core = register((number) => new Core(number, owner.number, type), {
        onReady: () => this.#calls.serve(),
        onEvent: (detail) => this.#announce(detail),
        onFinished: () => {
          for (const monitor of this.#monitors) monitor.end();
          owner.onFinished(this);
          resolve();
        },
      });
    });
    this.#listeners = new Listeners(this.#core, (detail) => this.#announce(detail));
    this.#sender = new Sender(this.#core, this.#calls, type);
    this.#receiver = new Receiver(this.#core, this.#calls, type);
    for (const [option, value] of owner.defaults) {
      try {
        setOption(this.#core, option, value);
      } catch {
        // As in pyzmq: a default that this type of socket does not take is not for it.
      }
    }
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

  bind(endpoint, options) {
    return promised(() => {
      this.#open();
      return this.#listeners.bind(endpoint, options);
    });
  }

  bindToRandomPort(endpoint, options) {
    return bindToRandomPort((numbered) => this.bind(numbered), endpoint, options);
  }

  unbind(endpoint) {
    return promised(() => this.unbindSync(endpoint));
  }

  connect(endpoint, options) {
    this.#dial(endpoint, options);
  }

  connectPeer(endpoint, options) {
    if (this.#type !== PEER) throw new ZMQError('ENOTSUP', 'connectPeer() is for PEER sockets');
    return this.#dial(endpoint, options);
  }

  #dial(endpoint, options) {
    const core = this.#open();
    const connect = transportOf(core, checkString(endpoint, 'an endpoint'), 'connect');
    const number = core.connect(endpoint, (connect?.check ?? checkConnect)(options));
    // There is room for messages from now on, before anybody answers.
    this.#calls.serve();
    return number;
  }

  disconnect(endpoint) {
    this.#open().disconnect(checkString(endpoint, 'an endpoint'));
  }

  accept(webSocket, options) {
    this.#serve('accept', webSocket, options);
  }

  upgrade(...given) {
    return this.#serve('upgrade', ...given);
  }

  /** What only servers' entries bring along. */
  #serve(deed, ...given) {
    this.#open();
    const found = transports.get('ws')[deed];
    if (found === undefined) throw new ZMQError('ENOTSUP', `${deed}() is for servers`);
    return found(this.#listeners.adopting, ...given);
  }

  // ---- Sending ----------------------------------------------------------------------------------

  send(data, flags = 0, options) {
    return promised(() => this.#send([data], flags, options));
  }

  sendMultipart(message, flags = 0, options) {
    return promised(() => this.#send(checkParts(message), flags, options));
  }

  sendString(text, flags = 0, options) {
    return promised(() => this.#send([encode(text, checkOptions(options).encoding)], flags, options));
  }

  sendJson(value, flags = 0, options) {
    return promised(() => {
      const { replacer, space } = checkOptions(options);
      return this.#send([toJson(value, replacer, space)], flags, options);
    });
  }

  sendSerialized(value, serialize, flags = 0, options) {
    return promised(() => this.sendMultipart(checkFunction(serialize, 'serialize')(value), flags, options));
  }

  sendPyobj(value, flags = 0, protocol, options) {
    return promised(() => this.#send(withPickle(({ dumps }) => [dumps(value, protocol)]), flags, options));
  }

  #send(message, flags, options) {
    this.#open();
    return this.#sender.send(message, flags, options);
  }

  // ---- Receiving --------------------------------------------------------------------------------

  recv(flags = 0, options) {
    return promised(() => {
      const { copy, track } = checkOptions(options);
      return this.#receive(copy !== false ? part : track ? trackedFrame : frame, flags, options);
    });
  }

  recvMultipart(flags = 0, options) {
    return promised(() => {
      const { copy, track } = checkOptions(options);
      return this.#receive(copy !== false ? parts : track ? trackedFrames : frames, flags, options);
    });
  }

  recvString(flags = 0, options) {
    return promised(() => {
      const { encoding } = checkOptions(options);
      decode(new Uint8Array(0), encoding); // a bad encoding is refused before a message is taken
      return this.#receive((receiver) => decode(receiver.part(), encoding), flags, options);
    });
  }

  recvJson(flags = 0, options) {
    return promised(() => {
      const { reviver } = checkOptions(options);
      return this.#receive((receiver) => parseJson(receiver.part(), reviver), flags, options);
    });
  }

  recvSerialized(deserialize, flags = 0, options) {
    return promised(() => {
      checkFunction(deserialize, 'deserialize');
      return this.#receive((receiver) => deserialize(receiver.parts()), flags, options);
    });
  }

  recvPyobj(flags = 0, options) {
    return promised(() => {
      let loads;
      const loading = withPickle((pickle) => void ({ loads } = pickle));
      return this.#receive((receiver) => loads(receiver.part()), flags, options, loading);
    });
  }

  #receive(give, flags, options, loading) {
    this.#open();
    return this.#receiver.receive(give, flags, options, loading);
  }

  request(message, options) {
    return promised(() => {
      this.#open();
      this.#calls.requests ??= new Requests(this.#type, this.#calls, this.#sender, this.#receiver);
      return this.#calls.requests.request(message, options);
    });
  }

  // ---- At once ----------------------------------------------------------------------------------
  // For who can't await, such as other languages: what can't be done at once fails with Again.

  bindSync(endpoint) {
    this.#open();
    return this.#listeners.bindSync(endpoint);
  }

  unbindSync(endpoint) {
    this.#open();
    this.#listeners.unbind(endpoint);
  }

  sendSync(message, options) {
    this.#send(checkParts(Array.isArray(message) ? message : [message]), NOBLOCK, options);
  }

  recvSync() {
    return this.#receive(frames, NOBLOCK);
  }

  // ---- Streams ----------------------------------------------------------------------------------

  [Symbol.asyncIterator]() {
    return iteratorOf(this.#taking, () => this.#closed);
  }

  get readable() {
    if (this.#readable === undefined) {
      this.#open();
      this.#readable = readableFrom(this.#taking, () => (this.#readable = undefined));
    }
    return this.#readable.stream;
  }

  get writable() {
    if (this.#writable !== undefined) return this.#writable;
    this.#open();
    const send = (message, signal) => this.sendMultipart(message, 0, { signal });
    return (this.#writable = writableTo(send, () => (this.#writable = undefined)));
  }

  #taking = async (give, signal) => this.#receive(give, 0, { signal });

  // ---- Waiting ----------------------------------------------------------------------------------

  poll(timeout = -1, flags = POLLIN, options) {
    return promised(() => {
      if (this.#closed) throw new ZMQError('ENOTSUP', 'a closed socket can\'t be polled');
      return this.#calls.poll(() => this.get(EVENTS), timeout, flags, options);
    });
  }

  // ---- Options ----------------------------------------------------------------------------------

  set(option, value) {
    setOption(this.#open(), option, value);
    this.#readTimeouts();
    this.#calls.serve();
  }

  #readTimeouts() {
    this.#receiver.timeout = this.#core.get(RCVTIMEO);
    this.#sender.timeout = this.#core.get(SNDTIMEO);
  }

  get(option) {
    const core = this.#open();
    if (option === RCVMORE) return this.#receiver.more ? 1 : 0;
    const value = core.get(optionNumber(option));
    return option === EVENTS && this.#receiver.isReady ? value | POLLIN : value;
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

  join(group) {
    this.#open().join(encode(group), true);
  }

  leave(group) {
    this.#open().join(encode(group), false);
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

  #announce(event) {
    const detail = { name: nameOf(event.event), ...event };
    for (const monitor of this.#monitors) monitor.push(detail);
    // Listeners run later: the core may be in the middle of something.
    queueMicrotask(() => this.dispatchEvent(new SocketEvent(detail)));
  }

  // ---- The end ----------------------------------------------------------------------------------

  close(linger) {
    if (this.#closed) return;
    this.#core.close(checkLinger(linger));
    this.#listeners.closeAll();
    this.#closed = true;
    this.#readable?.end();
    this.#calls.rejectAll(() => new ZMQError('ECANCELED', 'the socket was closed while the call was pending'));
  }

  /** The core of a socket that is open. */
  #open() {
    if (this.#closed) throw new ZMQError('ENOTSOCK', 'the socket is closed');
    if (this.#context.closed) throw new ContextTerminated();
    return this.#core;
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
    await finished(this);
  };
}
