// Makes pkg/ from the JavaScript of src/web/js, wasm-bindgen's glue and the optimised module.
//   node scripts/bundle.mjs      after scripts/package.sh has filled .cache/bindgen
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from './inline-wasm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const at = (...path) => join(root, ...path);
const esbuild = createRequire(at('tests/package.json'))('esbuild');

const JS = at('src/web/js');
/** What scripts/package.sh has made of the module `browser`, `secure` or `server`. */
const built = (module, file) => at('.cache/bindgen', module, file);
/** The modules by their names in the package, where they are files of their own. */
const WASM = { browser: 'zmq_wasm.wasm', server: 'zmq_wasm_server.wasm' };
/** Where the imports of a module are. */
const IMPORTS = { browser: 'imports.js', secure: 'security/imports.js', server: 'server/imports.js' };
const PKG = at('pkg');

const manifest = JSON.parse(readFileSync(at('pkg.json'), 'utf8'));
const [, crateVersion] = /^version *= *"(.*)"/m.exec(readFileSync(at('Cargo.toml'), 'utf8'));
if (manifest.version !== crateVersion) {
  fail(`pkg.json says version ${manifest.version}, Cargo.toml ${crateVersion}. Make them equal.`);
}

/** Properties that only our own files know, of no object that the platform or a user has: their names are shortened. */
const INTERNAL = /^(onReady|onEvent|onFinished|setNumber|setBytes|nextPart|lastPeer|dialFailed|badFrame|accepted|lost|listener|socketNumber|isBusy|onSent|isLoading|rejectAll|serveAll|closeAll|receives|sends|polls|isEmpty|isTaken|onFree|unsent|requests|image|adopting|refused|attempt|collect|receive|transmit|shut|desert)$/;

/** What a file of ours exports, with what that imports in one piece. */
const evaluated = (file) => {
  const { outputFiles } = esbuild.buildSync({ entryPoints: [join(JS, file)], bundle: true, format: 'esm', write: false });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
};
const kinds = Object.entries((await evaluated('kinds.js')).KINDS).map(([mark, names]) => [mark, names.split(/\s+/)]);
/** Name, mark of the kind, number. */
const options = Object.entries(await evaluated('numbers.js'))
  .map(([name, number]) => `${name}${kinds.find(([, names]) => names.includes(name))?.[0] ?? ' '}${number}`)
  .join('');

/** An entry with its module. That is imported first: wasm must stand before the entry's first line runs. */
const entry = (file, instantiate) => `import ${JSON.stringify(instantiate)}; export * from ${JSON.stringify(join(JS, file))};`;

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

// How an entry comes to its module: `#packed` has it along, small, `#inlined` has it along as it is, `#imported` and
// `#imported?module` leave that to who bundles for a runtime that compiles no octets.
const started = (expression) => `import { start } from '#module'; start(${expression});`;
const packed = Object.fromEntries(['browser', 'secure'].map((module) => [module, pack(readFileSync(built(module, 'zmq_wasm.wasm')))]));
const unpacker = readFileSync(at('.cache/bindgen/unpack.wasm')).toString('base64');
const VIRTUAL = {
  // The options as text, which takes less room than a namespace of numbers and the lists of kinds.
  '#options': () => `export const table = ${JSON.stringify(options)};`,
  '#packed': (_, module) => `import { unpack } from './src/web/js/unpack.js'; ${started(`unpack(${JSON.stringify(unpacker)}, packedModule(), ${packed[module].length})`)}`,
  '#inlined': (bytes) => started(`Uint8Array.from(atob(${JSON.stringify(bytes.toString('base64'))}), (c) => c.charCodeAt(0))`),
  '#imported': () => `import module from './${WASM.server}'; ${started('module')}`,
  '#imported?module': () => `import module from './${WASM.server}?module'; ${started('module')}`,
  // Nothing. An ES module's constants are added when all else is done.
  '#nothing': () => '',
  // The module's imports and exports by the short names that wasm-opt has given them. It takes the place of wasm-bindgen's
  // glue, of which numbers need nothing.
  '#module': (_, module) => {
    const { imports, exports } = JSON.parse(readFileSync(built(module, 'names.json'), 'utf8'));
    const given = imports.map(([, name, short]) => `${short}: imports.${/^(?:__wbg_)?(\w+?)(?:_[0-9a-f]{16})?$/.exec(name)[1]}`);
    const taken = exports.filter(([name]) => !name.startsWith('__'));
    return `
      import * as imports from './src/web/js/${IMPORTS[module]}';
      export let ${taken.map(([name]) => name).join(', ')};
      export const isStarted = () => memory !== undefined;
      export function start(module) {
        if (isStarted()) return;
        // A module that was imported may be another realm's, as it is in Next.js at the edge.
        const isCompiled = !ArrayBuffer.isView(module) && !(module instanceof ArrayBuffer);
        const compiled = isCompiled ? module : new WebAssembly.Module(module);
        ({ ${taken.map(([name, short]) => `${short}: ${name}`).join(', ')} } =
          new WebAssembly.Instance(compiled, { a: { ${given.join(', ')} } }).exports);
      }
    `;
  },
};

