// Pages of a user's project in Chromium.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { launchChromium } from '../js/browsers/chromium.mjs';
import { LIMIT } from './support.mjs';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

/** Files and nothing else, all with the same headers, as a static server has them. */
async function serve(folder, headers) {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url, 'http://localhost').pathname);
    createReadStream(join(folder, path))
      .on('open', () => response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream', ...headers }))
      .on('error', () => response.headersSent || response.writeHead(404).end())
      .pipe(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** One Chromium for a test file. */
export class Pages {
  #browser;

  static async launch() {
    const pages = new Pages();
    pages.#browser = await launchChromium();
    return pages;
  }

  close() {
    return this.#browser.close();
  }

  /**
   * Opens `page`, of the files in `folder`, with the endpoint behind its question mark, and resolves with what it logs first.
   * Rejects when something fails in it, can't be loaded, or is refused by a policy that `headers` declare.
   */
  async open(folder, page, endpoint, headers = {}) {
    const server = await serve(folder, headers);
    try {
      return await this.visit(`http://127.0.0.1:${server.address().port}/${page}`, endpoint);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }

  /** The same with a page that somebody else serves. */
  async visit(address, endpoint) {
    const context = await this.#browser.newContext();
    try {
      // A browser asks for an icon that no page mentions.
      await context.route('**/favicon.ico', (route) => route.fulfill({ status: 204 }));
      const page = await context.newPage();
      const heard = new Promise((resolve, reject) => {
        page.on('console', (message) => {
          if (message.type() === 'log') resolve(message.text());
          if (message.type() === 'error') reject(new Error(message.text()));
        });
        page.on('pageerror', reject);
        setTimeout(() => reject(new Error(`${address} said nothing`)), LIMIT).unref();
      });
      const [said] = await Promise.all([heard, page.goto(`${address}?${encodeURIComponent(endpoint)}`)]);
      return said;
    } finally {
      await context.close();
    }
  }
}
