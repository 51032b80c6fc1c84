// The programs of benches/peers as child processes, one for each library that is measured, all with one command line.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './report.mjs';

const FOLDER = process.env.BENCH_PEERS ?? join(ROOT, 'target/bench-peers/release');
/** No single step takes as long. */
const PATIENCE = 30_000;

export const OURS = 'zmq-wasm';
export const LIBZMQ = 'libzmq';

/** The version of a crate that the programs were built with; for zeromq-src that of the libzmq inside. */
export function version(crate) {
  const lock = readFileSync(join(ROOT, 'benches/peers/Cargo.lock'), 'utf8');
  const found = new RegExp(`^name = "${crate}"\nversion = "(?:.*\\+)?(.*)"$`, 'm').exec(lock);
  if (!found) throw new Error(`benches/peers/Cargo.lock has no ${crate}`);
  return found[1];
}

export const libzmqVersion = () => version('zeromq-src');

/** Where sockets of ipc:// are. */
const folder = mkdtempSync(join(tmpdir(), 'zmq-wasm-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
let paths = 0;

/** Where a program is to bind; it fills in the port. */
function anywhere(scheme) {
  if (scheme === 'inproc') return 'inproc://bench';
  if (scheme === 'ipc') return `ipc://${join(folder, `${++paths}.sock`)}`;
  return `${scheme}://127.0.0.1:*`;
}

/** A running program. */
export class Peer {
  #what;
  #child;
  #lines;
  #isStopped = false;

  constructor(program, ...args) {
    this.#what = [program, ...args].join(' ');
    this.#child = spawn(join(FOLDER, program), args.map(String), { stdio: 'pipe' });
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', (error) => {
      throw new Error(`${program} did not start: ${error.message}. scripts/bench.sh builds it.`);
    });
    // Of two that are stopped, one may see the other go.
    this.#child.stderr.on('data', (words) => this.#isStopped || process.stderr.write(words));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts one that binds; resolves with it and where to connect. */
  static async bind(program, role, scheme, size, amount = 0, side = 'bind') {
    const peer = new Peer(program, role, side, anywhere(scheme), size, amount);
    const { endpoint } = await peer.result();
    return { peer, endpoint };
  }

  /** What it says next. */
  async result() {
    let timer;
    const silence = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#what} says nothing`)), PATIENCE);
    });
    const { value, done } = await Promise.race([this.#lines.next(), silence]).finally(() => clearTimeout(timer));
    if (done) throw new Error(`${this.#what} ended without a result`);
    return JSON.parse(value);
  }

  /** Tells it to go on. */
  go() {
    this.#child.stdin.write('go\n');
  }

  /** It is gone when this resolves, so that it disturbs nobody who comes after. */
  async stop() {
    this.#isStopped = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
