// What the JavaScript tests share on Node's side: the laboratory of peer processes, ports, and the way into a browser.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { delimiter, extname, join, normalize } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

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
  };

  async close() {
    await Promise.all([...this.#peers.values()].map(({ process }) => process.stop()));
    this.#peers.clear();
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
  '/www/',
];

/** A static server for the package and these tests, nothing else. Resolves with its origin and a way to close it. */
export async function serve() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    if (path === '/') {
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

/**
 * A headless Chromium in which a test module runs against the packaged library.
 * For correctness only: driven over the DevTools protocol the browser logs each WebSocket frame, so nothing here measures speed.
 */
export class Chromium {
  #browser;
  #server;

  static async launch() {
    const self = new Chromium();
    self.#server = await serve();
    self.#browser = await launchChromium();
    return self;
  }

  /**
   * Loads `module` (a path under tests/js whose `cases` are, by what listens, lists of `{ name, run(env) }`) in a page, or in a
   * dedicated module worker of one.
   * The result's `run(name)` rejects as the case does; `invoke` is a Laboratory's.
   */
  async load(module, where, listener, invoke) {
    const context = await this.#browser.newContext();
    const page = await context.newPage();
    let fault = null;
    page.on('pageerror', (error) => (fault ??= error));
    await page.exposeFunction('invokeLaboratory', invoke);
    await page.goto(`${this.#server.origin}/`);
    await page.evaluate(
      async ([runner, setting]) => {
        const { inPage, inWorker } = await import(runner);
        globalThis.suite = await (setting.where === 'worker' ? inWorker : inPage)(setting, globalThis.invokeLaboratory);
      },
      ['/tests/js/runner.mjs', { library: PACKAGE, module: `/tests/js/${module}`, where, listener, runtime: 'chromium' }],
    );
    return {
      run: async (name) => {
        const failure = await page.evaluate((name) => globalThis.suite.run(name), name);
        if (failure) throw Object.assign(new Error(failure.message), { stack: failure.stack });
        // What nobody awaited, such as a trap inside an event handler.
        if (fault) {
          const cause = fault;
          fault = null;
          throw new Error(`uncaught in the ${where}: ${cause.message}`, { cause });
        }
      },
      close: () => context.close(),
    };
  }

  async close() {
    await this.#browser?.close();
    await this.#server?.close();
  }
}

/** The browser alone, as playwright-core drives it. */
export async function launchChromium() {
  const { chromium } = await import('playwright-core');
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

function chromiumPath() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of process.env.PATH.split(delimiter)) {
    for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error('no Chromium on PATH; install it (make setup) or set CHROMIUM to its path');
}
