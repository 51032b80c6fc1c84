// The calls without promises: what can be done at once is, and the rest fails with Again.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, fresh, pair, zmq } from './api_support.mjs';

describe('calls without promises', () => {
  it('bindSync gives the endpoint and is refused at once; unbindSync frees it', (t) => {
    const context = contextFor(t);
    const [a, b] = [context.socket(zmq.PAIR), context.socket(zmq.PAIR)];
    const endpoint = fresh();
    assert.equal(a.bindSync(endpoint), endpoint);
    assert.throws(() => b.bindSync(endpoint), { name: 'ZMQBindError', code: 'EADDRINUSE' });
    a.unbindSync(endpoint);
    assert.equal(b.bindSync(endpoint), endpoint);
    assert.throws(() => a.unbindSync(endpoint), { code: 'ENOENT' });
  });

  it('sendSync and recvSync carry whole messages', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    a.sendSync(['one', Uint8Array.of(2), '']);
    a.sendSync('alone');
    assert.deepEqual(b.recvSync().map((frame) => [String(frame), frame.more]), [['one', true], ['\x02', true], ['', false]]);
    assert.equal(await b.recvString(), 'alone');
    assert.throws(() => b.recvSync(), { name: 'Again', code: 'EAGAIN' });
  });

  it('sendSync fails with Again without room, and a REQ with EFSM', async (t) => {
    const context = contextFor(t);
    assert.throws(() => context.socket(zmq.PUSH).sendSync('x'), { name: 'Again' });
    const [request] = await pair(context, 'REQ', 'REP');
    request.sendSync('x');
    assert.throws(() => request.sendSync('y'), { code: 'EFSM' });
  });

  it('a call that waits goes first', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const waiting = b.recvString();
    assert.throws(() => b.recvSync(), { name: 'Again' });
    a.sendSync('for who waits');
    assert.equal(await waiting, 'for who waits');
  });

  it('all fail on closed sockets', (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    socket.close();
    for (const call of ['bindSync', 'unbindSync', 'sendSync', 'recvSync']) {
      assert.throws(() => socket[call](fresh()), { code: 'ENOTSOCK' }, call);
    }
  });
});
