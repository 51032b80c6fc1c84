// The packaged library by tcp:// and ipc:// against libzmq, as client and as server: the interop matrix in Node.js.

import { after, describe, it } from 'node:test';
import * as zmq from '../../pkg/node.js';
import { DRAFTS, PAIRS } from './conversations.mjs';
import { cases, listening } from './matrix.mjs';
import { Peer } from './peer.mjs';
import { Laboratory } from './support.mjs';

function run(title, listener, endpoint, chosen) {
  describe(title, () => {
    const laboratory = new Laboratory();
    const env = { zmq, listener, endpoint, runtime: 'node', startPeer: (kind) => Peer.start(laboratory.invoke, kind) };
    after(() => laboratory.close());
    for (const { name, run } of chosen) it(name, () => run(env));
  });
}

const TCP = 'tcp://127.0.0.1:*';
run('connecting to pyzmq by tcp', 'pyzmq', TCP, cases.pyzmq);
run('listening to pyzmq by tcp', 'pyzmq', TCP, listening(PAIRS, TCP));
run("listening to libzmq's draft types by tcp", 'libzmq', TCP, listening(DRAFTS, TCP));
run('listening to pyzmq by ipc', 'pyzmq', 'ipc://*', listening(PAIRS, 'ipc://*'));
const drafts = new RegExp(`^(${DRAFTS.flat().filter((type) => typeof type === 'string').join('|')}) `);
run("connecting to libzmq's draft types by tcp", 'libzmq', TCP, cases.libzmq.filter(({ name }) => drafts.test(name)));
