// Bun's WebSockets, whose events come to one object for all of them.

/** Octets; as many as Bun lets a message have. */
const LONGEST = 2 ** 32 - 1;

const CONNECTING = 0, OPEN = 1, CLOSED = 3;

/** A WebSocket that Bun has upgraded, or soon will, with the interface of all others. It is the `data` of Bun's own. */
export class Upgraded {
  readyState = CONNECTING;
  /** Of no effect: each event's octets are in a buffer of their own. */
  binaryType = 'arraybuffer';
  #listeners = { open: [], message: [], close: [], error: [], pong: [] };
  #webSocket;

  addEventListener(type, listener) {
    this.#listeners[type].push(listener);
  }

  /** As npm's `ws` has it. */
  on(type, listener) {
    this.addEventListener(type, listener);
  }

  get bufferedAmount() {
    return this.#webSocket.getBufferedAmount();
  }

  send(data) {
    this.#webSocket.send(data);
  }

  ping() {
    this.#webSocket.ping();
  }

  close(code) {
    this.#webSocket?.close(code);
  }

  hear(type, event, webSocket) {
    if (type === 'open') [this.#webSocket, this.readyState] = [webSocket, OPEN];
    if (type === 'close') this.readyState = CLOSED;
    for (const listener of this.#listeners[type]) listener(event);
  }
}

/** Tells our WebSockets of an event. Bun's handlers may serve others too. */
const hear = (webSocket, type, event) => {
  if (webSocket.data instanceof Upgraded) webSocket.data.hear(type, event, webSocket);
};

/** What Bun.serve() needs beside `fetch` for upgrade(). */
export const websocket = {
  maxPayloadLength: LONGEST,
  // The engine keeps what the network does not take, up to SNDHWM; Bun must drop nothing.
  backpressureLimit: 0,
  perMessageDeflate: false,
  open(webSocket) {
    webSocket.binaryType = 'arraybuffer';
    hear(webSocket, 'open', {});
  },
  message: (webSocket, data) => hear(webSocket, 'message', { data }),
  pong: (webSocket) => hear(webSocket, 'pong', {}),
  close: (webSocket, code, reason) => hear(webSocket, 'close', { code, reason }),
};
