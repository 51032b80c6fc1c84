// The entry `zmq-wasm/secure` in Node and in each browser, against our native listeners.

import { after, before, describe, it } from 'node:test';
import { PAGES, inBrowser } from './everywhere.mjs';
import { Peer } from './peer.mjs';
import { cases } from './secure.mjs';
import { Laboratory, buildNativePeer } from './support.mjs';

before(buildNativePeer);

describe('in Node', { skip: typeof WebSocket === 'undefined' && 'this Node has no WebSocket; 22 has' }, () => {
  const laboratory = new Laboratory();
  const env = { listener: 'native', runtime: 'node', startPeer: (kind) => Peer.start(laboratory.invoke, kind) };
  after(() => laboratory.close());
  for (const { name, run } of cases.native) it(name, () => run(env));
});

for (const [name, where] of PAGES) inBrowser(name, where, 'secure.mjs', 'native', cases.native);
