// How long a page in Chromium takes from import() to the first message that one socket of it delivers to another by inproc.
//   node benches/startup.mjs      after scripts/package.sh; QUICK=1 for a short look
// A page of its own each time, which has read the file before, so that no network and no disk is measured. Nothing looks
// inside: the page posts what it has measured.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QUICK, ROOT, machine, median, publish, table } from './report.mjs';

const PAGES = QUICK ? 5 : 15;
const FLAGS = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

const PAGE = `<!doctype html><meta charset="utf-8"><title>zmq-wasm starts</title><script type="module">
  const source = URL.createObjectURL(new Blob([await (await fetch('/zmq-wasm.js')).text()], { type: 'text/javascript' }));
  const begun = performance.now();
  const { Context, PULL, PUSH } = await import(source);
  const imported = performance.now();
  const context = new Context();
  const [pull, push] = [context.socket(PULL), context.socket(PUSH)];
  await pull.bind('inproc://start');
  push.connect('inproc://start');
  const received = pull.recv();
  await push.send('first');
  await received;
  const delivered = performance.now();
  await fetch('/measured', { method: 'POST', body: JSON.stringify({ imported: imported - begun, delivered: delivered - begun }) });
</script>`;

const server = createServer().listen(0, '127.0.0.1');
await once(server, 'listening');
const rounds = [];
let agent = '';
for (let page = 0; page < PAGES; page += 1) rounds.push(await measure());
server.close();
server.closeAllConnections();

const row = (name, what) => [name, ...['imported', 'delivered'].map((of) => what(rounds.map((round) => round[of])).toFixed(1))];
publish(
  'startup',
  'From import to the first message in Chromium',
  [
    `${machine()}. Headless ${agent}, ${PAGES} new browsers with a page each; milliseconds since import() was called.`,
    table(['ms', 'imported', 'first message'], [row('median', median), row('least', (of) => Math.min(...of)), row('most', (of) => Math.max(...of))]),
  ],
  rounds,
);

/** Starts a browser with the page and resolves with what that measured. */
async function measure() {
  const home = mkdtempSync(join(tmpdir(), 'zmq-wasm-startup-'));
  const browser = spawn(process.env.CHROMIUM ?? 'chromium', [...FLAGS, `--user-data-dir=${home}`, `http://127.0.0.1:${server.address().port}/`], { stdio: 'ignore' });
  const gone = once(browser, 'exit');
  try {
    return await Promise.race([served(), gone.then(() => Promise.reject(new Error('Chromium ended before the page was measured')))]);
  } finally {
    browser.kill();
    await gone;
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

function served() {
  return new Promise((resolve) => {
    server.removeAllListeners('request');
    server.on('request', async (request, response) => {
      if (request.url === '/zmq-wasm.js') return response.end(readFileSync(join(ROOT, 'pkg/zmq-wasm.js')));
      if (request.url !== '/measured') return response.setHeader('content-type', 'text/html').end(PAGE);
      agent = /Chrom\w+\/\d+/.exec(request.headers['user-agent'])[0].replace('/', ' ');
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      response.end();
      resolve(JSON.parse(Buffer.concat(chunks)));
    });
  });
}
