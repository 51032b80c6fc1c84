// The ends of things: sockets closed with calls under way, iteration, contexts terminated, destroyed, shared and disposed of;
// and the monitor, which tells of them.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { contextFor, failsWith, fresh, isPending, pair, rejects, texts, throws, zmq } from './api_support.mjs';

const { Context, ContextTerminated, Socket } = zmq;

describe('Socket.close', () => {
  it('rejects what is pending with ECANCELED, in any call', async (t) => {
    const context = contextFor(t);
    const socket = context.socket(zmq.PAIR);
    const other = context.socket(zmq.PAIR);
    const pending = [
      socket.recv(),
      socket.recvMultipart(),
      socket.recvString(),
      socket.recvJson(),
      socket.send('x'),
      socket.sendMultipart(['x']),
      socket.poll(),
    ];
    const checks = pending.map((promise) => assert.rejects(promise, failsWith('ECANCELED')));
    assert.equal(socket.closed, false);
    socket.close();
    assert.equal(socket.closed, true);
    await Promise.all(checks);
    socket.close();
    socket.close(0);
    assert.equal(other.closed, false);
  });

  it('leaves what was sent to the peer', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    await a.send('one');
    await a.send('two');
    a.close();
    assert.deepEqual([await b.recvString(), await b.recvString()], ['one', 'two']);
  });

  it('frees an inproc name', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    for (let i = 0; i < 3; i++) {
      const socket = context.socket(zmq.PAIR);
      await socket.bind(endpoint);
      socket.close(0);
    }
  });

  it('in the middle of a message in parts drops the part', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    await a.send('whole');
    await a.send('half', zmq.SNDMORE);
    a.close();
    assert.equal(await b.recvString(), 'whole');
    b.rcvtimeo = 0;
    await rejects(() => b.recv(), 'EAGAIN');
  });
});

describe('A program', () => {
  it('ends when nothing but idle sockets of inproc:// are left', () => {
    const program = `
      import { Context, DEALER, ROUTER } from '${new URL('../../pkg/zmq-wasm.js', import.meta.url)}';
      const context = new Context();
      const [a, b, lonely] = [ROUTER, DEALER, DEALER].map((type) => context.socket(type));
      lonely.connect('inproc://that-nobody-binds');
      await a.bind('inproc://a');
      b.connect('inproc://a');
      await b.send('hello');
      await a.recvMultipart();
      a.recv();
      console.log(process.getActiveResourcesInfo().includes('Timeout'));
    `;
    const arguments_ = ['--input-type=module', '--eval', program];
    assert.equal(execFileSync(process.execPath, arguments_, { encoding: 'utf8' }), 'false\n');
  });
});

describe('for await', () => {
  it('gives whole messages and ends when the socket closes', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const seen = [];
    const loop = (async () => {
      for await (const message of b) {
        seen.push(texts(message).join('+'));
        if (seen.length === 2) b.close();
      }
    })();
    await a.sendMultipart(['one', 'two']);
    await a.send('three');
    await loop;
    assert.deepEqual(seen, ['one+two', 'three']);
  });

  it('ends when the socket closes while it waits', async (t) => {
    const socket = contextFor(t).socket(zmq.PULL);
    const iterator = socket[Symbol.asyncIterator]();
    assert.equal(iterator[Symbol.asyncIterator](), iterator);
    const next = iterator.next();
    assert.ok(await isPending(next));
    socket.close();
    assert.deepEqual(await next, { value: undefined, done: true });
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
  });

  it('left by break takes no message with it and leaves the socket open', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    for (const message of ['one', 'two', 'three']) await a.send(message);
    for await (const message of b) {
      assert.deepEqual(texts(message), ['one']);
      break;
    }
    assert.deepEqual([await b.recvString(), await b.recvString()], ['two', 'three']);
  });
});

