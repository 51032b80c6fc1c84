// Makes in pkg/ what JSR asks for beside the package for npm: its manifest, and for each entry a file that names its types.
//   node scripts/jsr.mjs      after scripts/bundle.mjs
// To publish it: cd pkg && deno publish --no-check. Nothing of this is in the npm package.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PKG = fileURLToPath(new URL('../pkg/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${PKG}package.json`, 'utf8'));

/**
 * JSR has no conditions: who wants what a runtime has beside WebSockets names it. Those that are not here have npm, where
 * Node.js finds its optional packages and a bundler for Workers the module.
 */
const RUNTIMES = ['deno', 'bun'];
const whole = manifest.exports['.'];
const entries = { index: whole.browser, secure: manifest.exports['./secure'].default };
for (const name of ['slim', 'pickle', 'auth']) entries[name] = manifest.exports[`./${name}`];
for (const runtime of RUNTIMES) if (runtime in whole) entries[runtime] = whole[runtime];

mkdirSync(`${PKG}jsr`, { recursive: true });
const include = ['jsr.json', 'jsr', 'index.d.ts', 'pickle.d.ts', 'auth.d.ts', 'zmq_wasm.wasm', 'README.md', 'CHANGELOG.md', 'LICENSE-*'];
for (const [name, entry] of Object.entries(entries)) {
  let { types, default: file } = entry.import ?? (entry.default?.types ? entry.default : entry);
  include.push(file.slice(2));
  types = `.${types}`;
  // What is not under conditions is told of by files that name each other.
  if (name === 'secure') types = '../index.d.ts';
  let lines = `export * from '.${file}';\n`;
  if (name === 'slim') {
    // Its types say './index.js', which is there.
    copyFileSync(`${PKG}slim.d.ts`, `${PKG}jsr/slim.d.ts`);
    types = './slim.d.ts';
    lines += `export { default } from '.${file}';\n`;
  }
  writeFileSync(`${PKG}jsr/${name}.js`, `/* @ts-self-types="${types}" */\n${lines}`);
}

const jsr = {
  name: `@${manifest.name}/${manifest.name}`,
  version: manifest.version,
  license: manifest.license,
  exports: Object.fromEntries(Object.keys(entries).map((name) => [name === 'index' ? '.' : `./${name}`, `./jsr/${name}.js`])),
  publish: {
    include,
    // Although git ignores all of it.
    exclude: ['!**'],
  },
};
writeFileSync(`${PKG}jsr.json`, `${JSON.stringify(jsr, null, 2)}\n`);
