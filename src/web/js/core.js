// A socket's core: its functions in wasm, with its number put first. Text and octets go over as bodies.

import { handed, heard, takeFailure, text, words } from './host.js';
import * as wasm from '#bindgen';

const LINGER = 17;

export class Core {
  /** What connect() was given beside endpoints. Wasm knows it by its place. */
  extras = [];
  #socket;

  /** The core of a new socket. Without a type, of none: values of options can be checked by it. */
  constructor(socket, context, type) {
    this.#socket = socket;
    if (type !== undefined) checked(wasm.create(socket, context, type, Math.random()));
  }

  setNumber(option, value) {
    checked(wasm.setNumber(this.#socket, option, value));
  }

  setBytes(option, octets) {
    checked(wasm.setBytes(this.#socket, option, ...handed(octets)));
  }

  get(option) {
    const number = checked(wasm.get(this.#socket, option));
    const [octets = number] = heard();
    return octets;
  }

  subscribe(topic, on) {
    checked(wasm.subscribe(this.#socket, ...handed(topic), on));
  }

  connect(endpoint, extras) {
    checked(wasm.connect(this.#socket, ...words(endpoint), this.extras.push(extras) - 1));
  }

  disconnect(endpoint) {
    checked(wasm.disconnect(this.#socket, ...words(endpoint)));
  }

  bind(endpoint) {
    checked(wasm.bind(this.#socket, ...words(endpoint)));
    return text(heard()[0]);
  }

  unbind(endpoint) {
    checked(wasm.unbind(this.#socket, ...words(endpoint)));
  }

  part(body, length) {
    wasm.part(this.#socket, body, length);
  }

  send(body, length) {
    return wasm.send(this.#socket, body, length);
  }

  recv() {
    return wasm.recv(this.#socket);
  }

  nextPart() {
    return wasm.nextPart(this.#socket);
  }

  events() {
    return wasm.events(this.#socket);
  }

  lastPeer() {
    wasm.lastPeer(this.#socket);
    return heard();
  }

  opened(link, credit, protocol, url) {
    return wasm.opened(this.#socket, link, credit, ...words(protocol), ...words(url));
  }

  dialFailed(link, reason) {
    wasm.dialFailed(this.#socket, link, ...words(reason));
  }

  frame(peer, flag, body, length) {
    wasm.frame(this.#socket, peer, flag, body, length);
  }

  badFrame(peer, isText) {
    wasm.badFrame(this.#socket, peer, isText);
  }

  writable(peer, credit) {
    wasm.writable(this.#socket, peer, credit);
  }

  lost(peer, reason) {
    wasm.lost(this.#socket, peer, ...words(reason));
  }

  timeout() {
    wasm.timeout(this.#socket);
  }

  close(linger) {
    if (linger !== undefined) this.setNumber(LINGER, linger);
    wasm.close(this.#socket);
  }
}

/** What a call gave, unless it has failed. */
function checked(result) {
  const error = takeFailure();
  if (error !== undefined) throw error;
  return result;
}
