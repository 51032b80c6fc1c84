// The two programs of benches/peers as child processes: zmq-wasm's and libzmq's, with one command line.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT } from './report.mjs';

const FOLDER = process.env.BENCH_PEERS ?? join(ROOT, 'target/bench-peers/release');

export const OURS = 'zmq-wasm';
export const LIBZMQ = 'libzmq';

/** The version of libzmq that is measured. */
export function libzmqVersion() {
  return execFileSync(join(FOLDER, LIBZMQ), ['version'], { encoding: 'utf8' }).trim();
}

/** A running program. */
export class Peer {
  #child;
  #lines;
  #isStopped = false;

  constructor(program, role, side, endpoint, size, amount) {
    const args = [role, side, endpoint, size, amount].map(String);
    this.#child = spawn(join(FOLDER, program), args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin.on('error', () => {});
    this.#child.on('error', (error) => {
      throw new Error(`${program} did not start: ${error.message}. scripts/bench.sh builds it.`);
    });
    this.#child.on('exit', (code, signal) => {
      if (!this.#isStopped && code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${signal ?? code}`);
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Starts one that binds; resolves with it and where to connect. */
  static async bind(program, role, scheme, size, amount = 0) {
    const peer = new Peer(program, role, 'bind', `${scheme}://127.0.0.1:*`, size, amount);
    const { endpoint } = await peer.result();
    return { peer, endpoint };
  }

  /** What it says next. */
  async result() {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('a program ended without a result');
    return JSON.parse(value);
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
