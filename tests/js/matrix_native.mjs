// Cases for our native listeners only. They reassemble fragments, so a browser may send them bodies of any size; libzmq does not
// survive fragments. Rules: RFC 45 (ZWS), and for heartbeats RFC 37.

import { Tally, numbered } from '../peers/messages.mjs';
import { peers } from './conversations.mjs';
import { body, define, equal, same, transfer } from './scene.mjs';

/** Two sockets that may both talk at any time. */
async function pair(scene, options = {}) {
  const theirs = await scene.theirs('PAIR');
  const ours = scene.ours('PAIR', options);
  ours.connect(theirs.endpoint);
  return [ours, theirs];
}

/** What drain(n) of a peer does, with a socket of ours. */
async function drain(ours, n) {
  const tally = new Tally();
  while (tally.count < n) tally.add(await ours.recv());
  return tally;
}

const report = ({ count, octets, checksum, first, last, gaps }) =>
  JSON.stringify({ count, octets, checksum, first, last, gaps });

/** Message i of `sizes` has number i and this size: what a faultless drain of them says. */
function expected(sizes) {
  const tally = new Tally();
  sizes.forEach((size, i) => tally.add([numbered(i, size)]));
  return report(tally);
}

export const native = [
  ...[131_000, 131_072, 1 << 20, 8 << 20].map((size) =>
    define(`bodies of ${size.toLocaleString('en')} octets, both ways, back to back`, async (scene) => {
      const [ours, theirs] = await pair(scene);
      const sizes = [size, size, 3];
      scene.step = 'to them';
      const there = theirs.drain(sizes.length);
      await Promise.all(sizes.map((size, i) => ours.send([numbered(i, size)])));
      equal(report(await there), expected(sizes), scene.step);
      scene.step = 'from them';
      const here = drain(ours, sizes.length);
      await Promise.all(sizes.map((size, i) => theirs.flood(1, size, { from: i })));
      equal(report(await here), expected(sizes), scene.step);
      scene.step = 'both at once';
      const tallies = Promise.all([theirs.drain(sizes.length), drain(ours, sizes.length)]);
      await Promise.all(
        sizes.flatMap((size, i) => [ours.send([numbered(i, size)]), theirs.flood(1, size, { from: i })]),
      );
      for (const tally of await tallies) equal(report(tally), expected(sizes), scene.step);
    }),
  ),

  define('PEER to their PEER', async (scene) => {
    const theirs = await scene.theirs('PEER');
    const ours = scene.ours('PEER');
    ours.connectPeer(theirs.endpoint);
    await peers(scene, ours, theirs);
  }),

  define('a message of 1,000 parts, both ways', async (scene) => {
    const [ours, theirs] = await pair(scene);
    const parts = Array.from({ length: 1000 }, (_, i) => body(i));
    await transfer(scene, ours, theirs, parts);
    await transfer(scene, theirs, ours, parts);
  }),

  define('10,000 small messages each way at once, none lost and all in order', async (scene) => {
    const n = 10_000;
    const [ours, theirs] = await pair(scene);
    const tallies = [theirs.drain(n), drain(ours, n)];
    const flood = theirs.flood(n, 20);
    for (let i = 0; i < n; i++) await ours.send([numbered(i, 20)]);
    await flood;
    const whole = expected(Array(n).fill(20));
    for (const tally of await Promise.all(tallies)) equal(report(tally), whole, 'what came');
  }),

  define('heartbeats keep a quiet connection, find a stopped process dead, and it comes back', async (scene) => {
    const peer = await scene.peer();
    const theirs = await scene.theirs('PAIR', { peer });
    // The timeout is long enough that a busy machine is not taken for a dead one.
    const ours = scene.ours('PAIR', { heartbeatIvl: 50, heartbeatTimeout: 1000 });
    let drops = 0;
    ours.socket.addEventListener('disconnected', () => drops++);
    ours.connect(theirs.endpoint);
    await transfer(scene, ours, theirs, ['before the quiet']);
    scene.step = 'the quiet';
    equal(await ours.recv(1500), null, 'what comes of heartbeats');
    await transfer(scene, theirs, ours, ['after the quiet']);
    equal(drops, 0, 'connections lost in the quiet');

    scene.step = 'the death of a stopped process';
    const dead = ours.event('disconnected');
    await peer.pause();
    await dead;
    const back = ours.event('handshake_succeeded');
    await ours.send(['sent meanwhile']);
    await peer.resume();
    scene.step = 'the way back';
    await back;
    same(await theirs.recv(), ['sent meanwhile'], scene.step);
    await transfer(scene, theirs, ours, ['and back']);
  }),
];
