// npm jszmq, the older port of ZeroMQ to JavaScript, as one module for a page.

import { createRequire } from 'node:module';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './report.mjs';

const TESTS = join(ROOT, 'tests');
const { build } = createRequire(join(TESTS, 'package.json'))('esbuild');

/** What only its listening side needs, which a page can't have. */
const NODE_ONLY = { filter: /^(http|https|url|ws)$/ };

/** Bundles it into .cache/bench/jszmq.js and gives that path. */
export async function bundleJszmq() {
  const outfile = join(ROOT, '.cache/bench/jszmq.js');
  mkdirSync(join(ROOT, '.cache/bench'), { recursive: true });
  await build({
    stdin: {
      contents: `export { Pull, Push, Dealer } from 'jszmq'; export { Buffer } from 'buffer';`,
      resolveDir: TESTS,
      sourcefile: 'jszmq-entry.js',
    },
    outfile,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    define: { global: 'globalThis', 'process.env.NODE_DEBUG': '""' },
    plugins: [
      {
        name: 'nothing-of-node',
        setup({ onResolve, onLoad }) {
          onResolve(NODE_ONLY, ({ path }) => ({ path, namespace: 'nothing' }));
          onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'module.exports = {};' }));
        },
      },
    ],
    logLevel: 'error',
  });
  return outfile;
}
