// Makes pkg/ from the JavaScript of src/web/js, wasm-bindgen's glue and the optimised module.
//   node scripts/bundle.mjs      after scripts/package.sh has filled .cache/bindgen
import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from './inline-wasm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...path) => join(root, ...path);
const esbuild = createRequire(at('tests/package.json'))('esbuild');

const ENTRY = at('src/web/js/index.js');
const TYPES = at('src/web/js/index.d.ts');
const PICKLE = at('src/web/js/pickle/index.js');
const PICKLE_TYPES = at('src/web/js/pickle/index.d.ts');
const GLUE = at('.cache/bindgen/zmq_wasm.js');
const WASM = at('.cache/bindgen/zmq_wasm.wasm');
const NAMES = at('.cache/bindgen/names.json');
const PKG = at('pkg');

const manifest = JSON.parse(readFileSync(at('pkg.json'), 'utf8'));
const [, crateVersion] = /^version *= *"(.*)"/m.exec(readFileSync(at('Cargo.toml'), 'utf8'));
if (manifest.version !== crateVersion) {
  fail(`pkg.json says version ${manifest.version}, Cargo.toml ${crateVersion}. Make them equal.`);
}

// A module of its own, imported first: wasm must stand before the first line of ENTRY runs.
const whole = `import '#instantiate'; export * from ${JSON.stringify(ENTRY)};`;

const slim = `
  import init from '#bindgen';
  export { initSync } from '#bindgen';
  export * from ${JSON.stringify(ENTRY)};
  export default async (module = new URL('zmq_wasm.wasm', import.meta.url)) => {
    await init({ module_or_path: module });
  };
`;
const slimTypes = `export * from './index.js';
/**
 * Where the module comes from.
 * @example
 * const source: ModuleSource = await fetch('/static/zmq_wasm.wasm');
 */
export type ModuleSource = WebAssembly.Module | BufferSource | Response | Request | URL | string;
/**
 * Call and await once, before anything else. Default: zmq_wasm.wasm beside this file.
 * @example
 * await init(new URL('/static/zmq_wasm.wasm', location.href));
 */
export default function init(module?: ModuleSource | Promise<ModuleSource>): Promise<void>;
/**
 * The same at once, for who has the bytes or the compiled module already.
 * @example
 * initSync({ module: await WebAssembly.compileStreaming(fetch('/static/zmq_wasm.wasm')) });
 */
export function initSync(options: { module: WebAssembly.Module | BufferSource }): unknown;
`;

