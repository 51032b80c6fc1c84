// The packed package in runtimes that are no browsers: as ES module and as CommonJS, talking with libzmq.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { RUNTIMES, TALKED, project, required, talk, withPeer } from './support.mjs';

// libzmq does not answer a WebSocket's CLOSE, and Node would wait for it.
const MAIN = `import { talk } from './talk.js';
talk(process.argv[2]).then((said) => {
  console.log(said, import.meta.resolve('zmq-wasm').split('/').pop());
  process.exit();
});`;

const FILES = { esm: { 'talk.js': talk(), 'main.js': MAIN }, cjs: { 'talk.js': required(talk()), 'main.js': required(MAIN) } };
const PROJECTS = {};
/** The file that stands for the package, by what loads it. */
const ENTRIES = {
  node22: { esm: 'node.js', cjs: 'node.cjs' },
  node24: { esm: 'node.js', cjs: 'node.cjs' },
  // It requires as Node does.
  deno: { esm: 'deno.js', cjs: 'node.cjs' },
  bun: { esm: 'bun.js', cjs: 'bun.js' },
};

before(async () => {
  for (const [kind, files] of Object.entries(FILES)) {
    const manifest = { type: kind === 'esm' ? 'module' : 'commonjs' };
    PROJECTS[kind] = await project(`servers-${kind}`, { files, manifest });
  }
});

for (const kind of ['esm', 'cjs']) {
  // It has no WebSocket of its own: what is left is inproc://.
  it(`node20, ${kind}`, async () => {
    const source = `import { Context, PAIR } from 'zmq-wasm';
      const [a, b] = [0, 0].map(() => Context.instance().socket(PAIR));
      b.connect('inproc://a');
      Promise.all([b.send('hello'), a.bind('inproc://a').then(() => a.recvString())]).then(([, said]) => {
        console.log(said);
        return Context.instance().destroy();
      });`;
    const file = PROJECTS[kind].write('inproc.js', kind === 'esm' ? source : required(source));
    assert.equal(await PROJECTS[kind].run([...RUNTIMES.node20, file]), 'hello');
  });
}
for (const [runtime, entries] of Object.entries(ENTRIES)) {
  for (const [kind, entry] of Object.entries(entries)) {
    it(`${runtime}, ${kind}`, () =>
      withPeer(async (endpoint) => {
        assert.equal(await PROJECTS[kind].run([...RUNTIMES[runtime], 'main.js', endpoint]), `${TALKED} ${entry}`);
      }));
  }
}

it('deno, allowed nothing but the network', () =>
  withPeer(async (endpoint) => {
    const command = [RUNTIMES.deno[0], 'run', '--allow-net', '--no-prompt', '--no-remote', 'main.js', endpoint];
    assert.equal(await PROJECTS.esm.run(command), `${TALKED} deno.js`);
  }));

it('deno, the types', async () => {
  const file = PROJECTS.esm.write('typed.ts', `import { Context, REQ } from 'zmq-wasm';
    export const isClosed: boolean = new Context().socket(REQ).closed;
    // @ts-expect-error: it is no text
    export const text: string = isClosed;`);
  await PROJECTS.esm.run([RUNTIMES.deno[0], 'check', file]);
});
