// A link by a connection of node:net.

import { nextTick } from 'node:process';
import { TCP_KEEPALIVE, TCP_KEEPALIVE_IDLE } from '../constants.js';
import { StreamLink } from './stream_link.js';

/** How long, in milliseconds, a connection that is done waits for the peer to close its side too. */
const FAREWELL = 1000;

export class NetLink extends StreamLink {
  #socket;

  constructor(core, number, socket) {
    // Behind all that waits for promises already: what is sent in a loop that awaits each send leaves together.
    super(core, number, nextTick);
    this.#socket = socket;
    socket.on('data', (chunk) => this.received(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length)));
    socket.on('end', () => this.ended('the peer closed the connection'));
    socket.on('error', (error) => this.ended(reasonOf(error)));
    socket.on('close', () => {
      this.ended('the connection is closed');
      this.closed();
    });
    if (core.get(TCP_KEEPALIVE) === 1) socket.setKeepAlive(true, Math.max(core.get(TCP_KEEPALIVE_IDLE), 0) * 1000);
  }

  /** The peer's address; empty where it has none, as with ipc. */
  get address() {
    const { remoteAddress = '', remoteFamily, remotePort } = this.#socket;
    if (remoteAddress === '') return '';
    return remoteFamily === 'IPv6' ? `[${remoteAddress}]:${remotePort}` : `${remoteAddress}:${remotePort}`;
  }

  send(pieces, done) {
    const socket = this.#socket;
    const last = pieces.pop();
    if (pieces.length > 0) socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.write(last, done);
    if (pieces.length > 0) socket.uncork();
  }

  pause(on) {
    if (on) this.#socket.pause();
    else this.#socket.resume();
  }

  end(patience) {
    const socket = this.#socket;
    if (patience === 0) {
      this.destroy();
      return;
    }
    const destroy = () => this.destroy();
    let timer = patience > 0 ? setTimeout(destroy, patience) : undefined;
    socket.on('close', () => clearTimeout(timer));
    // The peer has what it is to have when it closes too. Closing with something unread might take it back.
    socket.end(() => {
      clearTimeout(timer);
      timer = setTimeout(destroy, FAREWELL);
    });
    socket.resume();
  }

  destroy() {
    this.#socket.destroy();
  }
}

/** What has happened to a connection. Where several addresses of a name were tried, to the last of them. */
export function reasonOf(error) {
  const { message, code } = error.errors?.at(-1) ?? error;
  return message || String(code);
}
