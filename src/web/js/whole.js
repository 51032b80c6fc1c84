// Whole messages from Chromium.
//
// libzmq takes no fragmented WebSocket messages: it goes deaf at the first. Chromium hands messages to its
// network process by a ring buffer, and sends a message in fragments when it lies there across the ring's
// end or is not there whole. It does so only with messages over SAFE octets. Therefore, to a peer that is
// not known to take fragments, a larger message waits until the ring has had time to empty, and where it
// would lie across the end, a command that such peers ignore fills the rest of the ring first. What is
// larger than the ring can't be sent whole: the engine refuses it.

import { imageOf, release, sizeOf } from './bodies.js';
import { RADIO } from './constants.js';
import { now } from './sockets.js';

const RING = 131_000;
const SAFE = 65_536;
/** `bufferedAmount` is 0 when all is in the ring. Nothing tells when it is out, so it gets this long. */
const SETTLE = 30;
/** The flag octet of a command, and its name. */
const FILLER = Uint8Array.of(2, 6, ...new TextEncoder().encode('FILLER'));
/** The longest body that fits behind a filler that ends where the ring begins anew. */
const LARGEST_WHOLE = RING - FILLER.length - 1;

/**
 * How long a body may be that this runtime surely sends in one piece; 0 for any. libzmq's DISH takes no command between
 * two messages or parts, so that RADIO can't fill up the ring.
 */
export function pieceLimit(type) {
  const agent = globalThis.navigator?.userAgent ?? '';
  if (!agent.includes('Chrome/')) return 0;
  return type === RADIO ? SAFE - 1 : LARGEST_WHOLE;
}

/** Sends by a WebSocket so that messages leave whole. */
export class Whole {
  #webSocket;
  #position = 0;
  #lastSent = now();
  #waiting = [];
  #timer = undefined;
  #isClosing = false;

  constructor(webSocket) {
    this.#webSocket = webSocket;
  }

  send(flag, body) {
    this.#waiting.push([flag, body]);
    if (this.#timer === undefined) this.#sendWaiting();
  }

  /** Octets that wait for the ring to be empty. */
  get unsent() {
    return this.#waiting.reduce((octets, [, body]) => octets + sizeOf(body) + 1, 0);
  }

  /** Closes the WebSocket behind what waits. */
  close() {
    this.#isClosing = true;
    if (this.#waiting.length === 0) this.#webSocket.close();
  }

  /** The WebSocket is gone, and so is what waits. */
  drop() {
    clearTimeout(this.#timer);
    for (const [, body] of this.#waiting) if (body !== 0) release(body);
    this.#waiting = [];
  }

  /** Sends what waits, up to a large message that must wait for the ring to be empty. */
  #sendWaiting() {
    this.#timer = undefined;
    while (this.#waiting.length > 0) {
      const [flag, body] = this.#waiting[0];
      const length = sizeOf(body) + 1;
      const left = RING - this.#position;
      if (length > SAFE && length - 1 <= LARGEST_WHOLE) {
        const settled = this.#webSocket.bufferedAmount === 0 ? this.#lastSent + SETTLE - now() : SETTLE;
        if (settled > 0) {
          this.#timer = setTimeout(() => this.#sendWaiting(), settled);
          return;
        }
        if (length > left) {
          for (let rest = left; rest > 0; rest -= SAFE) this.#sendFiller(Math.min(rest, SAFE));
          continue;
        }
      }
      this.#waiting.shift();
      this.#transmit(imageOf(body, flag));
      if (body !== 0) release(body);
    }
    if (this.#isClosing) this.#webSocket.close();
  }

  /** Sends a command with a name that nobody knows, which RFC 37 has its receivers ignore. */
  #sendFiller(length) {
    const image = new Uint8Array(Math.max(length, FILLER.length));
    image.set(FILLER);
    this.#transmit(image);
  }

  #transmit(image) {
    this.#webSocket.send(image);
    this.#position = (this.#position + image.length) % RING;
    this.#lastSent = now();
  }
}
