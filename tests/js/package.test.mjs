// The built npm package as its users meet it: every entry, bundled, typed, and the encoding that carries the module.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { decode, encode } from '../../scripts/inline-wasm.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOME = join(ROOT, '.cache/package-test');         // a user's project that has the package installed
const ENTRY = `import { Context, PAIR } from 'zmq-wasm'; const context = new Context(); context.socket(PAIR).close(); console.log('made');`;

function user(file, source) {
  const path = join(HOME, file);
  writeFileSync(path, source);
  return path;
}
const run = (path) => execFileSync(process.execPath, [path], { cwd: HOME, encoding: 'utf8' }).trim();
const importInto = (file) => import(pathToFileURL(join(HOME, 'node_modules/zmq-wasm', file)));

before(() => {
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(join(HOME, 'node_modules'), { recursive: true });
  symlinkSync(join(ROOT, 'pkg'), join(HOME, 'node_modules/zmq-wasm'), 'dir');
});

describe('the package', () => {
  it('works on import, with no init call', () => assert.equal(run(user('main.mjs', ENTRY)), 'made'));

  it('works by require', () => {
    const source = ENTRY.replace('import', 'const').replace("from 'zmq-wasm'", "= require('zmq-wasm')");
    assert.equal(run(user('main.cjs', source)), 'made');
  });

  it('works after init of the slim entry with the bytes of zmq_wasm.wasm', () => {
    const source = `import { readFileSync } from 'node:fs';
      import init, { Context, PAIR } from 'zmq-wasm/slim';
      await init(readFileSync(new URL(import.meta.resolve('zmq-wasm/zmq_wasm.wasm'))));
      new Context().socket(PAIR).close(); console.log('made');`;
    assert.equal(run(user('slim.mjs', source)), 'made');
  });

  it('has the same names in every entry', async () => {
    const names = Object.keys(await importInto('zmq-wasm.js')).sort();
    const slim = Object.keys(await importInto('slim.js')).filter((name) => name !== 'default' && name !== 'initSync');
    assert.deepEqual(slim.sort(), names);
    assert.deepEqual(Object.keys(createRequire(HOME)(join(HOME, 'node_modules/zmq-wasm/zmq-wasm.cjs'))).sort(), names);
  });

  it('survives a bundler, and vanishes from the bundle of who imports and does not use it', async () => {
    const { build } = createRequire(join(ROOT, 'tests/package.json'))('esbuild');
    const bundle = (source, outfile) => build({
      stdin: { contents: source, resolveDir: HOME }, outfile: join(HOME, outfile), bundle: true, minify: true, format: 'esm',
    });
    await bundle(ENTRY, 'bundled.mjs');
    assert.equal(run(join(HOME, 'bundled.mjs')), 'made');
    await bundle(`import { Context } from 'zmq-wasm'; console.log('nothing');`, 'unused.mjs');
    assert.ok(readFileSync(join(HOME, 'unused.mjs')).length < 100);
  });

  it('has types that fit import, require and slim', () => {
    user('types.mts', `import { Context, Socket, REQ, ZMQError } from 'zmq-wasm';
      import init, { initSync, Context as Slim } from 'zmq-wasm/slim';
      const socket: Socket = new Context().socket(REQ);
      await init(); await init(new URL('a:b')); initSync({ module: new Uint8Array() }); new Slim();
      export const code: string = new ZMQError().code; export { socket };`);
    user('types.cts', `import zmq = require('zmq-wasm'); export const closed: boolean = new zmq.Context().closed;`);
    user('tsconfig.json', JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2022', lib: ['esnext', 'dom'], types: [], strict: true, noEmit: true },
      files: ['types.mts', 'types.cts'],
    }));
    execFileSync(join(ROOT, 'tests/node_modules/.bin/tsc'), ['-p', HOME], { stdio: 'inherit' });
  });
});

describe('the text that carries the module', () => {
  const samples = {
    'nothing': new Uint8Array(),
    'every byte': Uint8Array.from({ length: 256 }, (_, byte) => byte),
    'rising and falling': Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) >> 3),
    'one byte only': new Uint8Array(1000).fill(255),
  };
  for (const [name, bytes] of Object.entries(samples)) {
    it(`gives back ${name}`, () => {
      const { text, common } = encode(bytes);
      assert.deepEqual(decode(text, common), bytes);
      assert.match(text, /^[ -~]*$/);
      assert.doesNotMatch(text, /["'`\\$<]/);
    });
  }
});
