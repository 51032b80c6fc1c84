// The interop matrix: our sockets, which connect as a browser's must, against ws:// listeners: libzmq's, or our native shell's.
// `cases` run unchanged in Node, in a page and in a dedicated worker. Rules: RFC 28 to 31, and 45 (ZWS).

import { numbered } from '../peers/messages.mjs';
import { DRAFTS, PAIRS, optionsOf, published } from './conversations.mjs';
import { native } from './matrix_native.mjs';
import { proxies } from './matrix_proxy.mjs';
import { recovery } from './matrix_recovery.mjs';
import { text } from './peer.mjs';
import { body, define, equal, rejects, same, transfer } from './scene.mjs';

/** Each of these pairs with either side ours. Who listens is theirs, or ours where `join` connects theirs to it. */
function pairs(known, join) {
  const cases = [];
  for (const [a, b, talk] of known) {
    for (const [ourType, theirType] of a === b
      ? [[a, b]]
      : [
          [a, b],
          [b, a],
        ]) {
      cases.push(
        define(`${ourType} to their ${theirType}`, async (scene) => {
          const [dials, listens] = optionsOf(a);
          if (join !== undefined) {
            const [theirs, ours] = [await scene.theirSocket(theirType, dials), scene.ours(ourType, listens)];
            await join(scene, theirs, ours);
            await (theirType === a ? talk(scene, theirs, ours) : talk(scene, ours, theirs));
            return;
          }
          const theirs = await scene.theirs(theirType, listens);
          const ours = scene.ours(ourType, dials);
          ours.connect(theirs.endpoint);
          await (ourType === a ? talk(scene, ours, theirs) : talk(scene, theirs, ours));
        }),
      );
    }
  }
  return cases;
}

