// What the packages for npm and JSR promise, and what no file of theirs may need of a runtime.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'node:test';
import { transform } from '../node_modules/esbuild/lib/main.js';
import { RUNTIMES, project, run } from './support.mjs';
import { ROOT } from '../js/support.mjs';

const PKG = join(ROOT, 'pkg');
const manifest = JSON.parse(readFileSync(join(PKG, 'package.json'), 'utf8'));
const code = (file) => readFileSync(join(PKG, file), 'utf8');

let packed;
before(async () => {
  const [{ files }] = JSON.parse(await run(['npm', 'pack', '--dry-run', '--json'], { cwd: PKG }));
  packed = files.map(({ path }) => path).sort();
});

/** All files that `exports` names. */
const targets = (entry) => (typeof entry === 'string' ? [entry] : Object.values(entry).flatMap(targets));

it('npm packs what the exports name and what is to be read, and nothing else', () => {
  const wheel = `zmq_wasm-${manifest.version}-py3-none-any.whl`;
  const named = targets(manifest.exports).map((file) => file.slice(2).replace(/^\*\.whl$/, wheel));
  const expected = new Set([...named, 'README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']);
  assert.deepEqual(packed, [...expected].sort());
});

it('nothing is installed along, and nothing is run by the installation', () => {
  assert.equal(manifest.dependencies, undefined);
  assert.equal(manifest.scripts, undefined);
  const isOptional = (peer) => manifest.peerDependenciesMeta[peer]?.optional === true;
  assert.ok(Object.keys(manifest.peerDependencies ?? {}).every(isOptional));
});

it('every entry and condition has types', () => {
  for (const [path, entry] of Object.entries(manifest.exports)) {
    if (typeof entry !== 'string') checkTypes(entry, path);
  }
});
function checkTypes(entry, path) {
  if ('types' in entry) assert.equal(Object.keys(entry)[0], 'types', `${path}: types must come first`);
  else for (const [condition, more] of Object.entries(entry)) checkTypes(more, `${path} ${condition}`);
}

it('it says where it comes from, as provenance asks for', () => {
  assert.match(manifest.repository.url, /^git\+https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/);
  assert.deepEqual(manifest.publishConfig, { access: 'public', provenance: true });
});

it('deno would publish it to JSR, with the version and licence that npm has', async () => {
  const jsr = JSON.parse(code('jsr.json'));
  assert.deepEqual([jsr.version, jsr.license], [manifest.version, manifest.license]);
  // What it would check are types of Node's modules, which it would have to load first.
  await run([RUNTIMES.deno[0], 'publish', '--dry-run', '--allow-dirty', '--no-check'], { cwd: PKG });
});

it('no file needs Buffer, makes code of text or awaits at its top level', async () => {
  const scripts = packed.filter((file) => /\.c?js$/.test(file));
  assert.ok(scripts.length > 0);
  for (const file of scripts) {
    const text = code(file);
    assert.doesNotMatch(text, /\bBuffer\b/, file);
    assert.doesNotMatch(text, /\beval\b|\bFunction\s*\(/, file);
    // It refuses what awaits, as a script's body would.
    await transform(text, { format: 'cjs', logLevel: 'silent' });
  }
});
