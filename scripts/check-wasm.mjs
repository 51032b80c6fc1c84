// Says what a built module wants from its host, and fails when it wants a C environment:
// an import from `env` means that some crate left a symbol undefined, and no bundler can supply it.
//   node scripts/check-wasm.mjs FILE.wasm
import { readFileSync } from 'node:fs';

const [file] = process.argv.slice(2);
const imports = WebAssembly.Module.imports(new WebAssembly.Module(readFileSync(file)));

const count = new Map();
for (const { module } of imports) count.set(module, (count.get(module) ?? 0) + 1);
for (const [module, functions] of count) console.log(`${file} imports ${functions} things from ${module}`);

const missing = imports.filter(({ module }) => module === 'env').map(({ name }) => name);
if (missing.length > 0) {
  console.error(`error: ${file} imports ${missing.join(', ')} from "env". Find the crate that declares them extern "C" and drop it or its feature.`);
  process.exit(1);
}