// Names that are no files: `#bindgen` is wasm-bindgen's glue, `#instantiate` brings the module's bytes along, `#pickle` is
// the file of the same format that is loaded when pickles are asked for.
const virtualModules = {
  name: 'zmq-wasm',
  setup(build) {
    build.onResolve({ filter: /^#bindgen$/ }, () => ({ path: GLUE }));
    const extension = build.initialOptions.format === 'cjs' ? 'cjs' : 'js';
    build.onResolve({ filter: /^#pickle$/ }, () => ({ path: `./pickle.${extension}`, external: true }));
    build.onResolve({ filter: /^#(instantiate|packed)$/ }, ({ path }) => ({ path, namespace: 'virtual' }));
    build.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => {
      const bytes = readFileSync(WASM);
      // The text first: a block of gzip's that it shares with code suits neither.
      const contents = {
        '#packed': `export const text = ${JSON.stringify(pack(bytes))}, length = ${bytes.length};`,
        '#instantiate': `
          import { length, text } from '#packed';
          import { initSync } from '#bindgen';
          import { unpack } from './src/web/js/unpack.js';
          initSync({ module: unpack(text, length) });
        `,
      }[path];
      return { contents, resolveDir: root };
    });
    build.onLoad({ filter: /zmq_wasm\.js$/ }, ({ path }) => ({ contents: renamed(readFileSync(path, 'utf8')) }));
    // wasm-bindgen copies the modules that Rust imports; a copy would be a second module with a state of its own.
    build.onResolve({ filter: /^\.\/snippets\/[^/]+\// }, ({ path }) => {
      const original = at(path.replace(/^\.\/snippets\/[^/]+\//, ''));
      return existsSync(original) ? { path: original } : undefined;
    });
  },
};

rmSync(PKG, { recursive: true, force: true });
mkdirSync(PKG);
await bundle(whole, 'zmq-wasm.js', { format: 'esm' });
// platform node: only then does esbuild spell the names out where an import of CommonJS in Node looks for them.
await bundle(whole, 'zmq-wasm.cjs', { format: 'cjs', platform: 'node' });
await bundle(slim, 'slim.js', { format: 'esm' });
const pickle = `export * from ${JSON.stringify(PICKLE)};`;
await bundle(pickle, 'pickle.js', { format: 'esm' });
await bundle(pickle, 'pickle.cjs', { format: 'cjs', platform: 'node' });
writeFileSync(join(PKG, 'slim.d.ts'), slimTypes);
// Twice: in a package of type "module" TypeScript takes a .d.ts for an ES module, which does not fit require.
for (const name of ['index.d.ts', 'index.d.cts']) copyFileSync(TYPES, join(PKG, name));
for (const name of ['pickle.d.ts', 'pickle.d.cts']) copyFileSync(PICKLE_TYPES, join(PKG, name));
copyFileSync(WASM, join(PKG, 'zmq_wasm.wasm'));
copyFileSync(at('pkg.json'), join(PKG, 'package.json'));
for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(at(name), join(PKG, name));
weigh();

/** The glue by the short names that wasm-opt has given to imports and exports, all imports from one module. */
function renamed(glue) {
  const { imports, exports } = JSON.parse(readFileSync(NAMES, 'utf8'));
  const wrapped = new Map(imports.map(([, name, short]) => [name, short]));
  const exported = new Map(exports);
  const bare = imports.filter(([module]) => module.includes('/snippets/'));
  return glue
    .replace(/^import \* as .*\n/gm, '')
    .replace(/^import \{/m, `import { ${bare.map(([, name]) => name).join(', ')},`)
    .replace(/^ +(__wb\w+)(?=: function)/gm, (_, name) => wrapped.get(name))
    .replace(/return \{\s*__proto__: null,\s*"[^}]*\}/, `return { a: { ...import0, ${bare.map(([, name, short]) => `${short}: ${name}`).join(', ')} } }`)
    .replace(/\bwasm\.(\w+)/g, (_, name) => `wasm.${exported.get(name) ?? name}`);
}

function bundle(contents, outfile, options) {
  return esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: outfile },
    outfile: join(PKG, outfile),
    bundle: true,
    minify: true,
    platform: 'neutral',
    target: 'es2022',
    define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
    banner: { js: `/*! zmq-wasm ${manifest.version} | ${manifest.license} */` },
    plugins: [virtualModules],
    logLevel: 'warning',
    ...options,
  });
}

function weigh() {
  const budget = Number(process.env.ENTRY_GZIP_BUDGET);
  const row = (name, bytes, gzip) => console.log(name.padEnd(16), String(bytes).padStart(9), String(gzip).padStart(9));
  const zipped = (name) => gzipSync(readFileSync(join(PKG, name)), { level: 9 }).length;
  row('pkg/', 'bytes', 'gzip -9');
  for (const name of readdirSync(PKG).sort()) row(name, readFileSync(join(PKG, name)).length, zipped(name));
  const entry = zipped('zmq-wasm.js');
  if (!(entry <= budget)) {
    fail(`zmq-wasm.js weighs ${entry} bytes after gzip -9, its budget is ${budget} (ENTRY_GZIP_BUDGET in scripts/versions.env).`);
  }
}

function fail(sentence) {
  console.error(`error: ${sentence}`);
  process.exit(1);
}
