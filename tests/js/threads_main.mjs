// All cases of port: in this runtime, between it and its Workers. Says so at the end.

import { zmq } from './entry.mjs';
import { cases } from './threads.mjs';

const spawn = () => new Worker(new URL('threads_worker.mjs', import.meta.url), { type: 'module' });

for (const { name, run } of cases) {
  await run({ zmq, spawn }).catch((error) => {
    throw new Error(`${name}: ${error.message}`, { cause: error });
  });
}
console.log(`${cases.length} cases`);
globalThis.process?.exit();
