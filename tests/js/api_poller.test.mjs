// Socket.poll and Poller by the contract.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, failsWith, isPending, pair, rejects, zmq } from './api_support.mjs';

const { POLLIN, POLLOUT, Poller } = zmq;

describe('Socket.poll', () => {
  it('looks and returns with 0, waits with a time-out, waits for ever without', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    assert.equal(await b.poll(0), 0);
    assert.equal(await b.poll(1), 0);
    const waiting = [b.poll(), b.poll(-1), b.poll(60_000)];
    assert.ok(await isPending(waiting[0]));
    await a.send('x');
    assert.deepEqual(await Promise.all(waiting), [POLLIN, POLLIN, POLLIN]);
    assert.equal(await b.poll(0), POLLIN, 'polling takes nothing');
  });

  it('takes flags', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    assert.equal(await b.poll(0, POLLOUT), POLLOUT);
    assert.equal(await b.poll(-1, POLLIN | POLLOUT), POLLOUT);
    await a.send('x');
    assert.equal(await b.poll(-1, POLLIN | POLLOUT), POLLIN | POLLOUT);
    assert.equal(await b.poll(0, POLLIN), POLLIN);
  });

  it('never says that a PULL can send or a PUSH can receive', async (t) => {
    const [push, pull] = await pair(contextFor(t), 'PUSH', 'PULL');
    assert.equal(await push.poll(0, POLLIN | POLLOUT), POLLOUT);
    assert.equal(await pull.poll(0, POLLIN | POLLOUT), 0);
    await push.send('x');
    assert.equal(await pull.poll(-1, POLLIN | POLLOUT), POLLIN);
  });

  it('can be aborted', async (t) => {
    const [, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const controller = new AbortController();
    const waiting = b.poll(-1, POLLIN, { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
  });

  it('leaves a message to a receive that waits', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const [polled, received] = [b.poll(), b.recvString()];
    await a.send('for the receive');
    assert.equal(await received, 'for the receive');
    await a.send('for the poll');
    assert.equal(await polled, POLLIN);
  });
});