describe('Context.term', () => {
  it('ends the calls of open sockets with ETERM and waits until they are closed', async () => {
    const context = new Context();
    const socket = context.socket(zmq.PAIR);
    const calls = [socket.recv(), socket.send('x'), socket.poll()].map((promise) =>
      assert.rejects(promise, failsWith('ETERM', { Class: ContextTerminated })),
    );
    const over = context.term();
    await Promise.all(calls);
    await rejects(() => socket.recv(), 'ETERM', { Class: ContextTerminated });
    await rejects(() => socket.send('x', zmq.NOBLOCK), 'ETERM', { Class: ContextTerminated });
    assert.ok(await isPending(over), 'a socket is still open');
    socket.close(0);
    await over;
    assert.equal(context.closed, true);
    assert.throws(
      () => context.socket(zmq.PAIR),
      (error) => error instanceof zmq.ZMQError,
    );
    await context.term();
  });

  it('of a context without sockets is done at once', async () => {
    const context = new Context();
    await context.term();
    assert.equal(context.closed, true);
  });

  it('waits for messages that linger, as long as they may', async () => {
    const context = new Context();
    const push = context.socket(zmq.PUSH, { linger: -1 });
    // Nobody will ever take the message.
    push.connect(fresh());
    await push.send('x');
    const begun = performance.now();
    push.close(50);
    await context.term();
    assert.ok(performance.now() - begun >= 49, 'the message had its time');
  });
});

describe('Context.destroy', () => {
  it('closes every socket first', async () => {
    const context = new Context();
    const sockets = [context.socket(zmq.PULL), context.socket(zmq.SUB)];
    const pending = sockets.map((socket) => assert.rejects(socket.recv(), failsWith('ECANCELED')));
    await context.destroy(0);
    await Promise.all(pending);
    assert.deepEqual([context.closed, ...sockets.map((socket) => socket.closed)], [true, true, true]);
    await context.destroy();
  });

  it('gives queued messages the linger it is told', async () => {
    const context = new Context();
    const push = context.socket(zmq.PUSH, { linger: -1 });
    push.connect(fresh());
    await push.send('for nobody');
    await context.destroy(1);
  });
});

describe('linger', () => {
  it('is milliseconds, and nothing is closed for another', async () => {
    const context = new Context();
    const socket = context.socket(zmq.PAIR);
    for (const linger of [-2, 1.5, 2 ** 31, 2 ** 40, '0', {}, NaN, true]) {
      throws(() => socket.close(linger), 'EINVAL');
      await rejects(() => context.destroy(linger), 'EINVAL');
      await rejects(() => new Context().destroy(linger), 'EINVAL');
    }
    assert.deepEqual([socket.closed, context.closed], [false, false]);
    socket.close(null);
    await context.destroy(undefined);
  });
});

describe('contexts', () => {
  it('that are shadows destroy what was made through them, and end with their owner', async () => {
    const owner = new Context();
    const shadow = new Context(owner);
    const [ours, theirs] = [owner.socket(zmq.PAIR), shadow.socket(zmq.PAIR)];
    await shadow.destroy(0);
    assert.deepEqual([ours.closed, theirs.closed, shadow.closed], [false, true, false]);
    const pending = assert.rejects(shadow.socket(zmq.PULL).recv(), failsWith('ETERM'));
    const over = owner.destroy(0);
    await shadow.destroy(0);
    await Promise.all([pending, over]);
    assert.equal(shadow.closed, true);
    throws(() => shadow.socket(zmq.PAIR), 'ETERM', { Class: ContextTerminated });
  });

  it('take nothing but contexts and numbers', () => {
    for (const [first, second] of [['x'], [-1], [1.5], [null], [{}], [1, { shadow: {} }], [1, { shadow: null }], [1, 'x']]) {
      throws(() => new Context(first, second), 'EINVAL');
    }
    throws(() => Context.shadow({}), 'EINVAL');
  });


  it('instance() is one for all, until it is gone', async () => {
    const first = Context.instance();
    assert.equal(Context.instance(), first);
    await first.destroy(0);
    const second = Context.instance();
    assert.notEqual(second, first);
    assert.equal(second.closed, false);
    await second.destroy(0);
  });

  it('a shadow shares names and sockets without owning them', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    const bound = context.socket(zmq.PAIR, { linger: 0 });
    await bound.bind(endpoint);
    for (const shadow of [Context.shadow(context), new Context(context), new Context(1, { shadow: context })]) {
      const socket = shadow.socket(zmq.PAIR, { linger: 0 });
      socket.connect(endpoint);
      await socket.send('shared');
      assert.equal(await bound.recvString(), 'shared');
      const gone = new Promise((resolve) => bound.addEventListener('disconnected', resolve, { once: true }));
      socket.close(0);
      await gone;
      await shadow.term();
      assert.equal(context.closed, false);
    }
    assert.equal(bound.closed, false);
  });

  it('know their sockets', (t) => {
    const context = contextFor(t);
    assert.equal(context.socket(zmq.PAIR).context, context);
    assert.ok(new Context(4) instanceof Context);
  });
});

