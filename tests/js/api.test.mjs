// Sending and receiving by the contract: frames, multipart, order, cancelling, time-outs, high water marks, trackers.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, failsWith, isPending, pair, rejects, text, texts, zmq } from './api_support.mjs';

const { Again, Frame, MessageTracker, NOBLOCK, RCVTIMEO, SNDMORE, SNDTIMEO } = zmq;

describe('what can be sent', () => {
  const buffer = Uint8Array.of(0, 1, 2, 3, 4, 5).buffer;
  const kinds = {
    'a Uint8Array': [Uint8Array.of(7, 8), [7, 8]],
    'a view, and not its whole buffer': [new Uint8Array(buffer, 1, 3), [1, 2, 3]],
    'a DataView': [new DataView(buffer, 4), [4, 5]],
    'a view of wider elements': [new Uint16Array(buffer, 2, 1), [2, 3]],
    'an ArrayBuffer': [buffer, [0, 1, 2, 3, 4, 5]],
    'a string as UTF-8': ['é€😀', [...Buffer.from('é€😀')]],
    'an empty string': ['', []],
    'a Frame': [new Frame('frame'), [...Buffer.from('frame')]],
    'a Node Buffer': [Buffer.from('pooled'), [...Buffer.from('pooled')]],
  };
  for (const [kind, [data, octets]] of Object.entries(kinds)) {
    it(kind, async (t) => {
      const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
      assert.equal(await a.send(data), undefined);
      const received = await b.recv();
      assert.ok(received instanceof Uint8Array);
      assert.deepEqual([...received], octets);
      await b.sendMultipart([data, 'x', data]);
      assert.deepEqual(
        (await a.recvMultipart()).map((part) => [...part]),
        [octets, [120], octets],
      );
    });
  }

  it('is copied: changing it afterwards changes nothing', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const data = Uint8Array.of(1, 2, 3);
    const sent = a.send(data);
    data.fill(0);
    await sent;
    assert.deepEqual([...(await b.recv())], [1, 2, 3]);
  });

  it('text and JSON', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.sendString('grüezi');
    assert.equal(await b.recvString(), 'grüezi');
    await a.sendString('grüezi', 0, { encoding: 'utf-8' });
    assert.equal(await b.recvString(0, { encoding: 'utf-8' }), 'grüezi');
    await a.sendJson({ n: [1, null, 'x'], when: 5 }, 0, {
      replacer: (key, value) => (key === 'when' ? value + 1 : value),
      space: 1,
    });
    assert.deepEqual(await b.recvJson(0, { reviver: (key, value) => (value === null ? 0 : value) }), {
      n: [1, 0, 'x'],
      when: 6,
    });
  });

  it('through functions of the caller: sendSerialized, recvSerialized', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.sendSerialized({ x: 1, y: 2 }, ({ x, y }) => [String(x), String(y)]);
    assert.deepEqual(await b.recvSerialized((parts) => texts(parts).map(Number)), [1, 2]);
    const mistake = new Error('mine');
    const fail = () => {
      throw mistake;
    };
    await assert.rejects(a.sendSerialized({}, fail), (error) => error === mistake);
    await a.send('x');
    await assert.rejects(b.recvSerialized(fail), (error) => error === mistake);
  });
});

describe('parts', () => {
  it('SNDMORE collects parts until one without it; rcvmore tells where a message ends', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.send('one', SNDMORE);
    await a.send('', SNDMORE);
    const waiting = b.recv();
    assert.ok(await isPending(waiting), 'an unfinished message is not received');
    await a.send('three');
    assert.equal(text(await waiting), 'one');
    assert.equal(b.rcvmore, true);
    assert.equal(b.getsockopt(zmq.RCVMORE) == true, true);
    assert.equal(text(await b.recv()), '');
    assert.equal(b.rcvmore, true);
    assert.equal(text(await b.recv()), 'three');
    assert.equal(b.rcvmore, false);
  });

  it('sendMultipart and recvMultipart finish a message begun in parts', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.send('one', SNDMORE);
    await a.sendMultipart(['two', 'three']);
    assert.deepEqual(texts(await b.recvMultipart()), ['one', 'two', 'three']);
    await a.sendMultipart(['one', 'two', 'three']);
    assert.equal(text(await b.recv()), 'one');
    assert.deepEqual(texts(await b.recvMultipart()), ['two', 'three']);
    await a.sendMultipart(['one'], SNDMORE);
    await a.send('two');
    assert.deepEqual(texts(await b.recvMultipart()), ['one', 'two']);
  });

  it('copy: false gives Frames', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.sendMultipart(['one', '', 'three']);
    await a.send('four');
    const frames = await b.recvMultipart(0, { copy: false });
    assert.deepEqual(
      frames.map((frame) => [frame instanceof Frame, frame.toString(), frame.length, frame.more]),
      [
        [true, 'one', 3, true],
        [true, '', 0, true],
        [true, 'three', 5, false],
      ],
    );
    const frame = await b.recv(0, { copy: false });
    assert.ok(frame instanceof Frame && frame.bytes instanceof Uint8Array && frame.buffer instanceof ArrayBuffer);
    assert.deepEqual([text(frame.bytes), frame.length, frame.more], ['four', 4, false]);
  });

  it('a Frame made by hand', () => {
    assert.equal(new Frame().length, 0);
    const frame = new Frame(Uint8Array.of(65, 66), { more: true });
    assert.deepEqual([frame.toString(), frame.length, frame.more, frame.tracker], ['AB', 2, true, undefined]);
    frame.routingId = 5;
    assert.equal(frame.routingId, 5);
    frame.group = 'g';
    assert.equal(frame.group, 'g');
    assert.equal(frame.get('No-Such-Property'), undefined);
    assert.equal(new Frame(frame).toString(), 'AB');
  });
});

