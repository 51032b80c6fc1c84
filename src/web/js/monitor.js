// The monitor: events as an async iterable, and as DOM events.

import { EVENT_ALL, EVENT_ALL_V2 } from './constants.js';
import { checkBits } from './check.js';

/** libzmq's names of the events, in lower case. Each event's number is a bit, and this is their order. */
const NAMES = (
  'connected connect_delayed connect_retried listening bind_failed accepted accept_failed closed close_failed ' +
  'disconnected monitor_stopped handshake_failed_no_detail handshake_succeeded handshake_failed_protocol ' +
  'handshake_failed_auth'
).split(' ');

export function nameOf(event) {
  return NAMES[Math.log2(event)];
}

/** A monitor event on its way to listeners; `detail` is what the iterable gives. */
export class SocketEvent extends Event {
  constructor(detail) {
    super(detail.name);
    this.detail = detail;
  }
}

/** How many events wait for a reader that does not come. The oldest give way. */
const BACKLOG = 1000;

export class Monitor {
  #mask;
  #onClose;
  #events = [];
  #readers = [];
  #ended = false;

  constructor(mask = EVENT_ALL, onClose) {
    this.#mask = checkBits(mask, EVENT_ALL_V2, 'a mask of monitor events');
    this.#onClose = onClose;
  }

  push(detail) {
    if (this.#ended || (detail.event & this.#mask) === 0) return;
    if (this.#readers.length > 0) {
      this.#readers.shift()({ value: detail, done: false });
      return;
    }
    this.#events.push(detail);
    if (this.#events.length > BACKLOG) this.#events.shift();
  }

  /** The socket is closed: what has come can still be read. */
  end() {
    this.#ended = true;
    for (const resolve of this.#readers.splice(0)) resolve({ value: undefined, done: true });
  }

  close() {
    this.#events.length = 0;
    this.end();
    this.#onClose(this);
  }

  next() {
    if (this.#events.length > 0) return Promise.resolve({ value: this.#events.shift(), done: false });
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  return() {
    this.close();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }
}
