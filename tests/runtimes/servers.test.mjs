// The packed package in runtimes that are no browsers: as ES module and as CommonJS, talking with libzmq.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { RUNTIMES, TALKED, project, required, talk, withPeer } from './support.mjs';

// libzmq does not answer a WebSocket's CLOSE, and Node would wait for it. Over tcp:// nothing is left to wait for.
const MAIN = `import { talk } from './talk.js';
const [endpoint] = process.argv.slice(2);
talk(endpoint).then((said) => {
  console.log(said, import.meta.resolve('zmq-wasm').split('/').pop());
  if (endpoint.startsWith('ws://')) process.exit();
});`;

const FILES = { esm: { 'talk.js': talk(), 'main.js': MAIN }, cjs: { 'talk.js': required(talk()), 'main.js': required(MAIN) } };
const PROJECTS = {};
/** The file that stands for the package, by what loads it. */
const ENTRIES = {
  node20: { esm: 'node.js', cjs: 'node.cjs' },
  node22: { esm: 'node.js', cjs: 'node.cjs' },
  node24: { esm: 'node.js', cjs: 'node.cjs' },
  // It requires as Node does.
  deno: { esm: 'deno.js', cjs: 'node.cjs' },
  bun: { esm: 'bun.js', cjs: 'bun.js' },
};

const made = (name, kind, links) =>
  project(`${name}-${kind}`, { files: FILES[kind], links, manifest: { type: kind === 'esm' ? 'module' : 'commonjs' } });

before(async () => {
  for (const kind of Object.keys(FILES)) PROJECTS[kind] = await made('servers', kind);
});

for (const [runtime, entries] of Object.entries(ENTRIES)) {
  for (const [kind, entry] of Object.entries(entries)) {
    // Node 20 has no WebSocket of its own.
    for (const transport of runtime === 'node20' ? ['tcp'] : ['ws', 'tcp']) {
      it(`${runtime}, ${kind}, ${transport}://`, () =>
        withPeer(async (endpoint) => {
          assert.equal(await PROJECTS[kind].run([...RUNTIMES[runtime], 'main.js', endpoint]), `${TALKED} ${entry}`);
        }, `${transport}://127.0.0.1:0`));
    }
  }
}

for (const [kind, entry] of Object.entries(ENTRIES.node20)) {
  it(`node20, ${kind}, ws:// by the package ws`, async () => {
    const user = await made('with-ws', kind, ['ws']);
    const said = await withPeer((endpoint) => user.run([...RUNTIMES.node20, 'main.js', endpoint]));
    assert.equal(said, `${TALKED} ${entry}`);
  });
}

it('deno, allowed nothing but the network', () =>
  withPeer(async (endpoint) => {
    const command = [RUNTIMES.deno[0], 'run', '--allow-net', '--no-code-cache', '--no-prompt', '--no-remote', 'main.js', endpoint];
    assert.equal(await PROJECTS.esm.run(command), `${TALKED} deno.js`);
  }));

it('deno, the types', async () => {
  const file = PROJECTS.esm.write('typed.ts', `import { Context, REQ } from 'zmq-wasm';
    export const isClosed: boolean = new Context().socket(REQ).closed;
    // @ts-expect-error: it is no text
    export const text: string = isClosed;`);
  await PROJECTS.esm.run([RUNTIMES.deno[0], 'check', file]);
});