/** Names that are no files: those above, and `#pickle`, which is loaded when pickles are asked for. */
const virtualModules = (module) => ({
  name: 'zmq-wasm',
  setup(build) {
    const extension = build.initialOptions.format === 'cjs' ? 'cjs' : 'js';
    build.onResolve({ filter: /^#pickle$/ }, () => ({ path: `./pickle.${extension}`, external: true }));
    build.onResolve({ filter: /^\.\/zmq_wasm\w*\.wasm/ }, ({ path }) => ({ path, external: true }));
    build.onResolve({ filter: /^\.\/constants\.js$/ }, ({ importer }) => {
      const isExported = extension === 'js' && importer === join(JS, 'index.js');
      return isExported ? { path: '#nothing', namespace: 'virtual' } : undefined;
    });
    build.onResolve({ filter: /^#/ }, ({ path }) => (path in VIRTUAL ? { path, namespace: 'virtual' } : undefined));
    build.onLoad({ filter: /.*/, namespace: 'virtual' }, ({ path }) => {
      return { contents: VIRTUAL[path](readFileSync(built(module, 'zmq_wasm.wasm')), module), resolveDir: root };
    });
  },
});

// Each with its own name where it is made, which is half of what esbuild makes of them: a variable, and elsewhere its name.
const exportedConstants = `export const ${Object.entries(await evaluated('constants.js')).map(([name, value]) => `${name}=${value}`).join()};\n`;

// A function, which is there before the lines above it run. Last: a block of gzip's that it shares with code suits neither.
const packedModule = (module) => `function packedModule(){return${JSON.stringify(packed[module].text)}}\n`;

// platform node: only then does esbuild spell the names out where an import of CommonJS in Node looks for them.
const esm = { format: 'esm', footer: exportedConstants };
const cjs = { format: 'cjs', platform: 'node' };

rmSync(PKG, { recursive: true, force: true });
mkdirSync(PKG);
for (const [module, file, name] of [['browser', 'browser.js', 'zmq-wasm'], ['secure', 'secure.js', 'secure']]) {
  await bundle(module, entry(file, '#packed'), `${name}.js`, { ...esm, footer: exportedConstants + packedModule(module) });
  await bundle(module, entry(file, '#packed'), `${name}.cjs`, { ...cjs, footer: packedModule(module) });
}
await bundle('browser', `export * from ${JSON.stringify(join(JS, 'slim.js'))}; export { default } from ${JSON.stringify(join(JS, 'slim.js'))};`, 'slim.js', esm);
for (const runtime of ['node', 'deno', 'bun']) {
  await bundle('server', entry(`server/${runtime}.js`, '#inlined'), `${runtime}.js`, esm);
}
await bundle('server', entry('server/node.js', '#inlined'), 'node.cjs', cjs);
await bundle('server', entry('server/workerd.js', '#imported'), 'workerd.js', esm);
await bundle('server', entry('server/edge.js', '#imported?module'), 'edge-light.js', esm);
for (const name of ['pickle', 'auth']) {
  const contents = `export * from ${JSON.stringify(join(JS, name, 'index.js'))};`;
  await bundle('browser', contents, `${name}.js`, { format: 'esm' });
  await bundle('browser', contents, `${name}.cjs`, cjs);
  typesOf(name, readFileSync(join(JS, name, 'index.d.ts'), 'utf8'));
}
writeFileSync(join(PKG, 'slim.d.ts'), slimTypes);
typesOf('index', readFileSync(join(JS, 'index.d.ts'), 'utf8'));
typesOf('secure', "export * from './index.js';\n");
for (const [module, name] of Object.entries(WASM)) copyFileSync(built(module, 'zmq_wasm.wasm'), join(PKG, name));
copyFileSync(at('pkg.json'), join(PKG, 'package.json'));
for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(at(name), join(PKG, name));
weigh();

/** Twice: in a package of type "module" TypeScript takes a .d.ts for an ES module, which does not fit require. */
function typesOf(name, types) {
  writeFileSync(join(PKG, `${name}.d.ts`), types);
  writeFileSync(join(PKG, `${name}.d.cts`), types.replaceAll("'./index.js'", "'./index.cjs'"));
}

async function bundle(module, contents, outfile, { format, platform = 'neutral', footer = '' }) {
  const target = 'es2022';
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: root, sourcefile: outfile },
    bundle: true,
    minify: true,
    write: false,
    format,
    platform,
    target,
    define: { PACKAGE_VERSION: JSON.stringify(manifest.version) },
    banner: { js: `/*! zmq-wasm ${manifest.version} | ${manifest.license} */` },
    // What the runtime itself has, and a package that users of Node.js may have.
    external: ['node:*', 'cloudflare:*', 'ws'],
    plugins: [virtualModules(module)],
    logLevel: 'warning',
  });
  // Afterwards: with mangleProps esbuild leaves unused functions in. In CommonJS, statements are to stay apart: tools know
  // it by one that begins with module.exports.
  const [{ text }] = outputFiles;
  const names = { minifyWhitespace: true, minifyIdentifiers: true, mangleProps: INTERNAL };
  const { code } = await esbuild.transform(text, { ...names, minifySyntax: format === 'esm', target });
  // It takes out what is never run; but that tells Node the names that a CommonJS file exports.
  const [exported = ''] = /0&&\(module\.exports=.*$/s.exec(text) ?? [];
  writeFileSync(join(PKG, outfile), code + exported + footer);
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
