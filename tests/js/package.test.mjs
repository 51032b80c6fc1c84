// The built npm package as its users meet it: every entry, bundled, typed, and the encoding that carries the module.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { pack } from '../../scripts/inline-wasm.mjs';
import { unpack } from '../../src/web/js/unpack.js';

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
    assert.deepEqual(Object.keys(await importInto('secure.js')).sort(), names);
    assert.deepEqual(Object.keys(createRequire(HOME)(join(HOME, 'node_modules/zmq-wasm/zmq-wasm.cjs'))).sort(), names);
    assert.deepEqual(Object.keys(createRequire(HOME)(join(HOME, 'node_modules/zmq-wasm/secure.cjs'))).sort(), names);
  });

  describe('loads what reads and writes pickles when it is first asked for one', () => {
    const TALK = `const context = new Context(); const [a, b] = [context.socket(PAIR), context.socket(PAIR)];
      const talk = async () => {
        await a.bind('inproc://a'); b.connect('inproc://a');
        const sent = [b.sendPyobj(Tuple.of(1)), b.send('after')];
        const first = await a.recvPyobj();
        console.log(first.constructor.name, first.length, await a.recvString());
        await Promise.all(sent); a.close(); b.close();
      };`;
    const SAID = 'Tuple 1 after';

    it('by import', () => {
      const source = `import { Context, PAIR } from 'zmq-wasm'; const Tuple = { of: (item) => [item] }; ${TALK} await talk();`;
      assert.equal(run(user('pickle-late.mjs', source)), 'Array 1 after');
    });

    it('by require', () => {
      const source = `const { Context, PAIR } = require('zmq-wasm'); const { Tuple } = require('zmq-wasm/pickle'); ${TALK} talk();`;
      assert.equal(run(user('pickle.cjs', source)), SAID);
      const late = `const { Context, PAIR } = require('zmq-wasm'); const Tuple = { of: (item) => [item] }; ${TALK} talk();`;
      assert.equal(run(user('pickle-late.cjs', late)), 'Array 1 after');
    });

    it('with the slim entry', () => {
      const source = `import { readFileSync } from 'node:fs'; import { Tuple } from 'zmq-wasm/pickle';
        import init, { Context, PAIR } from 'zmq-wasm/slim';
        await init(readFileSync(new URL(import.meta.resolve('zmq-wasm/zmq_wasm.wasm')))); ${TALK} await talk();`;
      assert.equal(run(user('pickle-slim.mjs', source)), SAID);
    });

    it('where it is bundled along, in one file or in several', async () => {
      const { build } = createRequire(join(ROOT, 'tests/package.json'))('esbuild');
      const source = `import { Context, PAIR } from 'zmq-wasm'; import { Tuple } from 'zmq-wasm/pickle'; ${TALK} talk();`;
      const common = { entryPoints: [user('pickle-bundle.mjs', source)], bundle: true, minify: true, keepNames: true };
      await build({ ...common, format: 'iife', outfile: join(HOME, 'pickle-bundled.cjs') });
      assert.equal(run(join(HOME, 'pickle-bundled.cjs')), SAID);
      await build({ ...common, format: 'esm', splitting: true, outdir: join(HOME, 'split'), outExtension: { '.js': '.mjs' } });
      assert.equal(run(join(HOME, 'split/pickle-bundle.mjs')), SAID);
    });

    it('as one and the same, however it is loaded', () => {
      const source = `import { createRequire } from 'node:module'; import * as esm from 'zmq-wasm/pickle'; import { ZMQError } from 'zmq-wasm';
        const cjs = createRequire(import.meta.url)('zmq-wasm/pickle');
        let error; try { esm.loads(new Uint8Array()); } catch (thrown) { error = thrown; }
        console.log(esm.Tuple === cjs.Tuple, error instanceof ZMQError, Object.keys(esm).sort().join() === Object.keys(cjs).sort().join());`;
      assert.equal(run(user('pickle-same.mjs', source)), 'true true true');
    });

    it('and says what to import where it can not', () => {
      // A copy of the entry that has nothing beside it to load.
      const entry = readFileSync(join(ROOT, 'pkg/zmq-wasm.js'), 'utf8');
      user('alone.mjs', entry);
      const source = `import { Context, PAIR, NOBLOCK } from './alone.mjs';
        const context = new Context(); const [a, b] = [context.socket(PAIR), context.socket(PAIR)];
        await a.bind('inproc://a'); b.connect('inproc://a');
        const codes = [];
        const fails = (promise) => promise.catch(({ code, message }) => codes.push(code, message.includes("import 'zmq-wasm/pickle'")));
        await Promise.all([fails(b.sendPyobj(1)), b.send('kept')]);
        await fails(a.recvPyobj());
        console.log(codes.join(), await a.recvString());
        await import('zmq-wasm/pickle');
        await b.sendPyobj([1]); console.log((await a.recvPyobj(NOBLOCK)).length); a.close(); b.close();`;
      assert.equal(run(user('pickle-alone.mjs', source)), 'ENOTSUP,true,ENOTSUP,true kept\n1');
    });
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
      import { Tuple, Plain, dumps, loads } from 'zmq-wasm/pickle';
      export const pair: Tuple<number> = Tuple.of(1, 2); export const day: string = new Plain('2026-01-01').toString();
      export const read: unknown = loads(dumps(pair, 5)); export const sum = pair.map((item) => item + 1).length;
      const socket: Socket = new Context().socket(REQ);
      await init(); await init(new URL('a:b')); initSync({ module: new Uint8Array() }); new Slim();
      export const code: string = new ZMQError().code; export { socket };`);
    user('types.cts', `import zmq = require('zmq-wasm'); import pickle = require('zmq-wasm/pickle');
      export const dumped: Uint8Array = pickle.dumps(null); export const closed: boolean = new zmq.Context().closed;`);
    user('tsconfig.json', JSON.stringify({
      compilerOptions: { module: 'nodenext', target: 'es2022', lib: ['esnext', 'dom'], types: [], strict: true, noEmit: true },
      files: ['types.mts', 'types.cts'],
    }));
    execFileSync(join(ROOT, 'tests/node_modules/.bin/tsc'), ['-p', HOME], { stdio: 'inherit' });
  });
});

describe('the text that carries the module', () => {
  const unpacker = readFileSync(join(ROOT, '.cache/bindgen/unpack.wasm'));
  const again = (module) => {
    const { text, length } = pack(module);
    return new WebAssembly.Module(unpack(unpacker.toString('base64'), text, length));
  };

  const samples = {
    'nothing': new Uint8Array(),
    'every byte': Uint8Array.from({ length: 256 }, (_, byte) => byte),
    'rising and falling': Uint8Array.from({ length: 10_000 }, (_, i) => (i * i) >> 3),
    'one byte only': new Uint8Array(1000).fill(255),
    'bytes without a pattern': new Uint8Array(createHash('shake256', { outputLength: 60_000 }).update('any').digest()),
    'this program': new Uint8Array(readFileSync(process.execPath).subarray(0, 60_000)),
  };
  for (const [name, bytes] of Object.entries(samples)) {
    it(`gives back ${name}`, () => {
      const length = bytes.length + 2;
      const section = [0, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14, 1, 's'.charCodeAt(0), ...bytes];
      const module = again(Uint8Array.from([...unpacker, ...section]));
      assert.deepEqual(new Uint8Array(WebAssembly.Module.customSections(module, 's')[0]), bytes);
    });
  }

  it('gives back every kind of instruction', () => {
    const file = user('instructions.wat', `(module
      (memory 1) (data $hello "hello") (table 2 funcref) (elem (i32.const 0) $twice $thrice) (type $number (func (param i32) (result i32)))
      (func $twice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
      (func $thrice (param i32) (result i32) (i32.mul (local.get 0) (i32.const 3)))
      (func (export "called") (param i32) (result i32) (call_indirect (type $number) (i32.const 1000) (local.get 0)))
      (func (export "chosen") (param i32) (result i32)
        (block (block (block (br_table 0 1 2 (local.get 0))) (return (i32.const 70))) (return (i32.const 80))) (i32.const -90))
      (func (export "reals") (result f64) (f64.add (f64.const 0.1) (f64.promote_f32 (f32.const 0.5))))
      (func (export "long") (result i64) (i64.const -1234567890123456789))
      (func (export "rounded") (result i32) (i32.trunc_sat_f64_s (f64.const 1e300)))
      (func (export "remembered") (result i64)
        (memory.init $hello (i32.const 8) (i32.const 0) (i32.const 5)) (data.drop $hello) (memory.copy (i32.const 9) (i32.const 8) (i32.const 5))
        (memory.fill (i32.const 14) (i32.const 33) (i32.const 2)) (i64.store offset=300 (i32.const 0) (i64.load align=1 (i32.const 8)))
        (drop (memory.grow (memory.size))) (i64.load offset=300 (i32.const 0))))`);
    execFileSync(join(ROOT, 'tests/node_modules/.bin/wasm-as'), [file, '--enable-bulk-memory', '--enable-nontrapping-float-to-int', '--output', join(HOME, 'instructions.wasm')]);
    const bytes = readFileSync(join(HOME, 'instructions.wasm'));
    const results = (module) => {
      const { called, chosen, reals, long, rounded, remembered } = new WebAssembly.Instance(module).exports;
      return [called(0), called(1), chosen(0), chosen(1), chosen(2), reals(), long(), rounded(), remembered()];
    };
    assert.deepEqual(results(again(bytes)), results(new WebAssembly.Module(bytes)));
    assert.deepEqual(results(again(bytes)).slice(0, 7), [2000, 3000, 70, 80, -90, 0.6, -1234567890123456789n]);
  });
});
