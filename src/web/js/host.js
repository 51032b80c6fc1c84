// What must not enter wasm: the bodies of messages and the WebSockets they come by; and what wasm calls.
// This module imports nothing, so that wasm-bindgen can carry it anywhere.

// ---- Bodies -------------------------------------------------------------------------------------
// A body is kept as the WebSocket message it came in or will go out in: the flag octet, then the body.
// So a received body is a view on the WebSocket's own buffer, and one to be sent is copied once. A body that its sender
// gave away is kept as it is, and only copied where it leaves by a WebSocket.

const images = [new Uint8Array(1)]; // 0 is the empty body that the engine makes; it is never released
const starts = [1]; // where the body begins: behind the flag octet, or at 0 where there is no place for one
const references = [1];
const free = [];
const onFree = new Map();

/** Stores an image (flag octet and body) and gives its number, with one reference. */
export function put(image, start = 1) {
  const body = free.length > 0 ? free.pop() : images.length;
  images[body] = image;
  starts[body] = start;
  references[body] = 1;
  return body;
}

/** Has `call` called when the body is no longer needed. */
export function whenFree(body, call) {
  onFree.set(body, call);
}

/** The body with this number, as a view; gives the reference back. */
export function take(body) {
  const view = images[body].subarray(starts[body]);
  if (body !== 0) release(body);
  return view;
}

export function retain(body) {
  references[body] += 1;
}

export function release(body) {
  references[body] -= 1;
  if (references[body] === 0) {
    images[body] = undefined;
    free.push(body);
    if (onFree.size > 0) {
      const call = onFree.get(body);
      onFree.delete(body);
      call?.();
    }
  }
}

export function read(body, at, dst) {
  const from = at + starts[body];
  dst.set(images[body].subarray(from, from + dst.length));
}

export function make(src) {
  const image = new Uint8Array(src.length + 1);
  image.set(src, 1);
  return put(image);
}

/** How many bodies are held. For tests: nothing may stay when every message is read. */
export function bodiesHeld() {
  return images.length - 1 - free.length;
}

// ---- Sockets ------------------------------------------------------------------------------------

const sockets = new Map(); // by number: { core, onReady, onEvent, onFinished, timer }
let nextSocket = 1;

/** Makes a socket's core by `build(number)` and registers what wasm will call. */
export function register(build, { onReady, onEvent, onFinished }) {
  const number = nextSocket;
  const core = build(number);
  nextSocket += 1;
  sockets.set(number, { core, onReady, onEvent, onFinished, timer: undefined });
  return core;
}

export function ready(socket) {
  sockets.get(socket)?.onReady();
}

let said = [];

/** Octets that belong to what wasm calls, or gives, next. */
export function say(octets) {
  said.push(octets.slice());
}

/** What was said. */
export function heard() {
  const all = said;
  said = [];
  return all;
}

export function emit(socket, event, value) {
  const [endpoint, ...rest] = heard();
  const detail = { event, value, endpoint: text(endpoint) };
  if (Number.isNaN(value)) detail.value = text(rest.shift());
  if (rest.length > 0) {
    const [address, routingId, ...properties] = rest;
    detail.peer = { address: text(address), routingId, properties: fromPairs(properties) };
  }
  sockets.get(socket)?.onEvent(detail);
}

export function finished(socket) {
  const registered = sockets.get(socket);
  if (registered === undefined) return;
  clearTimeout(registered.timer);
  sockets.delete(socket);
  registered.onFinished();
}

