// Cloudflare's workers on this machine: miniflare, which runs workerd.

import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { TOOLS } from './support.mjs';

export const COMPATIBILITY_DATE = '2026-11-01';

const TYPES = { '.js': 'ESModule', '.wasm': 'CompiledWasm' };

/**
 * Runs the worker whose modules are these files of `folder`, its entry first, and calls `use` with miniflare: it has
 * `dispatchFetch(url)`, and `ready` is the URL at which others reach it. `options` are further ones of miniflare's version 4.
 */
export async function withWorker(folder, files, use, options = {}) {
  const { Miniflare, convertV4MiniflareOptions } = createRequire(join(TOOLS, 'miniflare'))('miniflare');
  const modules = files.map((file) => ({ type: TYPES[extname(file)], path: join(folder, file) }));
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({ modules, modulesRoot: folder, compatibilityDate: COMPATIBILITY_DATE, ...options }),
  );
  try {
    return await use(miniflare);
  } finally {
    await miniflare.dispose();
  }
}
