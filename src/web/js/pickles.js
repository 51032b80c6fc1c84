// Sockets and pickles. What reads and writes these is a module of its own, loaded when it is first needed.

import { ZMQError, shared } from './errors.js';

let loading;

/** What `use` gives when it gets the module, or a promise of that as long as the module is not there. */
export function withPickle(use) {
  if (shared.pickle !== undefined) return use(shared.pickle);
  loading ??= import('#pickle').catch((cause) => {
    loading = undefined;
    const why = `the module for pickles can't be loaded here (${cause.message}): import 'zmq-wasm/pickle' before`;
    throw Object.assign(new ZMQError('ENOTSUP', why), { cause });
  });
  return loading.then(() => use(shared.pickle));
}