const rules = [
  define('an incompatible pair of types in bare ZWS 2.0 disturbs nobody else', async (scene) => {
    // RFC 45's bare protocol has no type check; a PUB's libzmq listener must still serve its true subscriber.
    const pub = await scene.theirs('XPUB');
    scene.ours('PAIR').connect(pub.endpoint);
    const sub = scene.ours('SUB');
    sub.connect(pub.endpoint);
    await published(scene, pub, sub);
  }),

  define('a routing id that we choose is the one their ROUTER sees', async (scene) => {
    const router = await scene.theirs('ROUTER');
    for (const type of ['REQ', 'DEALER']) {
      const ours = scene.ours(type, { routingId: `my ${type}` });
      ours.connect(router.endpoint);
      const [, [id]] = await Promise.all([ours.send(['hello']), router.recv()]);
      same([id], [`my ${type}`], type);
    }
  }),

  define('SUB filters by prefix, counts its subscriptions and tells XPUB of the first and the last', async (scene) => {
    const xpub = await scene.theirs('XPUB');
    const sub = scene.ours('SUB');
    sub.connect(xpub.endpoint);
    for (const topic of ['weather', 'weather', 'news']) await sub.subscribe(topic);
    // Those made before the connection come in no particular order.
    const seen = [await xpub.recv(), await xpub.recv()].map(([part]) => text(part));
    equal(seen.sort().join(), '\x01news,\x01weather', 'subscriptions');
    for (const topic of ['sports', 'weather.basel', 'news', 'weathe', 'weather']) await xpub.send([topic, 'body']);
    for (const topic of ['weather.basel', 'news', 'weather']) same(await sub.recv(), [topic, 'body'], 'what passes');
    await sub.unsubscribe('weather');
    await sub.unsubscribe('news');
    same(await xpub.recv(), ['\x00news'], 'one of two equal subscriptions taken back says nothing');
    await xpub.send(['news', 'gone']);
    await xpub.send(['weather', 'still']);
    same(await sub.recv(), ['weather', 'still'], 'after one of two');
    await sub.unsubscribe('weather');
    same(await xpub.recv(), ['\x00weather'], 'the last taken back');
  }),

  define('XPUB tells the subscriptions of their SUB and publishes by prefix', async (scene) => {
    const sub = await scene.theirs('SUB');
    await sub.subscribe('a');
    const xpub = scene.ours('XPUB');
    xpub.connect(sub.endpoint);
    same(await xpub.recv(), ['\x01a'], 'subscribed');
    await xpub.send(['b1']);
    await xpub.send(['a1']);
    same(await sub.recv(), ['a1'], 'what passes');
    await sub.subscribe('b');
    same(await xpub.recv(), ['\x01b'], 'subscribed while connected');
    await sub.unsubscribe('a');
    same(await xpub.recv(), ['\x00a'], 'unsubscribed');
    await xpub.send(['a2']);
    await xpub.send(['b2']);
    same(await sub.recv(), ['b2'], 'after unsubscribing');
  }),

  define('PUSH shares among two PULLs, PULL takes from two PUSHes', async (scene) => {
    const pulls = [await scene.theirs('PULL'), await scene.theirs('PULL')];
    const push = scene.ours('PUSH');
    for (const pull of pulls) push.connect(pull.endpoint);
    for (let i = 0; i < 10; i++) await push.send([numbered(i, 4)]);
    for (const pull of pulls) equal((await pull.drain(5)).count, 5, 'messages at one PULL');

    const pushes = [await scene.theirs('PUSH'), await scene.theirs('PUSH')];
    const pull = scene.ours('PULL');
    for (const one of pushes) pull.connect(one.endpoint);
    await Promise.all(pushes.map((one, i) => one.send([`from ${i}`])));
    const came = [await pull.recv(), await pull.recv()].map(([part]) => text(part));
    equal(came.sort().join(), 'from 0,from 1', 'PULL');
  }),

  define('ten requests at once on one REQ each get their own reply', async (scene) => {
    const rep = await scene.theirs('REP');
    await rep.echo();
    const { socket: req } = scene.ours('REQ');
    req.connect(rep.endpoint);
    scene.step = 'ten at once';
    const replies = await Promise.all(
      Array.from({ length: 10 }, async (_, i) => {
        await req.sendString(`request ${i}`);
        return req.recvString();
      }),
    );
    equal(replies.join(), replies.map((_, i) => `request ${i}`).join(), 'replies in order of their requests');
  }),

  define('a stream of 3,000 messages keeps its order past the high water mark, both ways', async (scene) => {
    const [n, size] = [3_000, 100];
    const pull = await scene.theirs('PULL', { rcvhwm: 10 });
    const push = scene.ours('PUSH', { sndhwm: 10 });
    push.connect(pull.endpoint);
    const tally = pull.drain(n);
    for (let i = 0; i < n; i++) await push.send([numbered(i, size)]);
    const { count, gaps, first, octets } = await tally;
    equal(`${count} ${gaps} ${first} ${octets}`, `${n} 0 0 ${n * size}`, 'outbound');

    const source = await scene.theirs('PUSH', { sndhwm: 10 });
    const sink = scene.ours('PULL', { rcvhwm: 10 });
    sink.connect(source.endpoint);
    const flood = source.flood(n, size);
    for (let i = 0; i < n; i++) same(await sink.recv(), [numbered(i, size)], 'inbound');
    await flood;
  }),

  define('bodies of 65,535 octets sent back to back all arrive', async (scene) => {
    const n = 50;
    const pull = await scene.theirs('PULL');
    const push = scene.ours('PUSH');
    push.connect(pull.endpoint);
    await Promise.all(Array.from({ length: n }, (_, i) => push.send([numbered(i, 65_535)])));
    const { count, gaps, octets } = await pull.drain(n);
    equal(`${count} ${gaps} ${octets}`, `${n} 0 ${n * 65_535}`, 'what came');
  }),

  define('bodies of all lengths sent back to back all arrive, where a ring buffer would cut them too', async (scene) => {
    const sizes = [10, 65_535, 65_536, 70_000, 1000, 130_991, 100_000, 4, 65_537, 120_000];
    const n = 60;
    const pull = await scene.theirs('PULL');
    const push = scene.ours('PUSH');
    push.connect(pull.endpoint);
    const size = (i) => sizes[i % sizes.length];
    await Promise.all(Array.from({ length: n }, (_, i) => push.send([numbered(i, size(i))])));
    const { count, gaps, octets } = await pull.drain(n);
    const sum = Array.from({ length: n }, (_, i) => size(i)).reduce((a, b) => a + b);
    equal(`${count} ${gaps} ${octets}`, `${n} 0 ${sum}`, 'what came');
  }),

  define('a pickle goes there and back, and what was sent after it does not overtake it', async (scene) => {
    const echo = await scene.theirs('ROUTER');
    await echo.echo();
    const { socket } = scene.ours('DEALER');
    socket.connect(echo.endpoint);
    // In a page and a worker of its own, this is the first call, which loads the module.
    const sent = [socket.sendPyobj({ big: 2n ** 70n, list: [1.5, null, 'grüße'] }), socket.send('after')];
    const { big, list } = await socket.recvPyobj();
    equal(`${big} ${list.join()}`, `${2n ** 70n} 1.5,,grüße`, 'the value');
    equal(await socket.recvString(), 'after', 'the next message');
    await Promise.all(sent);
  }),

  define('messages queued at close() reach the peer within linger', async (scene) => {
    const pull = await scene.theirs('PULL');
    const push = scene.ours('PUSH', { linger: -1 });
    push.connect(pull.endpoint);
    for (let i = 0; i < 3; i++) await push.send([numbered(i, 10)]);
    push.socket.close();
    equal((await pull.drain(3)).gaps, 0, 'gaps');
  }),

  define('disconnect() ends the link to one peer and leaves the other', async (scene) => {
    const [left, right] = [await scene.theirs('PULL'), await scene.theirs('PULL')];
    const push = scene.ours('PUSH');
    for (const pull of [left, right]) {
      push.connect(pull.endpoint);
      await push.event('handshake_succeeded');
    }
    push.socket.disconnect(left.endpoint);
    for (let i = 0; i < 4; i++) await push.send([numbered(i, 4)]);
    equal((await right.drain(4)).count, 4, 'all at the one that stayed');
  }),
];

