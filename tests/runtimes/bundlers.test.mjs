// The packed package through each bundler, as it is without any settings, and what comes out of it in Chromium.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { Pages } from './pages.mjs';
import { RUNTIMES, TALKED, TOOLS, project, talk, tool, withPeer, withServer } from './support.mjs';

const html = (script) => `<!doctype html><meta charset="utf-8"><title>talks</title><script type="module" src="${script}"></script>`;

/** Talks in the page and, if so, in a worker at the same time. */
const main = (worker) => `import { talk } from './talk.js';
const endpoint = decodeURIComponent(location.search.slice(1));
${worker ? IN_WORKER : ''}
Promise.all([talk(endpoint)${worker ? ', inWorker()' : ''}]).then((said) => console.log(said.join(' ')));`;
const IN_WORKER = `const inWorker = () => new Promise((resolve, reject) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(endpoint);
});`;
const WORKER = `import { talk } from './talk.js';
onmessage = ({ data }) => talk(data).then(postMessage);`;

/** What builds it from main.js or index.html; the page then, or the script of one; and whether it finds workers by itself. */
const BUNDLERS = {
  vite: { build: [...tool('vite/bin/vite.js'), 'build'], page: 'index.html', worker: true },
  webpack: {
    build: [...tool('webpack-cli/bin/cli.js'), 'build', '--mode', 'production', '--entry', './main.js'],
    script: 'main.js',
    worker: true,
  },
  parcel: { build: [...tool('parcel/lib/bin.js'), 'build', 'index.html'], page: 'index.html', worker: true },
  rollup: { build: [...tool('rollup/dist/bin/rollup'), 'main.js', '--dir', 'dist', '--plugin', 'node-resolve'], script: 'main.js' },
  esbuild: { build: [join(TOOLS, 'esbuild/bin/esbuild'), 'main.js', '--bundle', '--minify', '--outdir=dist'], script: 'main.js' },
  bun: { build: [RUNTIMES.bun[0], 'build', 'index.html', '--outdir', 'dist'], page: 'index.html' },
  deno: {
    build: [RUNTIMES.deno[0], 'bundle', '--platform', 'browser', '--output', 'dist/main.js', 'main.js'],
    script: 'main.js',
  },
};

const made = (name, worker) =>
  project(`bundled-by-${name}`, {
    files: { 'talk.js': talk(), 'main.js': main(worker), 'worker.js': WORKER, 'index.html': html('main.js') },
    manifest: { type: 'module' },
  });
/** Only the entries for servers have the module as plain base64, which begins so. So does what unpacks it elsewhere, a kilobyte. */
const isServers = (folder) => {
  const scripts = readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.js'));
  return scripts.some((file) => readFileSync(join(folder, file), 'utf8').match(/AGFzbQ[\w+/]{9999}/));
};
const said = (worker) => (worker ? `${TALKED} ${TALKED}` : TALKED);

let pages;
before(async () => (pages = await Pages.launch()));
after(() => pages.close());

for (const [name, { build, page = 'built.html', script, worker = false }] of Object.entries(BUNDLERS)) {
  it(name, async () => {
    const user = await made(name, worker);
    await user.run(build);
    assert.ok(!isServers(join(user.path, 'dist')));
    if (script) user.write('dist/built.html', html(script));
    const heard = await withPeer((endpoint) => pages.open(join(user.path, 'dist'), page, endpoint));
    assert.equal(heard, said(worker));
  });
}

it('vite, its server for who develops', async () => {
  const user = await made('vite-dev', true);
  const command = [...tool('vite/bin/vite.js'), '--host', '127.0.0.1', '--port', '0'];
  const heard = await withServer(command, { cwd: user.path }, (address) =>
    withPeer((endpoint) => pages.visit(`${address}/`, endpoint)));
  assert.equal(heard, said(true));
});

it('esbuild, a service worker that is a classic script', async () => {
  const files = {
    'talk.js': talk(),
    'service.js': `import 'zmq-wasm/pickle';
import { talk } from './talk.js';
onmessage = async ({ data, source }) => source.postMessage(await talk(data));`,
    'dist/index.html': html('main.js'),
    'dist/main.js': `navigator.serviceWorker.onmessage = ({ data }) => console.log(data);
await navigator.serviceWorker.register('service.js');
(await navigator.serviceWorker.ready).active.postMessage(decodeURIComponent(location.search.slice(1)));`,
  };
  const user = await project('service-worker', { files });
  await user.run([join(TOOLS, 'esbuild/bin/esbuild'), 'service.js', '--bundle', '--format=iife', '--outdir=dist']);
  assert.equal(await withPeer((endpoint) => pages.open(join(user.path, 'dist'), 'index.html', endpoint)), TALKED);
});
