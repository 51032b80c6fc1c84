// Where a socket listens: what bind() and unbind() do.

import { ZMQBindError, ZMQError } from './errors.js';
import { checkOptions, checkString } from './check.js';
import { EVENT_ACCEPT_FAILED, EVENT_BIND_FAILED } from './constants.js';
import { transportOf } from './links.js';
import { heard, text } from './words.js';

/**
 * The endpoints of one socket. A transport's `listen(endpoint, port, options)` promises `{ endpoint, close() }`: what was bound, in
 * full, and how to stop. It lets a link in by `port.core.accepted(link, port.listener, …)`, and tells by `port.refused(why)`
 * of who was not let in.
 */
export class Listeners {
  #core;
  #announce;
  #isClosed = false;
  /** By endpoint: `{ listener, close }`, each that has it. */
  #bound = new Map();
  #adopting;

  /** `announce` tells of events that the core knows nothing of. */
  constructor(core, announce) {
    this.#core = core;
    this.#announce = announce;
  }

  #port(endpoint) {
    const port = { core: this.#core, endpoint };
    port.refused = (value) => this.#announce({ event: EVENT_ACCEPT_FAILED, value, endpoint: port.endpoint });
    return port;
  }

  /** The port by which WebSockets come in that others have accepted, with an endpoint for events. The first gives it a listener. */
  get adopting() {
    return (this.#adopting ??= this.#port('ws://*:0/'));
  }

  /** Binds. Gives the endpoint in full, or a promise of it where that takes time. */
  bind(endpoint, options) {
    const listen = transportOf(this.#core, checkString(endpoint, 'an endpoint'), 'listen');
    return listen === undefined ? this.#enter(this.#core.bind(endpoint), () => {}) : this.#listen(listen, endpoint, checkOptions(options));
  }

  /** The same where it can be done at once. */
  bindSync(endpoint) {
    if (transportOf(this.#core, checkString(endpoint, 'an endpoint'), 'listen') === undefined) return this.bind(endpoint);
    throw new ZMQError('ENOTSUP', 'this endpoint is for bind()');
  }

  async #listen(listen, given, options) {
    const port = this.#port(given);
    let listening;
    try {
      listening = await listen(given, port, options);
    } catch (error) {
      this.#announce({ event: EVENT_BIND_FAILED, value: error.message, endpoint: given });
      throw error instanceof ZMQError ? error : new ZMQBindError(error.code, `${given}: ${error.message}`);
    }
    const { endpoint, close } = listening;
    try {
      if (this.#isClosed) throw new ZMQError('ECANCELED', 'the socket was closed');
      port.listener = this.#core.bind(endpoint);
    } catch (error) {
      close();
      throw error;
    }
    return (port.endpoint = this.#enter(port.listener, close));
  }

  #enter(listener, close) {
    const endpoint = text(heard()[0]);
    this.#bound.set(endpoint, [...(this.#bound.get(endpoint) ?? []), { listener, close }]);
    return endpoint;
  }

  unbind(endpoint) {
    const bound = this.#bound.get(checkString(endpoint, 'an endpoint'));
    if (bound === undefined) this.#core.check(endpoint);
    if (bound === undefined) throw new ZMQError('ENOENT', `${endpoint} is not bound`);
    this.#bound.delete(endpoint);
    for (const { listener, close } of bound) {
      close();
      this.#core.unbind(listener);
    }
  }

  closeAll() {
    this.#isClosed = true;
    for (const { close } of [...this.#bound.values()].flat()) close();
    this.#bound.clear();
  }
}