describe('explicit resource management', () => {
  const classes = { Socket, Context };
  for (const [name, Class] of Object.entries(classes)) {
    it(`${name} has its methods exactly where the runtime has the symbols`, () => {
      for (const symbol of ['dispose', 'asyncDispose']) {
        if (typeof Symbol[symbol] === 'symbol')
          assert.equal(typeof Class.prototype[Symbol[symbol]], 'function', symbol);
      }
      assert.equal('undefined' in Class.prototype, false, 'no method named after a symbol that is not there');
    });
  }

  it('disposes', { skip: typeof Symbol.asyncDispose !== 'symbol' }, async () => {
    const context = new Context();
    const [one, two] = [context.socket(zmq.PAIR), context.socket(zmq.PAIR)];
    one[Symbol.dispose]();
    await two[Symbol.asyncDispose]();
    assert.deepEqual([one.closed, two.closed], [true, true]);
    await context[Symbol.asyncDispose]();
    assert.equal(context.closed, true);
    const other = new Context();
    other[Symbol.dispose]();
    assert.equal(other.closed, true);
  });
});

describe('the monitor', () => {
  it('tells of connections as events of the socket and as an iterable', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    const a = context.socket(zmq.PAIR, { linger: 0 });
    const b = context.socket(zmq.PAIR, { linger: 0 });
    const events = a.monitor();
    const few = a.monitor(zmq.EVENT_LISTENING);
    const heard = new Promise((resolve) => a.addEventListener('handshake_succeeded', resolve, { once: true }));
    await a.bind(endpoint);
    b.connect(endpoint);
    await heard;
    b.close(0);
    const names = [];
    for await (const event of events) {
      assert.ok(Number.isInteger(event.event) && typeof event.name === 'string' && typeof event.endpoint === 'string');
      assert.equal(event.event, zmq[`EVENT_${event.name.toUpperCase()}`]);
      names.push(event.name);
      if (event.name === 'disconnected') events.close();
    }
    assert.deepEqual(
      names.filter((name) => ['listening', 'accepted', 'handshake_succeeded', 'disconnected'].includes(name)),
      ['listening', 'accepted', 'handshake_succeeded', 'disconnected'],
    );
    const iterator = few[Symbol.asyncIterator]();
    assert.deepEqual((({ name, endpoint }) => [name, endpoint])((await iterator.next()).value), [
      'listening',
      endpoint,
    ]);
    const end = iterator.next();
    a.close(0);
    const last = await end;
    assert.ok(last.done || last.value.name === 'monitor_stopped');
  });

  it('ends when the socket closes', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    const events = socket.monitor();
    socket.close();
    for await (const event of events) assert.ok(['closed', 'monitor_stopped'].includes(event.name), event.name);
  });

  it('of a closed socket is ENOTSOCK', (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    socket.close();
    throws(() => socket.monitor(), 'ENOTSOCK');
  });
});
