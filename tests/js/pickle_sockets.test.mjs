// sendPyobj and recvPyobj: order, flags, time limits, and pyzmq at the other end.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { contextFor, isPending, pair, rejects, zmq } from './api_support.mjs';
import { Peer } from './peer.mjs';
import { Laboratory } from './support.mjs';

const { Again, DEALER, NOBLOCK, PULL, PUSH, SNDMORE } = zmq;

describe('before the module is loaded', () => {
  // All that the first calls do at once, in one test: what comes later finds the module there.
  it('calls keep their order, flags, limits and signals', async (t) => {
    const context = contextFor(t);
    const [a, b] = await pair(context, 'PAIR', 'PAIR');
    const lonely = context.socket(DEALER);
    const closed = context.socket(PULL);
    const abort = new AbortController();

    const received = [a.recvPyobj(), a.recvString(), a.recvPyobj(), a.recvPyobj(), a.recvString()];
    const sent = [
      b.sendPyobj([1]), b.send('second'), b.sendPyobj({ third: 3 }, 0, 5), b.sendPyobj(4, SNDMORE), b.send('fifth'),
      rejects(() => b.sendPyobj(() => {}), 'EINVAL', { message: /is not data/ }),
    ];
    const others = [
      rejects(() => lonely.sendPyobj(1, NOBLOCK), 'EAGAIN', { Class: Again }),
      rejects(() => lonely.recvPyobj(NOBLOCK), 'EAGAIN', { Class: Again }),
      rejects(() => lonely.sendPyobj(1, 64), 'EINVAL', { message: /flags/ }),
      assert.rejects(lonely.recvPyobj(0, { signal: abort.signal }), /given up/),
      rejects(() => closed.recvPyobj(), 'ECANCELED'),
    ];
    abort.abort(new Error('given up'));
    closed.close();
    await Promise.all([...sent, ...others]);
    assert.deepEqual(await Promise.all(received), [[1], 'second', { third: 3 }, 4, 'fifth']);
  });
});

describe('pickles on sockets', () => {
  it('are written at once: what becomes of the value later does not matter', async (t) => {
    const context = contextFor(t);
    const push = context.socket(PUSH, { linger: 0 });
    const pull = context.socket(PULL);
    const value = [1];
    const sent = push.sendPyobj(value);
    value.push(2);
    assert.ok(await isPending(sent), 'nobody is there');
    push.connect('inproc://late');
    await pull.bind('inproc://late');
    assert.deepEqual(await pull.recvPyobj(), [1]);
    await sent;
  });

  it('take one part, as recv() does', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await b.sendPyobj('head', SNDMORE);
    await b.sendPyobj('tail');
    assert.deepEqual([await a.recvPyobj(), a.rcvmore, await a.recvPyobj(), a.rcvmore], ['head', true, 'tail', false]);
  });

  it('that are refused are gone, and the next ones come', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    for (const bad of ['cos\nsystem\n(tR.', 'no pickle', '']) await b.send(bad);
    await b.sendPyobj('good');
    await rejects(() => a.recvPyobj(), 'EINVAL', { message: /^the pickle names os\.system, which is not data$/ });
    for (let i = 0; i < 2; i += 1) await rejects(() => a.recvPyobj(), 'EINVAL', { message: /the pickle/ });
    assert.equal(await a.recvPyobj(), 'good');
  });

  it('that are not given are not taken', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    a.rcvtimeo = 1;
    await rejects(() => a.recvPyobj(), 'EAGAIN', { Class: Again });
    await rejects(() => a.recvPyobj(NOBLOCK), 'EAGAIN', { Class: Again });
    await rejects(() => a.recvPyobj(64), 'EINVAL');
    await assert.rejects(a.recvPyobj(0, { signal: AbortSignal.abort(new Error('before')) }), /before/);
    for (const protocol of [6, 'x', 1.5, {}]) await rejects(() => b.sendPyobj(1, 0, protocol), 'EINVAL', { message: /protocol/ });
    const tracker = await b.sendPyobj(1, 0, undefined, { track: true });
    assert.ok(tracker.done);
    assert.equal(await a.recvPyobj(NOBLOCK), 1);
    a.close();
    await rejects(() => a.recvPyobj(), 'ENOTSOCK');
    await rejects(() => a.sendPyobj(1), 'ENOTSOCK');
  });
});

describe('pickles and pyzmq', { skip: typeof WebSocket === 'undefined' && 'this Node has no WebSocket; 22 has' }, () => {
  const laboratory = new Laboratory();
  const peers = {};
  before(async () => {
    // pyzmq speaks tcp:// only, so libzmq of npm `zeromq`, which speaks both, stands between.
    for (const kind of ['zeromq', 'pyzmq']) peers[kind] = await Peer.start(laboratory.invoke, kind);
  });
  after(() => laboratory.close());

  it('exchange values', async (t) => {
    const make = (kind, type) => peers[kind].call({ do: 'socket', type, options: { linger: 0 } });
    const call = (kind, command, s, fields) => peers[kind].call({ do: command, s, ...fields });
    const python = await make('pyzmq', 'PAIR');
    const [near, far] = [await peers.zeromq.socket('PAIR'), await peers.zeromq.socket('PAIR')];
    await far.connect(await call('pyzmq', 'bind', python, { endpoint: 'tcp://127.0.0.1:0' }));
    const ours = contextFor(t).socket(zmq.PAIR, { linger: 0 });
    ours.connect(await near.bind('ws://127.0.0.1:0'));

    await ours.sendPyobj({ city: 'Oslo', readings: [-3.5, 2n ** 64n, null], raw: Uint8Array.of(255) });
    await far.send(await near.recv());
    assert.equal(
      await call('pyzmq', 'recvPyobj', python),
      "{'city': 'Oslo', 'readings': [-3.5, 18446744073709551616, None], 'raw': b'\\xff'}",
    );

    for (let protocol = 0; protocol <= 5; protocol += 1) {
      const expression = "{'city': 'Oslo', 'tags': [True, 1], 1: b'x'}";
      await call('pyzmq', 'sendPyobj', python, { expression, protocol });
      await near.send(await far.recv());
      assert.deepEqual(
        await ours.recvPyobj(),
        new Map([['city', 'Oslo'], ['tags', [true, 1]], [1, Uint8Array.of(120)]]),
      );
    }
  });
});
