// A socket as async iterator, ReadableStream and WritableStream: what each takes, when, and how each ends.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, failsWith, isPending, pair, text, texts, throws, zmq } from './api_support.mjs';

const { NOBLOCK, ContextTerminated } = zmq;

describe('the async iterator', () => {
  it("gives up waiting at return(), and takes no message", async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const iterator = b[Symbol.asyncIterator]();
    const waiting = [iterator.next(), iterator.next()];
    assert.ok(await isPending(waiting[0]));
    assert.deepEqual(await iterator.return('over'), { value: 'over', done: true });
    assert.deepEqual(await Promise.all(waiting), Array(2).fill({ value: undefined, done: true }));
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    await a.send('kept');
    assert.equal(await b.recvString(), 'kept');
  });

  it('two at once share the messages in the order of their calls', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const [one, two] = [b[Symbol.asyncIterator](), b[Symbol.asyncIterator]()];
    const waiting = [one.next(), two.next(), one.next()];
    for (const message of ['1', '2', '3']) await a.send(message);
    assert.deepEqual((await Promise.all(waiting)).map(({ value }) => text(value[0])), ['1', '2', '3']);
  });

  it('fails as recv() does: by RCVTIMEO, and with ETERM', async (t) => {
    const context = new zmq.Context();
    const [, b] = await pair(context, 'PUSH', 'PULL');
    const iterator = b[Symbol.asyncIterator]();
    b.rcvtimeo = 1;
    await assert.rejects(iterator.next(), failsWith('EAGAIN', { Class: zmq.Again }));
    b.rcvtimeo = -1;
    const waiting = assert.rejects(iterator.next(), failsWith('ETERM', { Class: ContextTerminated }));
    const over = context.term();
    await waiting;
    await context.destroy(0);
    await over;
  });
});

describe('readable', () => {
  it('takes a message when somebody reads, and not before', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    await a.sendMultipart(['one', '1']);
    await a.send('two');
    await a.send('three');
    const reader = b.readable.getReader();
    assert.equal(b.readable, b.readable, 'one stream');
    assert.equal(await b.recvString(), 'one');
    assert.equal(await b.recvString(), '1');
    assert.deepEqual(texts((await reader.read()).value), ['two']);
    assert.equal(await b.recvString(), 'three');
    const waiting = reader.read();
    assert.ok(await isPending(waiting));
    await a.send('four');
    assert.deepEqual(texts((await waiting).value), ['four']);
  });

  it('that is cancelled takes no message, and leaves the socket open for another stream', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const first = b.readable;
    const reader = first.getReader();
    const waiting = reader.read();
    assert.ok(await isPending(waiting));
    const cancelled = reader.cancel('enough');
    const sent = a.send('kept');
    assert.deepEqual(await waiting, { value: undefined, done: true });
    await Promise.all([cancelled, sent]);
    assert.equal(b.closed, false);
    assert.notEqual(b.readable, first);
    assert.deepEqual(texts((await b.readable.getReader().read()).value), ['kept']);
  });

  it('keeps a message that comes after its reader has let go', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const reader = b.readable.getReader();
    const waiting = assert.rejects(reader.read(), TypeError);
    reader.releaseLock();
    await waiting;
    await a.send('kept');
    assert.deepEqual(texts((await b.readable.getReader().read()).value), ['kept']);
  });

  for (const reads of [true, false]) {
    it(`ends when the socket is closed, ${reads ? 'with a read under way' : 'without one'}`, async (t) => {
      const [, b] = await pair(contextFor(t), 'PUSH', 'PULL');
      const { readable } = b;
      const reader = readable.getReader();
      const waiting = reads ? reader.read() : undefined;
      b.close();
      await reader.closed;
      if (reads) assert.deepEqual(await waiting, { value: undefined, done: true });
      assert.equal(b.readable, readable);
      b.close();
    });
  }

  it('fails where receiving does: by type, RCVTIMEO and ETERM', async (t) => {
    const context = new zmq.Context();
    const [a, b] = await pair(context, 'PUSH', 'PULL');
    await assert.rejects(a.readable.getReader().read(), failsWith('ENOTSUP'));
    b.rcvtimeo = 1;
    await assert.rejects(b.readable.getReader().read(), failsWith('EAGAIN', { Class: zmq.Again }));
    b.rcvtimeo = -1;
    const waiting = assert.rejects(b.readable.getReader().read(), failsWith('ETERM', { Class: ContextTerminated }));
    const over = context.term();
    await waiting;
    await context.destroy(0);
    await over;
  });
});