describe('order and turns', () => {
  it('concurrent receives get the messages in the order of their calls', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const received = [b.recv(), b.recvString(), b.recvMultipart(), b.recvJson()];
    for (const message of ['1', '2', '3', '4']) await a.send(message);
    const [first, second, third, fourth] = await Promise.all(received);
    assert.deepEqual([text(first), second, ...texts(third), fourth], ['1', '2', '3', 4]);
  });

  it('a receive does not overtake one that waits, even when a message is there', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const waiting = b.recvString();
    a.send('1');
    a.send('2');
    assert.deepEqual(await Promise.all([b.recvString(), waiting]), ['2', '1']);
  });

  it('sends without await keep their order', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    const n = 500;
    const sent = Array.from({ length: n }, (_, i) => a.sendString(String(i)));
    for (let i = 0; i < n; i++) assert.equal(await b.recvString(), String(i));
    await Promise.all(sent);
  });

  it('ten requests at once on one REQ each get their own reply', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ');
    const served = (async () => {
      for (let i = 0; i < 10; i++) await rep.sendString(`reply to ${await rep.recvString()}`);
    })();
    const ask = async (i) => {
      await req.sendString(`request ${i}`);
      return req.recvString();
    };
    const replies = await Promise.all(Array.from({ length: 10 }, (_, i) => ask(i)));
    assert.deepEqual(
      replies,
      replies.map((_, i) => `reply to request ${i}`),
    );
    await served;
  });
});

describe('a call that is given up', () => {
  it('by AbortSignal consumes no message', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const [first, second] = [new AbortController(), new AbortController()];
    const one = b.recv(0, { signal: first.signal });
    const two = b.recvMultipart(0, { signal: second.signal });
    const three = b.recvString();
    const reason = new Error('enough');
    second.abort(reason);
    await assert.rejects(two, (error) => error === reason);
    first.abort();
    await assert.rejects(one, { name: 'AbortError' });
    await a.send('kept');
    assert.equal(await three, 'kept');
    second.abort();
  });

  it('in the very turn a message comes still loses none', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const controller = new AbortController();
    const one = b.recvString(0, { signal: controller.signal }).catch(() => null);
    const sent = a.send('first');
    controller.abort();
    await sent;
    await a.send('second');
    const got = [await one, await b.recvString()];
    assert.ok(got[0] === 'first' ? got[1] === 'second' : got[1] === 'first', `got ${got}`);
  });

  it('by a signal aborted already is not begun', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.send('kept');
    const signal = AbortSignal.abort();
    await assert.rejects(b.recv(0, { signal }), { name: 'AbortError' });
    await assert.rejects(a.send('not sent', 0, { signal }), { name: 'AbortError' });
    await a.send('sent');
    assert.deepEqual([await b.recvString(), await b.recvString()], ['kept', 'sent']);
  });

  it('a send given up while it waits is not sent', async (t) => {
    const context = contextFor(t);
    const push = context.socket(zmq.PUSH);
    const endpoint = await push.bind('inproc://given-up');
    const controller = new AbortController();
    const one = push.send('given up', 0, { signal: controller.signal });
    const two = push.send('sent');
    assert.ok(await isPending(one), 'there is nobody to send to');
    controller.abort();
    await assert.rejects(one, { name: 'AbortError' });
    const pull = context.socket(zmq.PULL);
    pull.connect(endpoint);
    await two;
    assert.equal(await pull.recvString(), 'sent');
  });

  it('by RCVTIMEO or SNDTIMEO rejects with Again, and takes nothing', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    b.rcvtimeo = 5;
    await rejects(() => b.recv(), 'EAGAIN', { Class: Again });
    b.setsockopt(RCVTIMEO, 0);
    await rejects(() => b.recvMultipart(), 'EAGAIN', { Class: Again });
    b.rcvtimeo = -1;
    const waiting = b.recvString();
    // Read per call: this does not end the one that waits.
    b.rcvtimeo = 0;
    assert.ok(await isPending(waiting));
    await a.send('x');
    assert.equal(await waiting, 'x');

    const lonely = contextFor(t).socket(zmq.PUSH, { sndtimeo: 5 });
    await rejects(() => lonely.send('x'), 'EAGAIN', { Class: Again });
    assert.equal(lonely.getsockopt(SNDTIMEO), 5);
  });

  it('by NOBLOCK rejects with Again', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await rejects(() => b.recv(NOBLOCK), 'EAGAIN', { Class: Again });
    await a.send('x', NOBLOCK);
    assert.equal(text(await b.recv(NOBLOCK)), 'x');
    await rejects(() => contextFor(t).socket(zmq.DEALER).send('x', NOBLOCK), 'EAGAIN', { Class: Again });
    assert.equal(zmq.DONTWAIT, NOBLOCK);
  });
});

