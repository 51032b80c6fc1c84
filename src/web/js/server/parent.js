// In a worker of these runtimes, the port that leads to who has made it.

import { own } from '../threads.js';

own.port ??= globalThis.process?.getBuiltinModule?.('node:worker_threads')?.parentPort;