/** Names and values in turn. */
export function fromPairs(pairs) {
  const object = {};
  for (let at = 0; at < pairs.length; at += 2) object[text(pairs[at])] = text(pairs[at + 1]);
  return object;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Octets as text, for people to read: what is no UTF-8 is replaced. */
export function text(octets) {
  return decoder.decode(octets);
}

/** Text on its way to wasm: a body and its length. */
export function words(string) {
  return handed(encoder.encode(string));
}

/** Octets on their way to wasm: a body and its length. */
export function handed(octets) {
  return [make(octets), octets.length];
}

export function now() {
  return performance.now();
}

const LONGEST_TIMER = 2 ** 31 - 1;

export function setTimer(socket, delay) {
  const registered = sockets.get(socket);
  if (registered === undefined) return;
  clearTimeout(registered.timer);
  registered.timer = setTimeout(() => registered.core.timeout(), Math.min(Math.ceil(delay), LONGEST_TIMER));
}

// ---- WebSockets ---------------------------------------------------------------------------------

const links = new Map(); // by number

/** In place of a peer's number, which can be any other. */
const NO_PEER = -1;

/** How many octets a WebSocket may have unsent before its engine keeps the rest in its own queues. */
const WINDOW = 1 << 20;
/** As the engine counts: a frame costs this beside its body. */
const FRAME_OVERHEAD = 9;
/** Pauses between looks at a full WebSocket's `bufferedAmount`: no event tells that it drains. */
const SHORTEST_LOOK = 1;
const LONGEST_LOOK = 32;

/** What is offered, best first. `/` is not legal in a browser's sub-protocol, hence an alias that our listeners know. */
const PROTOCOLS = ['ZWS2.0-NULL', 'ZWS2.0'];

export function open(socket, number, extras) {
  const url = text(heard()[0]);
  const { core } = sockets.get(socket);
  let webSocket;
  try {
    webSocket = dial(url, core.extras[extras]);
  } catch (error) {
    // Not at once: it is the core that calls.
    queueMicrotask(() => core.dialFailed(number, String(error)));
    return;
  }
  const link = { number, core, webSocket, peer: NO_PEER, credit: WINDOW, look: undefined, whole: undefined, isClosing: false };
  links.set(number, link);
  webSocket.binaryType = 'arraybuffer';
  webSocket.onopen = () => {
    link.peer = core.opened(number, WINDOW, webSocket.protocol, webSocket.url);
  };
  webSocket.onmessage = (event) => onMessage(link, event.data);
  webSocket.onclose = ({ code, reason }) => onEnd(link, reason === '' ? `code ${code}` : `code ${code}: ${reason}`);
  // Some runtimes end a WebSocket by this event alone.
  webSocket.onerror = (event) => onEnd(link, event.message || 'code 1006');
}

function dial(url, { protocols = PROTOCOLS, headers }) {
  if (typeof WebSocket !== 'function') {
    throw 'this runtime has no WebSocket (Node.js has one from version 22 on)';
  }
  // Only runtimes whose WebSocket takes an object in place of the list can send headers.
  return new WebSocket(url, headers === undefined ? protocols : { protocols, headers });
}

export function transmit(number, flag, body) {
  const link = links.get(number);
  if (link === undefined) {
    if (body !== 0) release(body);
    return;
  }
  if (starts[body] === 0) makeRoom(body);
  link.credit -= images[body].length - 1 + FRAME_OVERHEAD;
  if (link.credit <= 0 && link.look === undefined) {
    // Soon, but not now: it is the core that calls. Often the network has taken it all by then.
    link.look = 0;
    queueMicrotask(() => look(link, SHORTEST_LOOK));
  }
  if (link.whole === undefined) sendImage(link, flag, body);
  else sendWhole(link, flag, body);
}

/** A place for the flag octet: the one octet before a body that fills the rest of its buffer, as a received body does. */
function makeRoom(body) {
  const { buffer, byteOffset, length } = images[body];
  const fits = byteOffset === 1 && buffer.byteLength === length + 1;
  const image = new Uint8Array(fits ? buffer : length + 1);
  if (!fits) image.set(images[body], 1);
  images[body] = image;
  starts[body] = 1;
}

function sendImage(link, flag, body) {
  const image = images[body];
  image[0] = flag;
  link.webSocket.send(image);
  if (body !== 0) release(body);
}

/** Closes a link: what was handed over still goes out, closing takes its turn behind it. */
export function shut(number) {
  const link = links.get(number);
  if (link === undefined) return;
  detach(link);
  link.isClosing = true;
  if (link.whole === undefined || link.whole.waiting.length === 0) link.webSocket.close();
}

function detach(link) {
  links.delete(link.number);
  clearTimeout(link.look);
  const { webSocket } = link;
  webSocket.onopen = webSocket.onmessage = webSocket.onclose = webSocket.onerror = null;
}

function onMessage(link, data) {
  if (typeof data === 'string' || data.byteLength === 0) {
    link.core.badFrame(link.peer, typeof data === 'string');
    return;
  }
  const image = new Uint8Array(data);
  link.core.frame(link.peer, image[0], put(image), image.length - 1);
}

function onEnd(link, detail) {
  detach(link);
  clearTimeout(link.whole?.timer);
  for (const [, body] of link.whole?.waiting ?? []) if (body !== 0) release(body);
  if (link.peer !== NO_PEER) {
    link.core.lost(link.peer, `the peer closed the WebSocket (${detail})`);
  } else {
    const why =
      `the WebSocket could not be opened (${detail}); a browser does not tell whether the server is down, ` +
      'refused the request, or knows no ZWS 2.0 sub-protocol';
    link.core.dialFailed(link.number, why);
  }
}

/** Tells the engine of the room that there is. While there is little, looks again after a pause. */
function look(link, pause) {
  if (links.get(link.number) !== link) return;
  const unsent = link.webSocket.bufferedAmount + unsentWhole(link);
  if (unsent > WINDOW / 2) {
    link.look = setTimeout(() => look(link, Math.min(pause * 2, LONGEST_LOOK)), pause);
    return;
  }
  link.look = undefined;
  link.credit = WINDOW - unsent;
  link.core.writable(link.peer, link.credit);
}

/** Octets that wait for the ring to be empty. */
function unsentWhole(link) {
  let octets = 0;
  for (const [, body] of link.whole?.waiting ?? []) octets += images[body].length;
  return octets;
}

// ---- Whole messages from Chromium -----------------------------------------------------------------
// libzmq takes no fragmented WebSocket messages: it goes deaf at the first. Chromium hands messages to its
// network process by a ring buffer, and sends a message in fragments when it lies there across the ring's
// end or is not there whole. It does so only with messages over SAFE octets. Therefore, to a peer that is
// not known to take fragments, a larger message waits until the ring has had time to empty, and where it
// would lie across the end, a command that such peers ignore fills the rest of the ring first. What is
// larger than the ring can't be sent whole: the engine refuses it.

const RING = 131_000;
const SAFE = 65_536;
/** `bufferedAmount` is 0 when all is in the ring. Nothing tells when it is out, so it gets this long. */
const SETTLE = 30;
/** The flag octet of a command, and its name. */
const FILLER = Uint8Array.of(2, 6, ...new TextEncoder().encode('FILLER'));
/** The longest body that fits behind a filler that ends where the ring begins anew. */
const LARGEST_WHOLE = RING - FILLER.length - 1;

/** libzmq's DISH takes no command between two messages or parts, so that RADIO can't fill up the ring. */
export function pieceLimit(isRadio) {
  const agent = globalThis.navigator?.userAgent ?? '';
  if (!agent.includes('Chrome/')) return 0;
  return isRadio ? SAFE - 1 : LARGEST_WHOLE;
}

/** From now on, messages leave this link whole. */
export function keepWhole(number) {
  const link = links.get(number);
  if (link !== undefined) link.whole = { position: 0, lastSent: now(), waiting: [], timer: undefined };
}

function sendWhole(link, flag, body) {
  link.whole.waiting.push([flag, body]);
  if (link.whole.timer === undefined) sendWaiting(link);
}

/** Sends what waits, up to a large message that must wait for the ring to be empty. */
function sendWaiting(link) {
  const { whole, webSocket } = link;
  whole.timer = undefined;
  while (whole.waiting.length > 0) {
    const [flag, body] = whole.waiting[0];
    const { length } = images[body];
    const left = RING - whole.position;
    if (length > SAFE && length - 1 <= LARGEST_WHOLE) {
      const settled = webSocket.bufferedAmount === 0 ? whole.lastSent + SETTLE - now() : SETTLE;
      if (settled > 0) {
        whole.timer = setTimeout(() => sendWaiting(link), settled);
        return;
      }
      if (length > left) {
        for (let rest = left; rest > 0; rest -= SAFE) sendFiller(link, Math.min(rest, SAFE));
        continue;
      }
    }
    whole.waiting.shift();
    sendImage(link, flag, body);
    passed(whole, length);
  }
  if (link.isClosing) webSocket.close();
}

function passed(whole, length) {
  whole.position = (whole.position + length) % RING;
  whole.lastSent = now();
}

/** Sends a command with a name that nobody knows, which RFC 37 has its receivers ignore. */
function sendFiller(link, length) {
  const image = new Uint8Array(Math.max(length, FILLER.length));
  image.set(FILLER);
  link.webSocket.send(image);
  passed(link.whole, image.length);
}

// ---- Errors -------------------------------------------------------------------------------------

const ERRNO = {
  ENOENT: 2, EAGAIN: 11, EFAULT: 14, EINVAL: 22, EMFILE: 24, ENOTSOCK: 88, EMSGSIZE: 90, EPROTONOSUPPORT: 93,
  ENOTSUP: 95, EADDRINUSE: 98, ECONNRESET: 104, EHOSTUNREACH: 113, ECANCELED: 125, EFSM: 156384763, ETERM: 156384765,
};

/** What the package's files have in common: each is bundled with all it needs, but a program may load several. */
export const shared = (globalThis[Symbol.for('zmq-wasm')] ??= {});

/** An error with libzmq's code and number. */
export const ZMQError = (shared.ZMQError ??= class extends Error {
  constructor(code, message, errno = ERRNO[code]) {
    super(message);
    this.code = code;
    this.errno = errno;
  }
});

/** EAGAIN: NOBLOCK was given, or a timeout option ran out. */
export class Again extends ZMQError {
  constructor(message = 'resource temporarily unavailable') {
    super('EAGAIN', message);
  }
}

/** ETERM: the context was terminated. */
export class ContextTerminated extends ZMQError {
  constructor(message = 'the context was terminated') {
    super('ETERM', message);
  }
}

/** A MessageTracker's message is not sent yet. */
export class NotDone extends ZMQError {
  constructor(message = 'the message is still in use') {
    super('EAGAIN', message);
  }
}

/** An endpoint could not be bound. */
export class ZMQBindError extends ZMQError {}

// Spelled out: a bundler may rename classes.
for (const [name, type] of Object.entries({ ZMQError, Again, ContextTerminated, NotDone, ZMQBindError })) {
  Object.defineProperty(type, 'name', { value: name });
  Object.defineProperty(type.prototype, 'name', { value: name, configurable: true, writable: true });
}

let failure;

/** The call of wasm's that is going on has failed. */
export function fail(errno, message) {
  const code = Object.keys(ERRNO).find((name) => ERRNO[name] === errno);
  failure = code === 'EADDRINUSE' ? new ZMQBindError(code, text(message)) : new ZMQError(code, text(message));
}

/** What the last call of wasm's has failed with, if it has. */
export function takeFailure() {
  const error = failure;
  failure = undefined;
  return error;
}