describe('Poller', () => {
  it('gives the ready ones of its sockets, in the order of their registration', async (t) => {
    const context = contextFor(t);
    const [a, b] = await pair(context, 'PAIR', 'PAIR');
    const [router, dealer] = await pair(context, 'ROUTER', 'DEALER');
    const poller = new Poller();
    poller.register(b, POLLIN);
    poller.register(router, POLLIN);
    assert.deepEqual(poller.sockets, [
      [b, POLLIN],
      [router, POLLIN],
    ]);
    assert.deepEqual(await poller.poll(0), []);
    assert.deepEqual(await poller.poll(1), []);
    const waiting = poller.poll();
    await dealer.send('x');
    assert.deepEqual(await waiting, [[router, POLLIN]]);
    await a.send('x');
    assert.deepEqual(await poller.poll(), [
      [b, POLLIN],
      [router, POLLIN],
    ]);
    await b.recv();
    assert.deepEqual(await poller.poll(0), [[router, POLLIN]]);
  });

  it('registers for both directions unless told, and again with other flags', async (t) => {
    const [, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const poller = new Poller();
    poller.register(b);
    assert.deepEqual(poller.sockets, [[b, POLLIN | POLLOUT]]);
    assert.deepEqual(await poller.poll(0), [[b, POLLOUT]]);
    poller.register(b, POLLIN);
    assert.deepEqual(poller.sockets, [[b, POLLIN]]);
    poller.modify(b, POLLOUT);
    assert.deepEqual([poller.sockets, await poller.poll(-1)], [[[b, POLLOUT]], [[b, POLLOUT]]]);
    poller.register(b, 0);
    assert.deepEqual([poller.sockets, await poller.poll(0)], [[], []]);
  });

  it('refuses what it does not know', async (t) => {
    const context = contextFor(t);
    const poller = new Poller();
    const stranger = context.socket(zmq.PAIR);
    const known = (error) => error instanceof zmq.ZMQError;
    assert.throws(() => poller.unregister(stranger), known);
    assert.throws(() => poller.modify(stranger, POLLIN), known);
    poller.register(stranger);
    poller.unregister(stranger);
    assert.throws(() => poller.unregister(stranger), known);
  });

  it('can be aborted, and polled again', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const poller = new Poller();
    poller.register(b, POLLIN);
    const controller = new AbortController();
    const waiting = poller.poll(-1, { signal: controller.signal });
    controller.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    await a.send('x');
    assert.deepEqual(await poller.poll(60_000), [[b, POLLIN]]);
  });

  it('many may wait on the same sockets; each hears of what is ready in the turn it is', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const [one, two] = [new Poller(), new Poller()];
    for (const poller of [one, two]) poller.register(b, POLLIN);
    const waiting = [one.poll(), two.poll(60_000), one.poll(-1, {}), b.poll(), two.poll(null)];
    assert.ok(await isPending(Promise.race(waiting)));
    const sent = a.send('x');
    // Another takes the message before who polled can look.
    assert.equal(await b.recvString(zmq.NOBLOCK), 'x');
    await sent;
    const [first, second, third, events, fifth] = await Promise.all(waiting);
    assert.deepEqual([first, second, third, fifth], Array(4).fill([[b, POLLIN]]));
    assert.equal(events, POLLIN);
    assert.deepEqual(await one.poll(0), []);
  });

  it('takes all flags of pyzmq, polls what was registered when it began, and nothing for ever until it is aborted', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const poller = new Poller();
    poller.register(b, POLLIN | zmq.POLLERR | zmq.POLLPRI);
    assert.equal(await b.poll(0, POLLOUT | zmq.POLLERR | zmq.POLLPRI), POLLOUT);
    const waiting = poller.poll();
    poller.unregister(b);
    await a.send('x');
    assert.deepEqual(await waiting, [[b, POLLIN]]);
    const controller = new AbortController();
    const empty = poller.poll(-1, { signal: controller.signal });
    assert.ok(await isPending(empty));
    const reason = new Error('enough');
    controller.abort(reason);
    await assert.rejects(empty, (error) => error === reason);
    await assert.rejects(poller.poll(0, { signal: AbortSignal.abort(reason) }), (error) => error === reason);
    assert.deepEqual(await poller.poll(1), []);
  });

  it('ends with ETERM when the context does', async () => {
    const context = new zmq.Context();
    const poller = new Poller();
    poller.register(context.socket(zmq.PULL), POLLIN);
    const waiting = assert.rejects(poller.poll(), failsWith('ETERM', { Class: zmq.ContextTerminated }));
    const over = context.term();
    await waiting;
    await rejects(() => poller.poll(0), 'ETERM');
    await context.destroy(0);
    await over;
  });

  it('fails when one of its sockets is closed, until that is unregistered', async (t) => {
    const context = contextFor(t);
    const [one, two] = [context.socket(zmq.PULL), context.socket(zmq.PULL)];
    const poller = new Poller();
    poller.register(one, POLLIN);
    poller.register(two, POLLIN);
    const waiting = assert.rejects(poller.poll(), failsWith('ECANCELED'));
    two.close();
    await waiting;
    await rejects(() => poller.poll(0), 'ENOTSOCK');
    poller.unregister(two);
    assert.deepEqual(await poller.poll(0), []);
  });

  it('serves a ROUTER and a DEALER at once, as the loop of a broker does', async (t) => {
    const context = contextFor(t);
    const [frontend, client] = await pair(context, 'ROUTER', 'REQ');
    const [backend, worker] = await pair(context, 'DEALER', 'REP');
    const [n, poller] = [20, new Poller()];
    poller.register(frontend, POLLIN);
    poller.register(backend, POLLIN);
    const broker = (async () => {
      for (let passed = 0; passed < 2 * n;) {
        for (const [socket] of await poller.poll()) {
          await (socket === frontend ? backend : frontend).sendMultipart(await socket.recvMultipart());
          passed++;
        }
      }
    })();
    const served = (async () => {
      for (let i = 0; i < n; i++) await worker.send(await worker.recv());
    })();
    for (let i = 0; i < n; i++) {
      await client.sendString(`request ${i}`);
      assert.equal(await client.recvString(), `request ${i}`);
    }
    await Promise.all([broker, served]);
  });
});
