// tcp:// on Cloudflare Workers, which can connect but not listen.

import { connect as dial } from 'cloudflare:sockets';
import { transports } from '../links.js';
import { StreamLink } from './stream_link.js';

transports.set('tcp', {
  connect(core, number, endpoint) {
    return new CloudflareLink(core, number, endpoint.slice('tcp://'.length));
  },
});

class CloudflareLink extends StreamLink {
  #socket;
  #writer;
  /** Kept when reading may go on. */
  #gate;
  #open;

  constructor(core, number, address) {
    super(core, number, (call) => queueMicrotask(call));
    this.#socket = dial(address);
    this.#writer = this.#socket.writable.getWriter();
    this.#carry(address).catch((error) => this.ended(error.message)).then(() => this.closed());
    // Its failure is the reader's too.
    this.#socket.closed.catch(() => {});
  }

  async #carry(address) {
    await this.#socket.opened;
    this.opened(address);
    const reader = this.#socket.readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      this.received(value);
      await this.#gate;
    }
    this.ended('the peer closed the connection');
  }

  send(pieces, done) {
    const written = pieces.map((piece) => this.#writer.write(piece));
    Promise.allSettled(written).then(done);
  }

  pause(on) {
    if (on) this.#gate = new Promise((resolve) => (this.#open = resolve));
    else this.#open?.();
  }

  end(patience) {
    this.pause(false);
    const late = patience > 0 ? new Promise((resolve) => setTimeout(resolve, patience)) : new Promise(() => {});
    const ended = patience === 0 ? undefined : Promise.race([this.#writer.close(), late]);
    Promise.resolve(ended).catch(() => {}).then(() => this.destroy());
  }

  destroy() {
    this.pause(false);
    this.#socket.close().catch(() => {});
  }
}
