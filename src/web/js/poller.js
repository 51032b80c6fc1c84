// The Poller class.

import { ZMQError } from './host.js';
import { EVENTS, POLLIN, POLLOUT } from './constants.js';
import { checkBits, checkOptions, checkSignal, checkTimeout, describe, invalid } from './check.js';
import { Socket, watch } from './socket.js';

export class Poller {
  #registered = new Map();

  get sockets() {
    return [...this.#registered];
  }

  register(socket, flags = POLLIN | POLLOUT) {
    if (!(socket instanceof Socket)) throw invalid(`a Poller polls sockets, not ${describe(socket)}`);
    if (checkBits(flags, POLLIN | POLLOUT, 'flags') === 0) this.#registered.delete(socket);
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
    const signal = checkSignal(checkOptions(options).signal);
    signal?.throwIfAborted();
    const polled = this.sockets;
    const ready = readyOf(polled);
    if (ready.length > 0 || limit === 0) return ready;
    let release;
    try {
      await new Promise((resolve, reject) => {
        const timer = limit < 0 ? undefined : setTimeout(resolve, Math.min(limit, 2 ** 31 - 1));
        const onAbort = () => reject(signal.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        const forget = polled.map(([socket, mask]) => watch(socket, mask, resolve, reject));
        release = () => {
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          for (const stop of forget) stop();
        };
      });
    } finally {
      release();
    }
    return readyOf(polled);
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
