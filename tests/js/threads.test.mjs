// port: between the threads of Node, and those of a Chromium page.

import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { zmq } from './entry.mjs';
import { cases } from './threads.mjs';

const spawn = () => new Worker(new URL('threads_worker.mjs', import.meta.url));

describe("port: between Node's threads", () => {
  for (const { name, run } of cases) it(name, () => run({ zmq, spawn }));
});
