// A socket's core: what wasm does with its number. Text and octets go over as bodies.

import { handed, heard, takeFailure, text, words } from './host.js';
import * as wasm from '#bindgen';

// The numbers of what wasm does.
const SEND = 0, RECV = 1, FRAME = 2, PART = 3, NEXT_PART = 4, EVENTS = 5, WRITABLE = 6, TIMEOUT = 7, CREATE = 8;
const SET_BYTES = 9, SUBSCRIBE = 10, CONNECT = 11, DISCONNECT = 12, BIND = 13, UNBIND = 14, LAST_PEER = 15, OPENED = 16;
const DIAL_FAILED = 17, BAD_FRAME = 18, LOST = 19, JOIN = 20, CLOSE = 21;

const LINGER = 17;

export class Core {
  /** What connect() was given beside endpoints. Wasm knows it by its place. */
  extras = [];
  #socket;

  /** The core of a new socket. Without a type, of none: values of options can be checked by it. */
  constructor(socket, context, type) {
    this.#socket = socket;
    if (type !== undefined) this.#try(CREATE, context, type, Math.random() * 2 ** 32);
  }

  #call(what, a = 0, b = 0, c = 0, d = 0) {
    return wasm.call(what, this.#socket, a, b, c, d);
  }

  /** The same for what may fail. */
  #try(what, a, b, c) {
    return checked(this.#call(what, a, b, c));
  }

  setNumber(option, value) {
    checked(wasm.setNumber(this.#socket, option, value));
  }

  setBytes(option, octets) {
    this.#try(SET_BYTES, option, ...handed(octets));
  }

  get(option) {
    const number = checked(wasm.get(this.#socket, option));
    const [octets = number] = heard();
    return octets;
  }

  subscribe(topic, on) {
    this.#try(SUBSCRIBE, ...handed(topic), on);
  }

  join(group, on) {
    this.#try(JOIN, ...handed(group), on);
  }

  /** Gives the number of who is there, to a PEER. */
  connect(endpoint, extras) {
    return this.#try(CONNECT, ...words(endpoint), this.extras.push(extras) - 1) >>> 0;
  }

  disconnect(endpoint) {
    this.#try(DISCONNECT, ...words(endpoint));
  }

  bind(endpoint) {
    this.#try(BIND, ...words(endpoint));
    return text(heard()[0]);
  }

  unbind(endpoint) {
    this.#try(UNBIND, ...words(endpoint));
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

  opened(link, credit, protocol, url) {
    return this.#call(OPENED, link, credit, ...words(`${protocol} ${url}`));
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

  timeout() {
    this.#call(TIMEOUT);
  }

  close(linger) {
    if (linger !== undefined) this.setNumber(LINGER, linger);
    this.#call(CLOSE);
  }
}

/** What a call gave, unless it has failed. */
function checked(result) {
  const error = takeFailure();
  if (error !== undefined) throw error;
  return result;
}
