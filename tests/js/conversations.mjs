// Each compatible pair of socket types and what is said in it. A side is anything with the methods of a PeerSocket, so the same
// conversations judge our sockets against libzmq, and libzmq's bindings against each other.
// Rules: RFC 28 (request-reply), 29 (publish-subscribe), 30 (pipeline), 31 (exclusive pair).

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
