// Servers that are no good peers, as each browser and Node.js see them.

import { after, describe, it } from 'node:test';
import { zmq } from './entry.mjs';
import { PAGES, inBrowser } from './everywhere.mjs';
import { cases } from './rude.mjs';
import { Laboratory } from './support.mjs';

describe('in Node', () => {
  const laboratory = new Laboratory();
  const env = { zmq, listener: 'libzmq', runtime: 'node', invoke: laboratory.invoke };
  after(() => laboratory.close());
  for (const { name, run } of cases.libzmq) it(name, () => run(env));
});
for (const [name, where] of PAGES) inBrowser(name, where, 'rude.mjs', 'libzmq', cases.libzmq);
