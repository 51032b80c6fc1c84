// What a page in Chromium gets through to libzmq and back: this library, a bare WebSocket and WebSocketStream, and npm jszmq.
//   node benches/browser.mjs      after scripts/bench.sh has built pkg/ and benches/peers; QUICK=1 for a short look
// Chromium is started with the page's address and nothing looks inside: over the DevTools protocol it logs each WebSocket frame.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleJszmq } from './jszmq.mjs';
import { LIBZMQ, Peer, libzmqVersion } from './peers.mjs';
import { QUICK, ROOT, figure, machine, median, publish, ratio, spread, table } from './report.mjs';

const ROUNDS = QUICK ? 3 : 7;
const MILLISECONDS = QUICK ? 300 : 500;
/** No single task takes as long. */
const PATIENCE = 60_000;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--js-flags=--expose-gc',
];

const COUNT = QUICK ? 5_000 : 15_000;

/** What the page does, and what the libzmq program does that it talks with, a new one each time. */
const TASKS = [
  { kind: 'in', role: 'push', size: 16 },
  { kind: 'in', role: 'push', size: 1024 },
  { kind: 'in', role: 'push', size: 65_536 },
  { kind: 'out', role: 'sink', size: 16, count: COUNT },
  { kind: 'out', role: 'sink', size: 1024, count: COUNT },
  { kind: 'round trip', role: 'echo', size: 64 },
];

/** Serves the page until it says that it is done; resolves with its user agent and, for each task, lists by contender. */
function serve(server, files) {
  const results = TASKS.map(() => ({}));
  let running;
  const stop = async () => {
    await running?.stop();
    running = undefined;
    return {};
  };
  const gets = {
    '/plan': () => ({ rounds: ROUNDS, milliseconds: MILLISECONDS, tasks: TASKS }),
    '/start': async ({ searchParams }) => {
      const { role, size, count } = TASKS[searchParams.get('task')];
      const { peer, endpoint } = await Peer.bind(LIBZMQ, role, 'ws', size, count);
      running = peer;
      return { url: endpoint };
    },
    '/delivered': async () => {
      const { messages, seconds } = await running.result();
      return { rate: messages / seconds };
    },
    '/stop': stop,
  };
  let watch;
  return new Promise((resolve, reject) => {
    const wait = () => {
      clearTimeout(watch);
      watch = setTimeout(() => reject(new Error('the page has fallen silent')), PATIENCE);
    };
    const posts = {
      '/result': ({ task, contender, result }) => (results[task][contender] ??= []).push(result),
      '/done': ({ agent }) => resolve({ agent, results }),
      '/failed': ({ message }) => reject(new Error(`in the page: ${message}`)),
    };
    server.on('request', async (request, response) => {
      wait();
      const url = new URL(request.url, 'http://localhost');
      // Isolated, so that performance.now() counts in steps of 5 µs and not of 100.
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
      if (posts[url.pathname]) {
        posts[url.pathname](JSON.parse((await request.toArray()).join('')));
        response.end();
      } else if (gets[url.pathname]) {
        response.end(JSON.stringify(await gets[url.pathname](url)));
      } else if (files[url.pathname]) {
        const [type, path] = files[url.pathname];
        response.writeHead(200, { 'content-type': type }).end(readFileSync(path));
      } else {
        response.writeHead(404).end();
      }
    });
    wait();
  }).finally(() => {
    clearTimeout(watch);
    return stop();
  });
}

async function run() {
  const script = (path) => ['text/javascript', join(ROOT, path)];
  const files = {
    '/': ['text/html', join(ROOT, 'benches/page.html')],
    '/page.js': script('benches/page.js'),
    '/contenders.js': script('benches/contenders.js'),
    '/pkg/zmq-wasm.js': script('pkg/zmq-wasm.js'),
    '/jszmq.js': ['text/javascript', await bundleJszmq()],
  };
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const profile = mkdtempSync(join(tmpdir(), 'zmq-wasm-bench-'));
  const outcome = serve(server, files);
  const address = `http://127.0.0.1:${server.address().port}/`;
  const browser = spawn(process.env.CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${profile}`, address], { stdio: 'ignore' });
  const gone = once(browser, 'exit');
  const early = gone.then(([code, signal]) => Promise.reject(new Error(`Chromium ended with ${signal ?? code}`)));
  try {
    return await Promise.race([outcome, early]);
  } finally {
    early.catch(() => {});
    browser.kill();
    await gone;
    server.closeAllConnections();
    server.close();
    // Chromium's helpers may still write there; what stays is in the system's folder for such things.
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }).catch(() => {});
  }
}

const WAYS = {
  in: (size) => `in, ${size.toLocaleString('en-US')} octets, msg/s`,
  out: (size) => `out, ${size.toLocaleString('en-US')} octets, msg/s`,
  'round trip': (size) => `round trip, ${size} octets, p50 µs`,
};

const { agent, results } = await run();
// In the order of the first round, which is that of contenders.js.
const names = Object.keys(results[0]);
const chromium = /Chrome\/(\d+)/.exec(agent)?.[1];
const rows = TASKS.map(({ kind, size }, task) => {
  const rounds = results[task];
  return { kind, size, rounds, medians: names.map((name) => median(rounds[name])) };
});

publish(
  'browser',
  'A page in Chromium',
  [
    `${machine()}. Headless Chromium ${chromium} against libzmq ${libzmqVersion()} over ws://127.0.0.1; medians of ${ROUNDS} ` +
      'interleaved rounds. The bare WebSocket and WebSocketStream do the same work with ZWS 2.0 frames made by hand. In: a PUSH ' +
      "that never pauses, counted in the page. Out: PUSH to PULL, timed where it arrives. Round trip: DEALER to libzmq's ROUTER and back.",
    table(
      ['', ...names, ...names.slice(1).map((name) => `ratio to ${name}`)],
      rows.map(({ kind, size, medians }) => [
        WAYS[kind](size),
        ...medians.map(figure),
        ...medians.slice(1).map((theirs) => ratio(medians[0], theirs)),
      ]),
    ),
    'Ratios are zmq-wasm divided by the other: above 1 is better for messages per second, below 1 for round trips. ' +
      spread(rows.flatMap(({ rounds }) => Object.values(rounds))),
  ],
  { machine: machine(), agent, rows },
);
