// CURVE over WebSocket between two of the packed package, in each runtime that listens: its own sub-protocol, and no other. In
// workerd, by tcp to libzmq.

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { PeerProcess } from '../js/support.mjs';
import { curveKeypair } from '../../pkg/node.js';
import { RUNTIMES, project } from './support.mjs';
import { PACKAGED, withWorker } from './workers.mjs';

/** What a user writes: a service that lets nobody in who does not speak CURVE, a client that does, and two that get nowhere. */
const PROGRAM = `import { Context, REP, REQ, curveKeypair, curvePublic } from 'zmq-wasm';
const context = new Context();
const [server, client] = [curveKeypair(), curveKeypair()];
if (curvePublic(server.secretKey) !== server.publicKey) throw new Error('that is no pair of keys');
const rep = context.socket(REP, { curveServer: true, curveSecretkey: server.secretKey });
const refused = new Promise((resolve) => rep.addEventListener('accept_failed', ({ detail }) => resolve(detail.value)));
const endpoint = await rep.bind('ws://127.0.0.1:*/secret');
const keys = { curveServerkey: server.publicKey, curvePublickey: client.publicKey, curveSecretkey: client.secretKey };
const req = context.socket(REQ, keys);
req.connect(endpoint);
await req.send(new Uint8Array(70_000).fill(7));
const request = await rep.recv();
await rep.send('an answer');
const answer = await req.recvString();
const stranger = context.socket(REQ, { ...keys, curveServerkey: client.publicKey, reconnectIvl: -1 });
const failed = new Promise((resolve) => stranger.addEventListener('disconnected', resolve));
const failedBefore = new Promise((resolve) => {
  for (const name of ['handshake_failed_protocol', 'handshake_failed_no_detail']) stranger.addEventListener(name, resolve);
});
stranger.connect(endpoint);
await Promise.race([failed, failedBefore]);
const open = context.socket(REQ, { reconnectIvl: -1 });
open.connect(endpoint);
console.log(JSON.stringify({ request: request.length, answer, refused: await refused }));
await context.destroy(0);
globalThis.process?.exit();
`;

const WORKER = `import { Context, REQ, curveKeypair } from './node_modules/zmq-wasm/workerd.js';
export default {
  async fetch(request) {
    const [endpoint, curveServerkey] = new URL(request.url).searchParams.values();
    const { publicKey: curvePublickey, secretKey: curveSecretkey } = curveKeypair();
    const context = new Context();
    const req = context.socket(REQ, { curveServerkey, curvePublickey, curveSecretkey });
    req.connect(endpoint);
    await req.send('hello from a worker');
    const answer = await req.recvString();
    await context.destroy(0);
    return new Response(answer);
  },
};`;

let user;
before(async () => {
  user = await project('security', { files: { 'program.js': PROGRAM, 'worker.js': WORKER }, links: ['ws'], manifest: { type: 'module' } });
});

for (const runtime of ['node22', 'deno', 'bun']) {
  it(runtime, async () => {
    const { refused, ...said } = JSON.parse(await user.run([...RUNTIMES[runtime], 'program.js']));
    assert.deepEqual(said, { request: 70_000, answer: 'an answer' });
    assert.match(refused, /ZWS2\.0-NULL, ZWS2\.0\) none is known here: ZWS2\.0\/CURVE, ZWS2\.0-CURVE/);
  });
}

it('workerd', async () => {
  const { publicKey, secretKey } = curveKeypair();
  const peer = new PeerProcess('zeromq');
  try {
    const options = { linger: 0, curveServer: true, curveSecretkey: secretKey };
    const s = await peer.call({ do: 'socket', type: 'REP', options });
    const endpoint = await peer.call({ do: 'bind', s, endpoint: 'tcp://127.0.0.1:0' });
    await peer.call({ do: 'echo', s });
    await withWorker(user.path, ['worker.js', ...PACKAGED], async (miniflare) => {
      const response = await miniflare.dispatchFetch(`http://localhost/?${new URLSearchParams([['at', endpoint], ['key', publicKey]])}`);
      assert.equal(await response.text(), 'hello from a worker');
    });
  } finally {
    await peer.stop();
  }
});
