// The sockets that wasm knows by numbers: what it tells them, and the clock and the timers that it asks for.

import { fromPairs, heard, text } from './words.js';

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

/** Has every socket try now what waits for its next try to connect. */
export function redialAll() {
  for (const { core } of sockets.values()) core.timeout(true);
}

/** The core of a socket. */
export function coreOf(socket) {
  return sockets.get(socket)?.core;
}

export function ready(socket) {
  sockets.get(socket)?.onReady();
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

export function now() {
  return performance.now();
}

const LONGEST_TIMER = 2 ** 31 - 1;

export function setTimer(socket, delay) {
  const registered = sockets.get(socket);
  if (registered === undefined) return;
  clearTimeout(registered.timer);
  // One that nobody waits for would keep a program of Node's alive.
  if (delay < Infinity) registered.timer = setTimeout(() => registered.core.timeout(), Math.min(Math.ceil(delay), LONGEST_TIMER));
}
