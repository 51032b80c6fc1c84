// A socket's core: what wasm does with its number. Text and octets go over as bodies.

import { put } from './bodies.js';
import { takeFailure } from './errors.js';
import { handed, heard, text, words } from './words.js';
import { pieceLimit } from './whole.js';
import { call, get, setNumber } from '#module';

// The numbers of what wasm does.
const SEND = 0, RECV = 1, FRAME = 2, PART = 3, NEXT_PART = 4, EVENTS = 5, WRITABLE = 6, TIMEOUT = 7, CREATE = 8;
const SET_BYTES = 9, SUBSCRIBE = 10, CONNECT = 11, DISCONNECT = 12, BIND = 13, UNBIND = 14, LAST_PEER = 15, OPENED = 16;
const DIAL_FAILED = 17, BAD_FRAME = 18, LOST = 19, JOIN = 20, ACCEPTED = 21, CLOSE = 22;

const LINGER = 17;

export class Core {
  /** The core of a new socket. Without a type, of none: values of options can be checked by it. */
  constructor(socket, context, type) {
    this.socketNumber = socket;
    this.type = type;
    if (type !== undefined) this.#try(CREATE, context, type, Math.random() * 2 ** 32, pieceLimit(type));
  }

  #call(what, a = 0, b = 0, c = 0, d = 0) {
    return call(what, this.socketNumber, a, b, c, d);
  }

  /** The same for what may fail. */
  #try(what, a, b, c, d) {
    return checked(this.#call(what, a, b, c, d));
  }

  setNumber(option, value) {
    checked(setNumber(this.socketNumber, option, value));
  }

  setBytes(option, octets) {
    this.#try(SET_BYTES, option, ...handed(octets));
  }

  get(option) {
    const number = checked(get(this.socketNumber, option));
    const [octets = number] = heard();
    return octets;
  }

  subscribe(topic, on) {
    this.#try(SUBSCRIBE, ...handed(topic), on);
  }

  join(group, on) {
    this.#try(JOIN, ...handed(group), on);
  }

  /** Throws what is wrong with an endpoint. */
  check(endpoint) {
    this.#try(BIND, ...words(endpoint), true);
  }

  /** Gives the number of who is there, to a PEER. The transport will be given the options, if there are any. */
  connect(endpoint, options) {
    return this.#try(CONNECT, ...words(endpoint), options === undefined ? 0 : put(options)) >>> 0;
  }

  disconnect(endpoint) {
    this.#try(DISCONNECT, ...words(endpoint));
  }

  /** Binds inproc, or enters what a transport has bound. Gives the listener's number. */
  bind(endpoint) {
    return this.#try(BIND, ...words(endpoint)) >>> 0;
  }

  unbind(listener) {
    this.#call(UNBIND, listener);
  }

  part(body, length) {
    this.#call(PART, body, length);
  }

  send(body, length) {
    return this.#call(SEND, body, length);
  }

  recv() {
    return this.#call(RECV);
  }

  nextPart() {
    return this.#call(NEXT_PART);
  }

  events() {
    return this.#call(EVENTS);
  }

  lastPeer() {
    this.#call(LAST_PEER);
    return heard();
  }

  /**
   * A link that was dialled is open; up to `limit` octets a body surely reaches the peer in one piece (0: any). Gives the
   * peer's number or NO_PEER, which has the link shut already. It may have as many octets as `writable` then says.
   */
  opened(link, limit, protocol, address) {
    return this.#call(OPENED, link, limit, ...words(`${protocol} ${address}`));
  }

  /** The same of a link that a listener has let in. */
  accepted(link, listener, protocol, address) {
    return this.#call(ACCEPTED, link, listener, ...words(`${protocol} ${address}`));
  }

  dialFailed(link, reason) {
    this.#call(DIAL_FAILED, link, ...words(reason));
  }

  frame(peer, flag, body, length) {
    this.#call(FRAME, peer, flag, body, length);
  }

  badFrame(peer, isText) {
    this.#call(BAD_FRAME, peer, isText);
  }

  writable(peer, credit) {
    this.#call(WRITABLE, peer, credit);
  }

  lost(peer, reason) {
    this.#call(LOST, peer, ...words(reason));
  }

  timeout(redial) {
    this.#call(TIMEOUT, redial);
  }

  close(linger) {
    if (linger !== undefined) this.setNumber(LINGER, linger);
    this.#call(CLOSE);
  }
}

/** What a call gave, unless it has failed. */
export function checked(result) {
  const error = takeFailure();
  if (error !== undefined) throw error;
  return result;
}
