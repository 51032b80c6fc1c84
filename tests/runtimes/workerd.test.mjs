// The packed package in workerd: as wrangler builds a worker and serves one that is being written, and as it is, without a build.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'node:test';
import { TALKED, project, talk, tool, withPeer, withServer } from './support.mjs';
import { COMPATIBILITY_DATE, PACKAGED, withWorker } from './workers.mjs';

const WRANGLER = tool('wrangler/bin/wrangler.js');

const WORKER = `import { talk } from './talk.js';
export default {
  async fetch(request) {
    return new Response(await talk(decodeURIComponent(new URL(request.url).search.slice(1))));
  },
};`;

let user;
before(async () => {
  const files = {
    'talk.js': talk(),
    'worker.js': WORKER,
    'bare/talk.js': talk('../node_modules/zmq-wasm/workerd.js'),
    'bare/worker.js': WORKER,
    'wrangler.json': JSON.stringify({ name: 'talks', main: 'worker.js', compatibility_date: COMPATIBILITY_DATE }),
  };
  user = await project('workerd', { files });
});

const talking = (folder, files, ...endpoint) =>
  withPeer(
    (endpoint) =>
      withWorker(folder, files, async (miniflare) => {
        const response = await miniflare.dispatchFetch(`http://localhost/?${encodeURIComponent(endpoint)}`);
        assert.equal(await response.text(), TALKED);
      }),
    ...endpoint,
  );

it('what wrangler would deploy', async () => {
  await user.run([...WRANGLER, 'deploy', '--dry-run', '--outdir', 'dist']);
  const folder = join(user.path, 'dist');
  const module = readdirSync(folder).find((file) => file.endsWith('.wasm'));
  await talking(folder, ['worker.js', module]);
});

it('wrangler dev', () =>
  withServer([...WRANGLER, 'dev', '--ip', '127.0.0.1', '--port', '0'], { cwd: user.path }, (address) =>
    withPeer(async (endpoint) => assert.equal(await (await fetch(`${address}/?${encodeURIComponent(endpoint)}`)).text(), TALKED))));

it('the files themselves', () => talking(user.path, ['bare/worker.js', 'bare/talk.js', ...PACKAGED]));

it('by tcp, with a libzmq that has no WebSocket', () =>
  talking(user.path, ['bare/worker.js', 'bare/talk.js', ...PACKAGED], 'tcp://127.0.0.1:0'));
