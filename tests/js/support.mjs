// What the JavaScript tests share on Node's side: the laboratory of peer processes, ports, and a server for browsers.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { serveRudely } from './rude_server.mjs';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The package under test, as a visitor of the static server sees it and as Node imports it. */
export const PACKAGE = '/pkg/zmq-wasm.js';

const PEERS = {
  zeromq: () => [process.execPath, [join(ROOT, 'tests/peers/zeromq.mjs')]],
  pyzmq: () => [process.env.PYTHON ?? join(ROOT, '.cache/venv/bin/python'), [join(ROOT, 'tests/peers/pyzmq.py')]],
  native: () => [join(TARGET, 'debug/examples/test_peer'), []],
  // For who measures.
  'native-release': () => [join(TARGET, 'release/examples/test_peer'), []],
};
const TARGET = join(ROOT, 'target');

/** Builds the peer `native`, which unlike the others does not run from its source. Before a test file starts one. */
export function buildNativePeer() {
  const args = ['build', '--features', 'native', '--example', 'test_peer', '--target-dir', TARGET];
  const { error, status, stderr } = spawnSync('cargo', args, { cwd: ROOT, encoding: 'utf8' });
  if (error?.code === 'ENOENT')
    throw new Error('cargo, which is to build tests/peers/native.rs, is not on PATH. Install it from https://rustup.rs.');
  if (error) throw error;
  if (status !== 0) throw new Error(`tests/peers/native.rs can't be built: cargo ${args.join(' ')}\n${stderr}`);
}

/** One child process that speaks the line protocol of tests/peers/zeromq.mjs. */
export class PeerProcess {
  #child;
  #gone;
  #pending = new Map();
  #ids = 0;

  constructor(kind) {
    if (!PEERS[kind]) throw new Error(`no peer ${kind}; there are ${Object.keys(PEERS).join(', ')}`);
    const [program, args] = PEERS[kind]();
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve(`${program} did not start: ${error.message}`));
      this.#child.on('close', (code, signal) => resolve(`the ${kind} peer ended with ${signal ?? `code ${code}`}`));
    });
    this.#gone.then((why) => {
      for (const { reject } of this.#pending.values()) reject(Object.assign(new Error(why), { code: 'EPIPE' }));
      this.#pending.clear();
    });
    // A write to a process that has just died fails here and, with the reason, in `gone`.
    this.#child.stdin.on('error', () => {});
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const { id, ok, error } = JSON.parse(line);
      const call = this.#pending.get(id);
      this.#pending.delete(id);
      if (error) call?.reject(Object.assign(new Error(error.message), { code: error.code }));
      else call?.resolve(ok);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  get alive() {
    return this.#child.exitCode === null && this.#child.signalCode === null && this.#child.pid !== undefined;
  }

  async call(command) {
    if (!this.alive) throw Object.assign(new Error(await this.#gone), { code: 'EPIPE' });
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    });
  }

  /** Stops the process where it is; its connections stay, and nobody answers on them. */
  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  /** The end of stdin is the peer's signal to go. */
  async stop() {
    // One that is paused would not notice.
    this.resume();
    this.#child.stdin.end();
    await this.#gone;
  }
}

/** The peer processes of one test file. `invoke` is what peer.mjs needs, here or from inside a page. */
export class Laboratory {
  #peers = new Map();
  #servers = [];
  #ids = 0;

  invoke = async (method, ...args) => {
    try {
      return { ok: (await this.#methods[method](...args)) ?? null };
    } catch (error) {
      return { error: { code: error.code ?? 'EPROTO', message: error.message } };
    }
  };

  #methods = {
    start: (kind) => {
      this.#peers.set(++this.#ids, { kind, process: new PeerProcess(kind) });
      return this.#ids;
    },
    call: (id, command) => this.#peers.get(id).process.call(command),
    pause: (id) => this.#peers.get(id).process.pause(),
    resume: (id) => this.#peers.get(id).process.resume(),
    kill: (id) => this.#peers.get(id).process.kill(),
    restart: async (id) => {
      const peer = this.#peers.get(id);
      await peer.process.kill();
      peer.process = new PeerProcess(peer.kind);
    },
    stop: async (id) => {
      await this.#peers.get(id).process.stop();
      this.#peers.delete(id);
    },
    /** A server of rude_server.mjs. Gives its endpoint. */
    rude: async (manner) => {
      const server = await serveRudely(manner);
      this.#servers.push(server);
      return server.endpoint;
    },
  };

  async close() {
    await Promise.all([...this.#peers.values()].map(({ process }) => process.stop()));
    this.#peers.clear();
    for (const server of this.#servers) server.close();
  }
}

/** A TCP port that nobody listens on at this moment, for tests that connect first and bind later. */
export async function freePort() {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};
const SERVED = [
  '/pkg/',
  '/tests/js/',
  '/tests/peers/',
  // For Pyodide.
  '/tests/python/',
  '/tests/node_modules/pyodide/',
  '/examples/python/',
  '/examples/javascript/',
  '/www/',
];

/**
 * A static server for the package and these tests, nothing else. Resolves with its origin and a way to close it. What is
 * posted to `/invoke/N`, a list of arguments, is a call of the N-th of `invocables`.
 */
export async function serve(invocables = []) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const invoke = request.method === 'POST' && invocables[/^\/invoke\/(\d+)$/.exec(path)?.[1]];
    if (invoke) {
      const answer = await invoke(...(await json(request)));
      response.writeHead(200, { 'content-type': TYPES['.json'] }).end(JSON.stringify(answer));
    } else if (path === '/') {
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end('<!doctype html><meta charset="utf-8"><title>zmq-wasm tests</title>');
    } else if (SERVED.some((folder) => path.startsWith(folder))) {
      createReadStream(join(ROOT, path))
        .on('open', () =>
          response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }),
        )
        .on('error', () => response.headersSent || response.writeHead(404).end())
        .pipe(response);
    } else {
      response.writeHead(404).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