describe('high water marks', () => {
  it('hold a PUSH back and lose nothing', async (t) => {
    const [push, pull] = await pair(contextFor(t), 'PUSH', 'PULL', [{ sndhwm: 2 }, { rcvhwm: 2 }]);
    let sent = 0;
    const full = async () => {
      for (; sent < 1_000; sent++) await push.sendString(String(sent), NOBLOCK);
    };
    await assert.rejects(full(), failsWith('EAGAIN', { Class: Again }));
    assert.ok(sent >= 2 && sent <= 4, `${sent} messages fit into two queues of two`);
    const late = push.sendString('late');
    assert.ok(await isPending(late), 'a send without NOBLOCK waits');
    for (let i = 0; i < sent; i++) assert.equal(await pull.recvString(), String(i));
    await late;
    assert.equal(await pull.recvString(), 'late');
  });

  it('never hold a PUB back: a message that does not fit is dropped', async (t) => {
    const [xpub, sub] = await pair(contextFor(t), 'XPUB', 'SUB', [{ sndhwm: 2 }, { rcvhwm: 2 }]);
    sub.subscribe('');
    await xpub.recv();
    for (let i = 0; i < 100; i++) await xpub.sendString(String(i));
    const kept = [];
    sub.rcvtimeo = 0;
    await assert.rejects(async () => {
      for (;;) kept.push(await sub.recvString());
    }, failsWith('EAGAIN'));
    assert.ok(kept.length >= 2 && kept.length <= 4, `${kept.length} messages fit into two queues of two`);
    assert.deepEqual(
      kept,
      kept.map((_, i) => String(i)),
    );
  });
});

describe('trackers', () => {
  it('track: true gives a MessageTracker, done when the message has left', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    for (const options of [{ track: true }, { track: true, copy: false }]) {
      const tracker = await a.send(Uint8Array.of(1), 0, options);
      assert.ok(tracker instanceof MessageTracker);
      await b.recv();
      await tracker.wait(5_000);
      assert.equal(tracker.done, true);
    }
    assert.ok((await a.sendMultipart(['x', 'y'], 0, { track: true })) instanceof MessageTracker);
  });

  it('wait() rejects with NotDone exactly while the transport still needs the memory', async (t) => {
    const socket = contextFor(t).socket(zmq.PUSH, { linger: 0 });
    // Nobody is bound there: the message stays queued.
    socket.connect('inproc://nobody-yet');
    const tracker = await socket.send(new Uint8Array(100), 0, { copy: false, track: true });
    const both = new MessageTracker(tracker);
    assert.equal(both.done, tracker.done);
    if (!tracker.done)
      await assert.rejects(tracker.wait(1), (error) => error instanceof zmq.NotDone && error instanceof zmq.ZMQError);
    socket.close(0);
    await both.wait(5_000);
    assert.deepEqual([tracker.done, both.done], [true, true]);
  });

  it('a tracked Frame that was never sent is not done', async () => {
    const frame = new Frame('x', { track: true });
    assert.equal(frame.tracker.done, false);
    await assert.rejects(
      new MessageTracker(frame).wait(1),
      (error) => error instanceof zmq.NotDone && error instanceof zmq.ZMQError,
    );
  });
});

