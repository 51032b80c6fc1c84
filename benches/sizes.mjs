// What the npm package weighs, file by file and as what a page loads, beside npm jszmq.
//   node benches/sizes.mjs      after scripts/package.sh

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleJszmq } from './jszmq.mjs';
import { ROOT, publish, table } from './report.mjs';

const pkg = (name) => join(ROOT, 'pkg', name);

/** What is loaded together. */
const LOADS = [
  ['`zmq-wasm`: one file, the wasm inside, packed', [pkg('zmq-wasm.js')]],
  ['`zmq-wasm/secure`: the same with PLAIN and CURVE', [pkg('secure.js')]],
  ['`zmq-wasm/slim` and its `.wasm`', [pkg('slim.js'), pkg('zmq_wasm.wasm')]],
  ['jszmq 0.1.2, minified with what it depends on', [await bundleJszmq()]],
];

const rows = LOADS.map(([name, paths]) => {
  const files = paths.map((path) => readFileSync(path));
  const sum = (weigh) => files.reduce((all, file) => all + weigh(file), 0);
  return { name, bytes: sum((file) => file.length), gzip: sum((file) => gzipSync(file, { level: 9 }).length) };
});

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
publish(
  'sizes',
  'What a page loads',
  [table(['', 'kB', 'kB gzip -9'], rows.map(({ name, bytes, gzip }) => [name, kilobytes(bytes), kilobytes(gzip)]))],
  rows,
);
