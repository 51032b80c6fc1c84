// What the tests of the packed package share: projects of users that have it installed, the programs that run or build them,
// and a real libzmq to talk with.

import { spawn } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PeerProcess, ROOT } from '../js/support.mjs';

export const TOOLS = join(ROOT, 'tests/runtimes/node_modules');
const HOME = join(ROOT, '.cache/runtimes');
/** Milliseconds; more than the slowest takes on a machine that is busy with all the others. */
export const LIMIT = 120_000;

/** By name, what runs a program: put its file behind. */
export const RUNTIMES = {
  node20: [join(TOOLS, 'node20/bin/node')],
  node22: [join(ROOT, 'tests/node_modules/node22/bin/node')],
  node24: [join(TOOLS, 'node24/bin/node')],
  // Its cache of compiled code takes a file for the one of the last build when both are of the same length.
  deno: [join(TOOLS, '.bin/deno'), 'run', '--allow-all', '--no-code-cache', '--no-remote', '--quiet'],
  bun: [join(TOOLS, '.bin/bun'), 'run'],
};

/** A program of tests/runtimes/package.json, by its file there: they are scripts for Node 22. */
export const tool = (path) => [...RUNTIMES.node22, join(TOOLS, path)];

/** None of them may look for news of itself, or count its users. */
const ENVIRONMENT = {
  ...process.env,
  CI: '1',
  NO_COLOR: '1',
  DENO_NO_UPDATE_CHECK: '1',
  NEXT_TELEMETRY_DISABLED: '1',
  WRANGLER_SEND_METRICS: 'false',
};

// In a group of its own: builders and servers have children that would outlive them.
function start([program, ...args], { cwd = ROOT, env = {} }) {
  return spawn(program, args, { cwd, env: { ...ENVIRONMENT, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
}

function end({ pid }) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

/** Runs [program, ...args] to its end and resolves with what it printed; rejects with all of it when it fails or hangs. */
export function run(command, options = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, options);
    let [printed, said] = ['', ''];
    child.stdout.on('data', (data) => (printed += data));
    child.stderr.on('data', (data) => (said += data));
    const timer = setTimeout(end, LIMIT, child);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) resolve(printed.trim());
      else reject(new Error(`${command.join(' ')} ended with ${signal ?? `code ${code}`}\n${printed}\n${said}`));
    });
  });
}

/** Calls `use` with the first http address that the server prints. */
export async function withServer(command, options, use) {
  const child = start(command, options);
  try {
    const address = await new Promise((resolve, reject) => {
      let printed = '';
      const timer = setTimeout(end, LIMIT, child);
      const hear = (data) => {
        printed += data;
        // Only what is behind it shows that it is whole.
        const [, found] = /(http:\/\/[\w.:]+)\/?\s/.exec(printed) ?? [];
        if (found === undefined) return;
        clearTimeout(timer);
        resolve(found);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.on('error', reject);
      child.on('close', () => reject(new Error(`${command.join(' ')} serves nothing:\n${printed}`)));
    });
    return await use(address);
  } finally {
    end(child);
  }
}

/**
 * An empty project of a user, under .cache/runtimes, into which npm installs the packed package. `files` is by path what else
 * is in it; `links` names packages of tests/runtimes that it has too. Its `run` is ours, in its folder.
 */
export async function project(name, { files = {}, links = [], manifest = {} } = {}) {
  const path = join(HOME, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path, { recursive: true });
  const write = (file, text) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
    return join(path, file);
  };
  write('package.json', JSON.stringify({ name, private: true, ...manifest }));
  // npm and no mere unpacking, for it is npm that judges the manifest: what it lists, what it must find, what it would run.
  const [{ filename }] = JSON.parse(await run(['npm', 'pack', join(ROOT, 'pkg'), '--json'], { cwd: path }));
  await run(['npm', 'install', '--offline', '--no-audit', '--no-fund', filename], { cwd: path });
  for (const link of links) {
    mkdirSync(dirname(join(path, 'node_modules', link)), { recursive: true });
    symlinkSync(join(TOOLS, link), join(path, 'node_modules', link), 'dir');
  }
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { path, write, run: (command, options) => run(command, { cwd: path, ...options }) };
}

/** Calls `use` with the endpoint of a libzmq REP that sends each request back. */
export async function withPeer(use, endpoint = 'ws://127.0.0.1:0') {
  const peer = new PeerProcess('zeromq');
  try {
    const s = await peer.call({ do: 'socket', type: 'REP', options: { linger: 0 } });
    const bound = await peer.call({ do: 'bind', s, endpoint });
    await peer.call({ do: 'echo', s });
    return await use(bound);
  } finally {
    await peer.stop();
  }
}

/** What a user writes: a module whose `talk(endpoint)` has a request sent back and says what came. */
export const talk = (from = 'zmq-wasm') => `import { Context, REQ } from '${from}';
export async function talk(endpoint) {
  const context = new Context();
  const socket = context.socket(REQ);
  socket.connect(endpoint);
  const body = Uint8Array.from({ length: 70_000 }, (_, at) => at);
  const [text, echo] = await socket.request(['hello', body], { timeout: 60_000 });
  // Loads another file of the package.
  await socket.sendPyobj({ at: [1, 2] });
  const { at } = await socket.recvPyobj();
  await context.destroy();
  return [new TextDecoder().decode(text), echo.every((octet, place) => octet === body[place]), echo.length, at].join();
}
`;

/** The same as CommonJS. */
export const required = (source) =>
  source
    .replace(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);')
    .replace('export async function talk', 'module.exports.talk = async function')
    .replaceAll('import.meta.resolve', 'require.resolve');

/** What `talk` gives when all is well. */
export const TALKED = 'hello,true,70000,1,2';