describe('writable', () => {
  it('takes parts and messages, and is ready again when the socket has room', async (t) => {
    const [push, pull] = await pair(contextFor(t), 'PUSH', 'PULL', [{ sndhwm: 1 }, { rcvhwm: 1 }]);
    const writer = push.writable.getWriter();
    assert.equal(push.writable, push.writable, 'one stream');
    const written = [];
    let number = 0;
    while (number < 100 && !(await isPending(writer.ready))) written.push(writer.write(['n', String(number++)]));
    assert.ok(number < 10, `${number} messages found room in two queues of one`);
    await assert.rejects(push.send('no room', NOBLOCK), failsWith('EAGAIN'));
    for (let i = 0; i < number; i++) assert.deepEqual(texts(await pull.recvMultipart()), ['n', String(i)]);
    await Promise.all(written);
    await writer.ready;
    await writer.write('one part');
    await writer.close();
    assert.deepEqual(texts(await pull.recvMultipart()), ['one part']);
    assert.equal(push.closed, false);
    const another = push.writable.getWriter();
    await another.write(Uint8Array.of(65));
    assert.equal(await pull.recvString(), 'A');
  });

  it('that is aborted does not send what waits', async (t) => {
    const context = contextFor(t);
    const push = context.socket(zmq.PUSH);
    const endpoint = await push.bind('inproc://aborted-stream');
    const writer = push.writable.getWriter();
    const waiting = assert.rejects(writer.write('never sent'));
    assert.ok(await isPending(waiting));
    await writer.abort(new Error('enough'));
    await waiting;
    const pull = context.socket(zmq.PULL);
    pull.connect(endpoint);
    await push.writable.getWriter().write('sent');
    assert.equal(await pull.recvString(), 'sent');
  });

  it('fails where sending does: bad parts, by type, SNDTIMEO, close', async (t) => {
    const [push, pull] = await pair(contextFor(t), 'PUSH', 'PULL');
    for (const chunk of [undefined, 5, [], ['x', null], {}]) {
      await assert.rejects(push.writable.getWriter().write(chunk), failsWith('EINVAL'));
    }
    await assert.rejects(pull.writable.getWriter().write('x'), failsWith('ENOTSUP'));
    const lonely = contextFor(t).socket(zmq.PUSH, { sndtimeo: 1 });
    await assert.rejects(lonely.writable.getWriter().write('x'), failsWith('EAGAIN', { Class: zmq.Again }));
    lonely.sndtimeo = -1;
    const waiting = lonely.writable.getWriter().write('x');
    assert.ok(await isPending(waiting));
    lonely.close();
    await assert.rejects(waiting, failsWith('ECANCELED'));
    throws(() => lonely.writable, 'ENOTSOCK');
  });
});

describe('streams', () => {
  it('pipe from socket to socket', async (t) => {
    const context = contextFor(t);
    const [source, front] = await pair(context, 'PUSH', 'PULL');
    const [back, sink] = await pair(context, 'PUSH', 'PULL');
    const piped = front.readable.pipeTo(back.writable);
    for (let i = 0; i < 100; i++) await source.sendMultipart(['n', String(i)]);
    for (let i = 0; i < 100; i++) assert.deepEqual(texts(await sink.recvMultipart()), ['n', String(i)]);
    front.close();
    await piped;
    assert.equal(back.closed, false);
  });

  it('of a closed socket are not to be had: ENOTSOCK', (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    socket.close();
    throws(() => socket.readable, 'ENOTSOCK');
    throws(() => socket.writable, 'ENOTSOCK');
  });
});
