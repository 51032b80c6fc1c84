// The Poller class.

import { ZMQError } from './errors.js';
import { EVENTS, POLLIN, POLLOUT } from './constants.js';
import { checkBits, checkOptions, checkTimeout, describe, invalid, signalOf } from './check.js';
import { Socket, watch } from './socket.js';
import { POLL_FLAGS, WAIT, Waiter } from './waiting.js';

export class Poller {
  #registered = new Map();

  get sockets() {
    return [...this.#registered];
  }

  register(socket, flags = POLLIN | POLLOUT) {
    if (!(socket instanceof Socket)) throw invalid(`a Poller polls sockets, not ${describe(socket)}`);
    if (checkBits(flags, POLL_FLAGS, 'flags') === 0) this.#registered.delete(socket);
    else this.#registered.set(socket, flags);
  }

  modify(socket, flags) {
    this.#check(socket);
    this.register(socket, flags);
  }

  unregister(socket) {
    this.#check(socket);
    this.#registered.delete(socket);
  }

  #check(socket) {
    if (!this.#registered.has(socket)) throw invalid('this socket is not registered');
  }

  async poll(timeout = -1, options) {
    const limit = checkTimeout(timeout);
    const signal = signalOf(checkOptions(options));
    const polled = this.sockets;
    const ready = readyOf(polled);
    if (ready.length > 0 || limit === 0) return ready;
    // In the turn in which something is ready: later, another call may have taken it.
    const attempt = () => {
      const found = readyOf(polled);
      return found.length > 0 ? found : WAIT;
    };
    const waiter = new Waiter(attempt);
    waiter.limit(limit, () => waiter.resolve([]), signal, waiter.reject);
    const watches = polled.map(([socket]) => watch(socket, attempt));
    for (const { ended } of watches) ended.then(waiter.resolve, waiter.reject);
    try {
      return await waiter.promise;
    } finally {
      waiter.release();
      for (const { stop } of watches) stop();
    }
  }
}

function readyOf(polled) {
  const ready = [];
  for (const [socket, mask] of polled) {
    if (socket.closed) throw new ZMQError('ENOTSOCK', 'a registered socket is closed');
    const events = socket.get(EVENTS) & mask;
    if (events !== 0) ready.push([socket, events]);
  }
  return ready;
}
