// Each compatible pair of socket types and what is said in it. A side is anything with the methods of a PeerSocket, so the same
// conversations judge our sockets against libzmq, and libzmq's bindings against each other.
// Rules: RFC 28 (request-reply), 29 (publish-subscribe), 30 (pipeline), 31 (exclusive pair); 41 (client-server), 48 (radio-dish),
// 49 (scatter-gather), 51 (peer-to-peer), 52 (channel).

import { body, same, transfer } from './scene.mjs';

const SHAPES = [
  ['hello'],
  [''],
  ['one', 'two', 'three'],
  ['', 'front'],
  ['mid', '', 'dle'],
  ['end', ''],
  ['', '', ''],
  [body(1), '', body(300), '', body(60_000)],
];
const SIZES = [0, 255, 256, 65_535, 65_536, 1 << 20];
/** What types may say whose messages have one part. */
const SINGLES = ['hello', '', ...SIZES.map(body)];
const MESSAGES = [...SHAPES, ...SIZES.map((size) => [body(size)])];

/** Each compatible pair once, and a conversation in it that goes both ways where the pattern does. */
export const PAIRS = [
  ['PAIR', 'PAIR', bothWays],
  ['REQ', 'REP', requests],
  ['REQ', 'ROUTER', requestsByEnvelope],
  ['DEALER', 'REP', requestsFromDealer],
  ['DEALER', 'ROUTER', routed],
  ['DEALER', 'DEALER', bothWays],
  ['ROUTER', 'ROUTER', routers],
  ['PUSH', 'PULL', oneWay],
  ['PUB', 'SUB', published],
  ['PUB', 'XSUB', published],
  ['XPUB', 'SUB', published],
  ['XPUB', 'XSUB', publishedBothWays],
];

/** The same for libzmq's draft types, but for PEER, which npm `zeromq` can't send by. */
export const DRAFTS = [
  ['CLIENT', 'SERVER', served],
  ['RADIO', 'DISH', broadcast],
  ['SCATTER', 'GATHER', scattered],
  ['CHANNEL', 'CHANNEL', channelled],
];

/** Options of the side that dials and of the side that listens, for pairs of this type with its own. */
export function optionsOf(type) {
  return type === 'ROUTER' ? [{ routingId: 'dials', probeRouter: true }, { routingId: 'listens' }] : [{}, {}];
}

async function oneWay(scene, from, to) {
  for (const message of MESSAGES) await transfer(scene, from, to, message);
}

async function bothWays(scene, a, b) {
  await oneWay(scene, a, b);
  await oneWay(scene, b, a);
}

/** A request that can't be sent leaves REQ free to ask; a reply that can't be sent is still owed. */
async function requests(scene, req, rep) {
  for (const message of MESSAGES) {
    if (!(await transfer(scene, req, rep, message))) continue;
    if (!(await transfer(scene, rep, req, message))) await transfer(scene, rep, req, ['too large to answer']);
  }
}

async function requestsByEnvelope(scene, req, router) {
  scene.step = 'the first request tells the routing id';
  const [, [id, ...first]] = await Promise.all([req.send(['hello']), router.recv()]);
  same(first, ['', 'hello'], scene.step);
  await transfer(scene, router, req, [id, '', 'hello'], ['hello']);
  for (const message of MESSAGES) {
    if (!(await transfer(scene, req, router, message, [id, '', ...message]))) continue;
    if (!(await transfer(scene, router, req, [id, '', ...message], message)))
      await transfer(scene, router, req, [id, '', 'too large'], ['too large']);
  }
}

async function requestsFromDealer(scene, dealer, rep) {
  for (const message of MESSAGES) {
    if (!(await transfer(scene, dealer, rep, ['', ...message], message))) continue;
    if (!(await transfer(scene, rep, dealer, message, ['', ...message])))
      await transfer(scene, rep, dealer, ['too large'], ['', 'too large']);
  }
}

async function routed(scene, dealer, router) {
  scene.step = 'the first message tells the routing id';
  const [, [id, first]] = await Promise.all([dealer.send(['hello']), router.recv()]);
  same([first], ['hello'], scene.step);
  for (const message of MESSAGES) {
    await transfer(scene, dealer, router, message, [id, ...message]);
    await transfer(scene, router, dealer, [id, ...message], message);
  }
}

/** The ROUTER that dials probes, so that the other has its routing id before it must use it. */
async function routers(scene, dials, listens) {
  scene.step = 'the probe';
  same(await listens.recv(), ['dials', ''], scene.step);
  for (const message of MESSAGES) {
    await transfer(scene, listens, dials, ['dials', ...message], ['listens', ...message]);
    await transfer(scene, dials, listens, ['listens', ...message], ['dials', ...message]);
  }
}

export async function published(scene, pub, sub) {
  scene.step = 'subscribing';
  await sub.subscribe('');
  if (pub.type === 'XPUB') {
    same(await pub.recv(), [Uint8Array.of(1)], 'the subscription as XPUB sees it');
  } else {
    // A PUB does not tell when a subscription has reached it: publish until one message gets through.
    do await pub.send(['?']);
    while ((await sub.recv(20)) === null);
    await pub.send(['!']);
    let mark;
    do [mark] = await sub.recv();
    while (mark[0] === '?'.charCodeAt());
    same([mark], ['!'], 'the mark after the first messages');
  }
  await oneWay(scene, pub, sub);
}

/** XSUB may also send upstream what is no subscription. */
async function publishedBothWays(scene, xpub, xsub) {
  await published(scene, xpub, xsub);
  await transfer(scene, xsub, xpub, ['upstream']);
}

async function scattered(scene, from, to) {
  for (const part of SINGLES) await transfer(scene, from, to, [part]);
}

async function channelled(scene, a, b) {
  await scattered(scene, a, b);
  await scattered(scene, b, a);
}

async function served(scene, client, server) {
  scene.step = 'the first message tells the routing id';
  const [, [id, first]] = await Promise.all([client.send(['hello']), server.recv()]);
  same([first], ['hello'], scene.step);
  for (const part of SINGLES) {
    await transfer(scene, client, server, [part], [id, part]);
    await transfer(scene, server, client, [id, part], [part]);
  }
}

/** A PEER that dials knows the other by number before that one knows it. */
export async function peers(scene, dials, listens) {
  scene.step = 'the first message';
  const [, [back, first]] = await Promise.all([dials.send([dials.number, 'hello']), listens.recv()]);
  same([first], ['hello'], scene.step);
  for (const part of SINGLES) {
    await transfer(scene, listens, dials, [back, part], [dials.number, part]);
    await transfer(scene, dials, listens, [dials.number, part], [back, part]);
  }
}

/** A RADIO does not tell when a DISH has joined: it sends until a message gets through. */
async function joined(radio, dish, group) {
  await dish.join(group);
  do await radio.send([group, '?']);
  while ((await dish.recv(20)) === null);
  await radio.send([group, '!']);
  let mark;
  do [, mark] = await dish.recv();
  while (mark[0] === '?'.charCodeAt());
}

async function broadcast(scene, radio, dish) {
  for (const group of ['a', 'fifteen octets.']) {
    scene.step = `joining ${group}`;
    await joined(radio, dish, group);
    for (const part of SINGLES) {
      for (const other of ['', 'b', 'aa', 'fifteen octets']) await radio.send([other, 'for others']);
      await transfer(scene, radio, dish, [group, part]);
    }
  }
  scene.step = 'leaving';
  await dish.leave('a');
  await joined(radio, dish, 'after');
  await radio.send(['a', 'left']);
  await transfer(scene, radio, dish, ['fifteen octets.', 'stays']);
}
