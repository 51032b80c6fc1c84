// The packed package serving by tcp:// and ipc:// in each runtime that can, for libzmq's sockets.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { before, it } from 'node:test';
import { Peer } from '../js/peer.mjs';
import { Laboratory } from '../js/support.mjs';
import { RUNTIMES, project } from './support.mjs';

/** What a user writes: it serves a peer by each endpoint, and ends when they have said goodbye. */
const SERVICE = `import { Context, DEALER, PUB, ROUTER } from 'zmq-wasm';
const [back] = process.argv.slice(2);
const context = new Context();
const router = context.socket(ROUTER);
const report = context.socket(DEALER, { linger: -1 });
report.connect(back);
const bound = [];
for (const endpoint of ['tcp://127.0.0.1:*', 'ipc://*', 'ipc://@zmq-wasm-' + process.pid]) {
  try {
    bound.push(await router.bind(endpoint));
  } catch (error) {
    // Abstract names are not for Node.js 20.
    if (!endpoint.includes('@') || error.code !== 'EPROTONOSUPPORT') throw error;
  }
}
await report.sendMultipart(bound);
let goodbyes = 0;
while (goodbyes < bound.length) {
  const [id, ...parts] = await router.recvMultipart();
  if (parts[0].length === 7) goodbyes += 1;
  await router.sendMultipart([id, ...parts]);
}
for (const endpoint of bound) await router.unbind(endpoint);
router.close();
report.close();
await context.term();
`;

let user;
before(async () => {
  user = await project('streams', { files: { 'service.mjs': `import process from 'node:process';\n${SERVICE}` } });
});

for (const runtime of ['node20', 'node22', 'node24', 'deno', 'bun']) {
  it(runtime, async (t) => {
    const laboratory = new Laboratory();
    t.after(() => laboratory.close());
    const peer = await Peer.start(laboratory.invoke);
    const report = await peer.socket('ROUTER');
    const ended = user.run([...RUNTIMES[runtime], 'service.mjs', await report.bind('tcp://127.0.0.1:0')]);
    // A program that fails says nothing more.
    const [, ...endpoints] = await Promise.race([report.recv(), ended.then(() => assert.fail('it ended early'))]);
    const bound = endpoints.map((endpoint) => new TextDecoder().decode(endpoint));
    const [tcp, chosen, ...named] = bound;
    assert.match(`${tcp} ${chosen}`, /^tcp:\/\/127\.0\.0\.1:\d+ ipc:\/\/\/.*$/);
    assert.equal(named.length, runtime === 'node20' ? 0 : 1);
    const dealers = [];
    for (const endpoint of bound) {
      const dealer = await peer.socket('DEALER');
      await dealer.connect(endpoint);
      dealers.push(dealer);
      for (const size of [0, 1, 300, 65_536, 1 << 20]) {
        const sent = [new Uint8Array(size).fill(size % 251), Uint8Array.of(1, 2, 3)];
        await dealer.send(sent);
        assert.deepEqual(await dealer.recv(), sent, `${endpoint}, ${size} octets`);
      }
      // Many at once, past high water marks.
      const flood = dealer.flood(3000, 100);
      const { count, gaps } = await dealer.drain(3000);
      await flood;
      assert.deepEqual([count, gaps], [3000, 0], endpoint);
    }
    for (const dealer of dealers) await dealer.send(['goodbye']);
    for (const dealer of dealers) assert.equal(new TextDecoder().decode((await dealer.recv())[0]), 'goodbye');
    await ended;
    assert.equal(existsSync(chosen.slice('ipc://'.length)), false, 'the file is gone');
  });
}
