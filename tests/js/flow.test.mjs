// Back-pressure in Node and in each browser, against libzmq.

import { after, describe, it } from 'node:test';
import { zmq } from './entry.mjs';
import { PAGES, inBrowser } from './everywhere.mjs';
import { cases, receivers, senders } from './flow.mjs';
import { Peer } from './peer.mjs';
import { Laboratory } from './support.mjs';

describe('in Node', () => {
  const laboratory = new Laboratory();
  after(() => laboratory.close());
  const env = { zmq, listener: 'libzmq', runtime: 'node', startPeer: (kind) => Peer.start(laboratory.invoke, kind) };
  for (const { name, run } of cases.libzmq) it(name, () => run(env));
});

for (const [name, where] of PAGES) {
  const isBlind = name === 'webkit';
  inBrowser(name, where, 'flow.mjs', 'libzmq', isBlind ? receivers : cases.libzmq);
  const skip = "WebKitGTK's bufferedAmount stays at 0, whatever is unsent";
  if (isBlind) for (const { name } of senders) it(name, { skip });
}
