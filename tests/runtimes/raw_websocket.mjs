// A WebSocket client by hand, which sends what no proper one would, and reads only when it is asked to.

import { once } from 'node:events';
import { connect } from 'node:net';

export const TEXT = 1, BINARY = 2, CONTINUATION = 0, CLOSE = 8, PING = 9, PONG = 10;

export class Raw {
  #tcp;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  /** Connects, and asks for a WebSocket when sub-protocols are given. Whether it ends its side because the server has. */
  static async open(url, protocols, headers = {}, { isPolite = true } = {}) {
    const raw = new Raw();
    const { hostname, port, pathname, search, host } = new URL(url);
    raw.#tcp = connect({ port: Number(port), host: hostname, allowHalfOpen: !isPolite });
    raw.#tcp.on('error', () => {});
    raw.#tcp.on('close', () => {
      raw.#ended = true;
      raw.#wake();
    });
    raw.#tcp.on('data', (data) => {
      raw.#received = Buffer.concat([raw.#received, data]);
      raw.#wake();
    });
    await once(raw.#tcp, 'connect');
    if (protocols === undefined) return raw;
    const upgrade = {
      Host: host,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
      'Sec-WebSocket-Protocol': protocols,
      ...headers,
    };
    const lines = Object.entries(upgrade).filter(([, value]) => value !== undefined);
    raw.#tcp.write([`GET ${pathname}${search} HTTP/1.1`, ...lines.map((line) => line.join(': ')), '', ''].join('\r\n'));
    return raw;
  }

  /** Up to the empty line. */
  async head() {
    let end;
    await this.#until(() => (end = this.#received.indexOf('\r\n\r\n')) >= 0);
    return this.#taken(end + 4).toString('latin1');
  }

  /** What is behind a head that tells its length. */
  async body(head) {
    const length = Number(/content-length: (\d+)/i.exec(head)[1]);
    await this.#until(() => this.#received.length >= length);
    return this.#taken(length).toString();
  }

  /** Until the server closes the WebSocket, or the connection: not all wait for the other side's CLOSE for long. */
  async closed() {
    for (;;) if ([undefined, CLOSE].includes((await this.frame())?.[0])) return this.close();
  }

  /** Until the server has given up the connection, and not only its side of it: then what is sent comes back as an error. */
  async givenUp() {
    while (!this.#ended) await new Promise((resolve) => this.#tcp.write('x', () => setImmediate(resolve)));
  }

  /** A frame; the mask is of zeros, which leave the octets as they are. */
  send(opcode, octets, isLast = true) {
    const head = octets.length < 126 ? Buffer.of(octets.length) : Buffer.alloc(3);
    if (head.length === 3) head.writeUInt16BE(octets.length, 1);
    if (head.length === 3) head[0] = 126;
    head[0] |= 0x80;
    this.#tcp.write(Buffer.concat([Buffer.of((isLast ? 0x80 : 0) | opcode), head, Buffer.alloc(4), Buffer.from(octets)]));
  }

  /** The next frame's opcode and octets; undefined when the server has closed. */
  async frame() {
    const has = (octets) => this.#until(() => this.#received.length >= octets || this.#ended);
    await has(2);
    if (this.#received.length < 2) return undefined;
    const [first, second] = this.#received;
    const at = second < 126 ? 2 : second === 126 ? 4 : 10;
    await has(at);
    const length = at === 2 ? second : at === 4 ? this.#received.readUInt16BE(2) : Number(this.#received.readBigUInt64BE(2));
    await has(at + length);
    return [first & 15, this.#taken(at + length).subarray(at)];
  }

  /** Whether to read what comes. */
  pause() {
    this.#tcp.pause();
  }

  resume() {
    this.#tcp.resume();
  }

  close() {
    this.#tcp.destroy();
  }

  #taken(octets) {
    const taken = this.#received.subarray(0, octets);
    this.#received = this.#received.subarray(octets);
    return taken;
  }

  async #until(isSo) {
    while (!isSo()) {
      if (this.#ended) throw new Error(`the server has closed, behind ${this.#received.length} octets that don't suffice`);
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }
}
