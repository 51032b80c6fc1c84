// How long a page in Chromium takes from import() to the first message that one socket of it delivers to another by inproc.
//   node benches/startup.mjs      after scripts/package.sh; QUICK=1 for a short look
// A browser of its own each time, whose page has read the file before, so that no network and no disk is measured.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { launchChromium } from '../tests/js/browsers/chromium.mjs';
import { QUICK, ROOT, machine, median, publish, table } from './report.mjs';

const BROWSERS = QUICK ? 5 : 15;

const PAGE = `<!doctype html><meta charset="utf-8"><title>zmq-wasm starts</title><script type="module">
  const source = URL.createObjectURL(new Blob([await (await fetch('/zmq-wasm.js')).text()], { type: 'text/javascript' }));
  globalThis.start = async () => {
    const begun = performance.now();
    const { Context, PULL, PUSH } = await import(source);
    const imported = performance.now() - begun;
    const context = new Context();
    const [pull, push] = [context.socket(PULL), context.socket(PUSH)];
    await pull.bind('inproc://start');
    push.connect('inproc://start');
    const received = pull.recv();
    await push.send('first');
    await received;
    return { imported, delivered: performance.now() - begun };
  };
</script>`;

const server = createServer((request, response) => {
  if (request.url === '/zmq-wasm.js') response.end(readFileSync(join(ROOT, 'pkg/zmq-wasm.js')));
  else response.setHeader('content-type', 'text/html').end(PAGE);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const rounds = [];
let version;
for (let count = 0; count < BROWSERS; count += 1) rounds.push(await measure());
server.close();
server.closeAllConnections();

const row = (name, what) => [name, ...['imported', 'delivered', 'busy'].map((of) => what(rounds.map((round) => round[of])).toFixed(1))];
publish(
  'startup',
  'From import to the first message in Chromium',
  [
    `${machine()}. Headless Chromium ${version}, ${BROWSERS} new browsers with a page each; milliseconds since import() was called, and ` +
      "what of them the page's main thread had the processor.",
    table(
      ['ms', 'imported', 'first message', 'main thread'],
      [row('median', median), row('least', (of) => Math.min(...of)), row('most', (of) => Math.max(...of))],
    ),
  ],
  rounds,
);

/** Starts a browser and measures its page. */
async function measure() {
  const browser = await launchChromium();
  try {
    version = browser.version().split('.')[0];
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    await page.waitForFunction('globalThis.start');
    const tools = await page.context().newCDPSession(page);
    await tools.send('Performance.enable', { timeDomain: 'threadTicks' });
    const before = await busy(tools);
    const times = await page.evaluate('start()');
    return { ...times, busy: (await busy(tools)) - before };
  } finally {
    await browser.close();
  }
}

/** Milliseconds of the processor that the page's main thread has had for its tasks. */
async function busy(tools) {
  const { metrics } = await tools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value * 1000;
}
