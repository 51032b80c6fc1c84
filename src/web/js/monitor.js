// The monitor: events as an async iterable, and as DOM events.

import * as constants from './constants.js';
import { checkBits } from './check.js';

/** libzmq's names of the events, in lower case, by number. */
const NAMES = new Map(
  Object.entries(constants)
    .filter(([name]) => name.startsWith('EVENT_'))
    .map(([name, number]) => [number, name.slice(6).toLowerCase()]),
);

export function nameOf(event) {
  return NAMES.get(event);
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

  constructor(mask = constants.EVENT_ALL, onClose) {
    this.#mask = checkBits(mask, constants.EVENT_ALL_V2, 'a mask of monitor events');
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
