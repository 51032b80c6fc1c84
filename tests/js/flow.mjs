// Back-pressure by WebSockets: who does not read stops who sends at SNDHWM, and what comes faster than it is read has a bound.

import { Tally, numbered } from '../peers/messages.mjs';
import { define, equal } from './scene.mjs';

const SIZE = 60_000;
/** Messages: far more than the WebSocket and all buffers on the way take. */
const ENDLESS = 500;
/** Milliseconds without room after which who reads nothing has surely stopped the sender. */
const STALL = 500;
/** Between two looks at a WebSocket that stays full; and looks that come sooner, at its beginning. */
const LOOK = 32;
const FIRST_LOOKS = 20;

/** Counts the reads of `bufferedAmount` of all WebSockets; the result ends that, and gives their number. */
function looks() {
  const face = WebSocket.prototype;
  const own = Object.getOwnPropertyDescriptor(face, 'bufferedAmount');
  let count = 0;
  Object.defineProperty(face, 'bufferedAmount', {
    configurable: true,
    get() {
      count += 1;
      return own.get.call(this);
    },
  });
  return () => {
    Object.defineProperty(face, 'bufferedAmount', own);
    return count;
  };
}

/** Sends until there was no room for STALL; the number of the first message that was not taken. */
async function fill(scene, ours) {
  ours.socket.sndtimeo = STALL;
  for (let number = 0; number < ENDLESS; number += 1) {
    try {
      await ours.send([numbered(number, SIZE)]);
    } catch (error) {
      equal(error.code, 'EAGAIN', 'a send without room');
      return number;
    }
  }
  throw new Error(`${ENDLESS} messages of ${SIZE} octets went to who reads none`);
}

/** The tally of messages 0 to n. */
function expected(n) {
  const tally = new Tally();
  for (let number = 0; number < n; number += 1) tally.add([numbered(number, SIZE)]);
  return tally.checksum;
}

const sender = (type, theirType) =>
  define(`a ${theirType} that does not read stops its ${type} at SNDHWM; then all goes on, and nothing is lost`, async (scene) => {
    const theirs = await scene.theirs(theirType, { rcvhwm: 1 });
    const ours = scene.ours(type, { sndhwm: 10 });
    ours.connect(theirs.endpoint);
    scene.step = 'to one who does not read';
    const sent = await fill(scene, ours);
    const { POLLOUT } = scene.zmq;
    equal(await ours.socket.poll(0, POLLOUT), 0, 'events');

    scene.step = 'the stall';
    const [begun, looked] = [performance.now(), looks()];
    let code;
    await ours.send([numbered(sent, SIZE)]).catch((error) => (code = error.code));
    const [count, time] = [looked(), performance.now() - begun];
    equal(code, 'EAGAIN', 'a send while nothing moves');
    if (count === 0 || count > FIRST_LOOKS + time / LOOK) throw new Error(`${count} looks at the WebSocket in ${time} ms`);

    scene.step = 'a send that waits';
    ours.socket.sndtimeo = -1;
    const waiting = ours.send([numbered(sent, SIZE)]);
    const tally = await theirs.drain(sent + 1);
    await waiting;
    equal(`${tally.count} ${tally.gaps} ${tally.checksum}`, `${sent + 1} 0 ${expected(sent + 1)}`, 'what came');
    equal(await ours.socket.poll(1000, POLLOUT), POLLOUT, 'events');
  });

/** Messages that there is always room for, where somebody reads. */
const AT_ONCE = 10;

const publisher = define('a SUB that does not read loses what its PUB has no room for, and holds up nobody else', async (scene) => {
  const peer = await scene.peer();
  const [slow, quick] = [await scene.theirs('SUB', { rcvhwm: 1 }), await scene.theirs('SUB', { peer })];
  const ours = scene.ours('XPUB', { sndhwm: 10, xpubVerbose: true });
  for (const theirs of [slow, quick]) {
    ours.connect(theirs.endpoint);
    await theirs.subscribe('');
    await ours.recv();
  }
  for (let number = 0; number < ENDLESS; number += AT_ONCE) {
    const heard = quick.drain(AT_ONCE);
    for (let at = 0; at < AT_ONCE; at += 1) await ours.send([numbered(number + at, SIZE)]);
    const { first, gaps } = await heard;
    equal(`${first} ${gaps}`, `${number} 0`, 'what the quick one hears');
  }
  const first = await slow.drain(10);
  equal(`${first.count} ${first.gaps} ${first.first}`, '10 0 0', 'what the slow one hears first');
  const { count } = await slow.drain(ENDLESS, 1000);
  if (count >= ENDLESS - 10) throw new Error(`${count} messages waited for a SUB that did not read`);
});

const RCVHWM = 10;
/** As the README has it. */
const HELD = 64 * RCVHWM;

const receiver = define('a PULL that does not receive holds no more than the README says, and loses nothing of it', async (scene) => {
  const theirs = await scene.theirs('PUSH', { sndhwm: 0 });
  const ours = scene.ours('PULL', { rcvhwm: RCVHWM });
  const cut = ours.event('disconnected');
  ours.connect(theirs.endpoint);
  const flood = theirs.flood(10 * HELD, 100);
  scene.step = 'the cut';
  const { detail } = await cut;
  if (!/receive high-water mark/.test(detail.value)) throw new Error(detail.value);
  scene.step = 'what is held';
  for (let number = 0; number < HELD; number += 1) {
    equal(new DataView((await ours.recv())[0].slice().buffer).getUint32(0), number, 'the next message');
  }
  // What it sends on goes to who has connected again, and overruns that, too.
  await flood;
});

/** Calls `use` while WebSockets are made that count what comes; `arrived` resolves with the n-th message. */
async function counting(n, use) {
  const { WebSocket } = globalThis;
  let count = 0;
  let resolve;
  const arrived = new Promise((done) => (resolve = done));
  globalThis.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      // In a task of its own: the library hears of the message later than we do.
      this.addEventListener('message', () => (count += 1) === n && setTimeout(resolve));
    }
  };
  try {
    await use(arrived);
  } finally {
    globalThis.WebSocket = WebSocket;
  }
}

const subscriber = define('a SUB that does not receive drops what comes beyond RCVHWM, and stays connected', async (scene) => {
  const theirs = await scene.theirs('XPUB', { sndhwm: 0 });
  const ours = scene.ours('SUB', { rcvhwm: RCVHWM });
  let cuts = 0;
  ours.socket.addEventListener('disconnected', () => (cuts += 1));
  // A routing id comes before them.
  await counting(1 + 10 * HELD, async (arrived) => {
    ours.connect(theirs.endpoint);
    await ours.subscribe('');
    await theirs.recv();
    await theirs.flood(10 * HELD, 100);
    await arrived;
  });
  for (let number = 0; number < RCVHWM; number += 1) {
    equal(new DataView((await ours.recv())[0].slice().buffer).getUint32(0), number, 'the next message');
  }
  await theirs.send(['behind all that']);
  equal((await ours.recv())[0].length, 'behind all that'.length, 'octets of what comes next');
  equal(cuts, 0, 'connections lost');
});

export const senders = [sender('PUSH', 'PULL'), sender('DEALER', 'DEALER'), publisher];
export const receivers = [receiver, subscriber];
export const cases = { libzmq: [...senders, ...receivers] };
