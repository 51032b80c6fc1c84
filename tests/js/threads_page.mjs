// The cases of port: between a page and a worker that it starts.

import { cases as threads } from './threads.mjs';

const spawn = () => new Worker(new URL('threads_worker.mjs', import.meta.url), { type: 'module' });
export const cases = { worker: threads.map(({ name, run }) => ({ name, run: (env) => run({ ...env, spawn }) })) };
