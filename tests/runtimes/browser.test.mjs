// The packed package in Chromium, its files served as they are: in a page, in each kind of worker, under a strict policy.

import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { Pages } from './pages.mjs';
import { TALKED, project, talk, withPeer } from './support.mjs';

const html = (script) => `<!doctype html><meta charset="utf-8"><title>talks</title>${script}`;
const MAIN = `const endpoint = decodeURIComponent(location.search.slice(1));`;

/** A page's script that has a worker talk: `make` is how it is made, and gives what takes its messages. */
const asking = (make) => `${MAIN}
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => console.log(data);
const worker = await (async () => ${make})();
worker.postMessage(endpoint, [port2]);`;

const FILES = {
  'talk.js': talk('/node_modules/zmq-wasm/zmq-wasm.js'),
  'mapped.js': talk(),
  'main.js': `import { talk } from './talk.js'; ${MAIN} console.log(await talk(endpoint));`,
  'page.html': html('<script type="module" src="main.js"></script>'),
  'mapped.html': html(`<script type="importmap">${JSON.stringify({
    imports: { 'zmq-wasm': '/node_modules/zmq-wasm/zmq-wasm.js' },
  })}</script><script type="module">import { talk } from './mapped.js'; ${MAIN} console.log(await talk(endpoint));</script>`),
  'slim.html': html(`<script type="module">import init from '/node_modules/zmq-wasm/slim.js'; import { talk } from './slim-talk.js';
    ${MAIN} await init(); console.log(await talk(endpoint));</script>`),
  'slim-talk.js': talk('/node_modules/zmq-wasm/slim.js'),
  // In service workers nothing can be loaded later.
  'worker.js': `import '/node_modules/zmq-wasm/pickle.js';
    import { talk } from './talk.js';
    const hear = ({ data, ports: [port] }) => talk(data).catch(String).then((said) => port.postMessage(said));
    addEventListener('message', hear);
    addEventListener('connect', ({ ports: [port] }) => (port.onmessage = hear));`,
  'dedicated.js': asking(`new Worker('worker.js', { type: 'module' })`),
  'shared.js': asking(`new SharedWorker('worker.js', { type: 'module' }).port`),
  'service.js': asking(`{
    await navigator.serviceWorker.register('worker.js', { type: 'module' });
    return (await navigator.serviceWorker.ready).active;
  }`),
};
for (const kind of ['dedicated', 'shared', 'service']) {
  FILES[`${kind}.html`] = html(`<script type="module" src="${kind}.js"></script>`);
}
const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src ws://127.0.0.1:*; require-trusted-types-for 'script'";

let user, pages;
before(async () => {
  user = await project('browser', { files: FILES });
  pages = await Pages.launch();
});
after(() => pages.close());

const CASES = {
  'a page': ['page.html'],
  'a page with an import map': ['mapped.html'],
  'a page with the slim entry': ['slim.html'],
  'a page under a strict Content-Security-Policy': ['page.html', { 'content-security-policy': POLICY }],
  'a dedicated worker': ['dedicated.html'],
  'a shared worker': ['shared.html'],
  'a service worker': ['service.html'],
};
for (const [name, [page, headers]] of Object.entries(CASES)) {
  it(name, () => withPeer(async (endpoint) => assert.equal(await pages.open(user.path, page, endpoint, headers), TALKED)));
}

it('a policy without wasm-unsafe-eval, whose refusal names it', () =>
  withPeer(async (endpoint) => {
    const headers = { 'content-security-policy': POLICY.replace("'wasm-unsafe-eval'", '') };
    await assert.rejects(pages.open(user.path, 'page.html', endpoint, headers), /WebAssembly.*unsafe-eval/s);
  }));