/** For listeners that do not survive fragments. */
const whole = [
  define('PEER to their PEER, of which npm `zeromq` tells the bodies only', async (scene) => {
    const theirs = await scene.theirs('PEER');
    const ours = scene.ours('PEER');
    ours.connectPeer(theirs.endpoint);
    for (const part of ['hello', '', body(255), body(256), body(65_535)])
      await transfer(scene, ours, theirs, [ours.number, part], [part]);
  }),

  define(
    'what a browser would fragment is refused with EMSGSIZE and a sentence, and the socket goes on',
    async (scene) => {
      for (const [ourType, theirType] of [
        ['PUSH', 'PULL'],
        ['PAIR', 'PAIR'],
        ['DEALER', 'ROUTER'],
        ['REQ', 'REP'],
      ]) {
        const theirs = await scene.theirs(theirType);
        const ours = scene.ours(ourType);
        ours.connect(theirs.endpoint);
        const arrives = async (message) => {
          scene.step = `${ourType} to ${theirType}, ${message.length} parts`;
          const [, parts] = await Promise.all([ours.send(message), theirs.recv()]);
          same(parts.slice(-message.length), message, scene.step);
          if (theirType === 'REP') await transfer(scene, theirs, ours, ['reply']);
        };
        await arrives(['before']);
        for (const size of [65_536, 130_991, 130_992, 131_072, 1 << 20]) {
          const message = ['small', body(size)];
          if (scene.canSend(message)) {
            await arrives(message);
            continue;
          }
          const error = await rejects(ours.send(message), 'EMSGSIZE', ourType);
          equal(error instanceof scene.zmq.ZMQError, true, 'a ZMQError');
          equal(
            error.message.replaceAll(',', '').includes(String(size)),
            true,
            `the message names the size: ${error.message}`,
          );
        }
        await arrives(['', 'after']);
      }
    },
  ),
];

const shared = [...pairs([...PAIRS, ...DRAFTS]), ...rules, ...proxies, ...recovery];

/** By what listens. pyzmq's libzmq has no draft types. */
export const cases = {
  libzmq: [...shared, ...whole],
  native: [...shared, ...native],
  pyzmq: [...pairs(PAIRS), ...rules, ...proxies, ...recovery],
};

/** The conversations of the matrix with our sockets listening, by `endpoint`. */
export const listening = (known, endpoint) =>
  pairs(known, async (scene, theirs, ours) => theirs.connect(await ours.bind(endpoint)));

