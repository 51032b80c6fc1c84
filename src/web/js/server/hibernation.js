// WebSockets that outlive the memory of the Durable Object they came to (Cloudflare's hibernation). What a peer has said of
// itself is kept with its WebSocket, and is said again to the socket that is made when the object wakes up.

import { DISH, PUB, RADIO, SUB, XPUB, XSUB } from '../constants.js';
import { OPEN } from '../websocket.js';

const MORE = 1;
const COMMAND = 2;

/** Octets that all that is kept with a WebSocket may have (16 KiB), but for the record's own; and what a frame costs beside its own. */
const ROOM = 16_000;
const FRAME = 12;

/** Of what is kept: an object may wake up with newer code. */
const VERSION = 'zmq-wasm 1';

/** Types whose peers say what they want, and types that say so again on each connection. */
const PUBLISHERS = [PUB, XPUB, RADIO];
const SUBSCRIBERS = [SUB, XSUB, DISH];

/** The commands that do: whether something is wanted, or no longer. */
const WISHES = { SUBSCRIBE: true, CANCEL: false, JOIN: true, LEAVE: false };

/** What was kept with a WebSocket, if it is one of ours. */
export function recordOf(webSocket) {
  const record = webSocket?.deserializeAttachment?.();
  return record?.version === VERSION ? record : undefined;
}

/** What is kept of a new connection: of its frames, the first, which says who the peer is, and those that say what it wants. */
export function newRecord(protocol, peerAddress) {
  return { version: VERSION, protocol, peerAddress, isWhole: true, first: undefined, wishes: [] };
}

/** Whether a connection can go on with no more than this. */
export const suffices = ({ isWhole, first }) => isWhole && first !== undefined;

/** Stands for a WebSocket that the object's state has accepted, and keeps a record of it for a socket of this type. */
export class Hibernating {
  readyState = OPEN;
  #webSocket;
  /** None of a peer that has said more than can be kept. */
  #record;
  #type;
  #hear;
  #isMute;

  constructor(webSocket, record, type) {
    this.#webSocket = webSocket;
    this.#record = record;
    this.#type = type;
    this.#isMute = record.first !== undefined;
    this.#keep();
  }

  /** Says again what is on record. The peer has heard before what a link says first, and a subscriber's subscriptions too. */
  wake() {
    const { first, wishes } = this.#record;
    if (first === undefined) return;
    this.#isMute = SUBSCRIBERS.includes(this.#type);
    for (const frame of [first, ...wishes]) this.#hear({ data: frame.slice().buffer });
    this.#isMute = false;
  }

  send(image) {
    if (!this.#isMute) this.#webSocket.send(image);
  }

  close(code) {
    this.#webSocket.close(code);
  }

  addEventListener(type, listener) {
    if (type !== 'message') return this.#webSocket.addEventListener(type, listener);
    this.#hear = listener;
    this.#webSocket.addEventListener(type, (event) => {
      this.#note(event.data);
      listener(event);
    });
  }

  /** Puts on record what a frame changes. */
  #note(data) {
    const record = this.#record;
    if (record === undefined || !(data.byteLength > 0)) return;
    const frame = new Uint8Array(data);
    const flag = frame[0];
    if (record.first === undefined) {
      record.first = frame.slice();
    } else if (flag !== COMMAND && record.isWhole === (flag === MORE)) {
      record.isWhole = flag !== MORE;
    } else if (!record.isWhole || !PUBLISHERS.includes(this.#type) || !change(record.wishes, frame)) {
      return;
    }
    this.#keep();
  }

  #keep() {
    const { first, wishes } = this.#record;
    const size = [first ?? '', ...wishes].reduce((sum, { length }) => sum + length + FRAME, 0);
    const fits = size <= ROOM;
    this.#webSocket.serializeAttachment(fits ? this.#record : newRecord());
    if (!fits) this.#record = undefined;
  }
}

/** Adds a frame to the wishes, or takes out the one that it takes back. Tells whether it is any. */
function change(wishes, frame) {
  const wish = wishOf(frame);
  if (wish === undefined) return false;
  if (wish.isOn) return wishes.push(frame.slice()) > 0;
  const at = wishes.findIndex((other) => wishOf(other).what === wish.what);
  if (at >= 0) wishes.splice(at, 1);
  return true;
}

/** What a frame asks for (RFC 37; as a message, RFC 45), and whether it is wanted. Not every frame does. */
function wishOf(frame) {
  const body = frame.subarray(1);
  const size = 1 + body[0];
  const isOn = frame[0] === COMMAND ? WISHES[String.fromCharCode(...body.subarray(1, size))] : [false, true][body[0]];
  return isOn === undefined ? undefined : { isOn, what: body.subarray(frame[0] === COMMAND ? size : 1).join() };
}
