// npm's `ws`, which who listens by ws:// in Node.js has installed, and who connects from before version 22.

import { ZMQError } from '../errors.js';

/** Promises the package. `why` tells what it is for. */
export async function load(why) {
  try {
    // Bundlers let it be missing only where it is tried.
    return await import('ws');
  } catch (cause) {
    throw Object.assign(new ZMQError('ENOTSUP', `${why} needs the package ws: npm install ws`), { cause });
  }
}
