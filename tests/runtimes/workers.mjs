// Cloudflare's workers on this machine: miniflare, which runs workerd.

import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { TOOLS } from './support.mjs';

export const COMPATIBILITY_DATE = '2026-11-01';

/** The package's files in a project that has it, for a worker that is not built. */
export const PACKAGED = ['workerd.js', 'pickle.js', 'zmq_wasm_server.wasm'].map((file) => join('node_modules/zmq-wasm', file));

const TYPES = { '.js': 'ESModule', '.wasm': 'CompiledWasm' };

/**
 * The worker whose modules are these files of `folder`, its entry first, running in miniflare: it has `dispatchFetch(url)`, and `ready`
 * promises the URL at which others reach it. `options` are further ones of miniflare's version 4.
 */
export async function startWorker(folder, files, options = {}) {
  const { Miniflare, convertV4MiniflareOptions } = createRequire(join(TOOLS, 'miniflare'))('miniflare');
  const modules = files.map((file) => ({ type: TYPES[extname(file)], path: join(folder, file) }));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({ modules, modulesRoot: folder, compatibilityDate: COMPATIBILITY_DATE, ...options }),
  );
  try {
    await miniflare.ready;
  } catch (error) {
    // A workerd whose worker doesn't start runs on, and this process with it.
    await miniflare.dispose();
    throw error;
  }
  return miniflare;
}

/** Runs it, and calls `use` with it. */
export async function withWorker(folder, files, use, options) {
  const miniflare = await startWorker(folder, files, options);
  try {
    return await use(miniflare);
  } finally {
    await miniflare.dispose();
  }
}
