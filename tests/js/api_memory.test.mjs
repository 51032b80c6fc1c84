// Whose memory a message is: copy, copy: false, trackers, Frames; and that nothing is held when all is read.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { contextFor, failsWith, fresh, isPending, pair, rejects, text, texts, throws, zmq } from './api_support.mjs';

const zeromq = createRequire(import.meta.url)('zeromq');
const { Frame, MessageTracker, NotDone, SNDMORE } = zmq;

describe('copy: false', () => {
  it('over inproc hands the very memory over; a copy is another', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const memory = new Uint8Array(8).fill(7).subarray(2, 5);
    await a.send(memory, 0, { copy: false });
    const given = await b.recv();
    assert.equal(given.buffer, memory.buffer);
    assert.deepEqual([given.byteOffset, given.length], [2, 3]);
    await a.sendMultipart([memory.buffer, new DataView(memory.buffer, 1, 2), 'text'], 0, { copy: false });
    const parts = await b.recvMultipart();
    assert.deepEqual(parts.map(({ length }) => length), [8, 2, 4]);
    assert.deepEqual([parts[0].buffer === memory.buffer, parts[1].byteOffset], [true, 1]);
    await a.send(memory);
    const copied = await b.recv();
    assert.notEqual(copied.buffer, memory.buffer);
    assert.deepEqual([...copied], [7, 7, 7]);
  });

  it('reads headers where they are: a ROUTER routes by parts that are given away', async (t) => {
    const [router, dealer] = await pair(contextFor(t), 'ROUTER', 'DEALER', [{}, { routingId: 'me' }]);
    const id = new TextEncoder().encode('me');
    await router.sendMultipart([id, 'x'], 0, { copy: false });
    assert.equal(await dealer.recvString(), 'x');
    assert.equal(text(id), 'me');
  });

  it('copies what is shared or may shrink, and refuses what is detached', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(5);
    await a.send(shared, 0, { copy: false });
    const received = await b.recv();
    assert.ok(received.buffer instanceof ArrayBuffer);
    assert.deepEqual([...received], [5, 5]);
    for (const copy of [true, false]) {
      const view = new Uint8Array(4);
      structuredClone(view.buffer, { transfer: [view.buffer] });
      for (const gone of [view, view.buffer]) await rejects(() => a.send(gone, 0, { copy }), 'EINVAL', { message: /detached/ });
    }
  });

  it('by a WebSocket leaves the octets around a view alone, and needs no copy where one octet is before it', async (t) => {
    const peer = new zeromq.Pair();
    t.after(() => peer.close());
    await peer.bind('ws://127.0.0.1:0');
    const socket = contextFor(t).socket(zmq.PAIR, { linger: 0 });
    socket.connect(peer.lastEndpoint);
    const buffer = new Uint8Array(6).fill(9);
    await socket.send(buffer.subarray(1, 4), 0, { copy: false });
    assert.deepEqual([...(await peer.receive())[0]], [9, 9, 9]);
    assert.deepEqual([...buffer], [9, 9, 9, 9, 9, 9]);
    await socket.send(buffer.subarray(1), SNDMORE, { copy: false });
    await socket.send('end', 0, { copy: false });
    assert.deepEqual((await peer.receive()).map((part) => [...part]), [[9, 9, 9, 9, 9], [...Buffer.from('end')]]);
    assert.deepEqual([...buffer], [1, 9, 9, 9, 9, 9], 'the flag octet of a part that goes on');
    await peer.send('back');
    const received = await socket.recv();
    await socket.send(received, 0, { copy: false });
    assert.equal(String((await peer.receive())[0]), 'back');
  });
});

describe('a MessageTracker', () => {
  it('of a copy is done at once; of given memory when it has reached its receiver', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PUSH', 'PULL');
    assert.equal((await a.send('copied', 0, { track: true })).done, true);
    const tracker = await a.sendMultipart([new Uint8Array(3), 'x', new Uint8Array(4)], 0, { copy: false, track: true });
    assert.equal(tracker.done, false);
    await assert.rejects(tracker.wait(0), failsWith('EAGAIN', { Class: NotDone }));
    const waits = [tracker.wait(), tracker.wait(-1), tracker.wait(null), tracker.wait(2 ** 40)];
    assert.ok(await isPending(waits[3]), 'a long time is a long time');
    assert.equal(await b.recvString(), 'copied');
    await b.recvMultipart();
    await Promise.all(waits);
    assert.equal(tracker.done, true);
    await tracker.wait(0);
  });

  it('is done when the message is dropped', async (t) => {
    const context = contextFor(t);
    const pub = context.socket(zmq.PUB);
    assert.equal((await pub.send(new Uint8Array(1), 0, { copy: false, track: true })).done, true, 'nobody has subscribed');
    const push = context.socket(zmq.PUSH, { linger: -1 });
    push.connect(fresh());
    const tracker = await push.send(new Uint8Array(1), 0, { copy: false, track: true });
    assert.equal(tracker.done, false);
    push.close(0);
    await tracker.wait(10_000);
  });

  it('of one subscriber and another is done when both have received', async (t) => {
    const context = contextFor(t);
    const [xpub, one] = await pair(context, 'XPUB', 'SUB');
    const two = context.socket(zmq.SUB);
    two.connect(xpub.lastEndpoint);
    for (const sub of [one, two]) sub.subscribe('');
    await xpub.recv();
    await new Promise((resolve) => setTimeout(resolve));
    const memory = Uint8Array.of(1);
    const tracker = await xpub.send(memory, 0, { copy: false, track: true });
    assert.equal((await one.recv()).buffer, memory.buffer);
    assert.equal(tracker.done, false);
    assert.equal((await two.recv()).buffer, memory.buffer);
    assert.equal(tracker.done, true);
  });

  it('tells nothing of a send that had to wait, before it is sent', async (t) => {
    const context = contextFor(t);
    const push = context.socket(zmq.PUSH);
    const endpoint = await push.bind(fresh());
    const frame = new Frame('waits', { track: true });
    const sent = push.send(frame, 0, { copy: false, track: true });
    assert.ok(await isPending(sent));
    assert.equal(frame.tracker.done, false);
    const pull = context.socket(zmq.PULL);
    pull.connect(endpoint);
    const tracker = await sent;
    assert.equal(text(await pull.recv()), 'waits');
    await new MessageTracker(tracker, frame, frame.tracker).wait(10_000);
    assert.deepEqual([tracker.done, frame.tracker.done], [true, true]);
  });

  it('of parts that SNDMORE announced is done with their message', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const first = await a.send(new Uint8Array(1), SNDMORE, { copy: false, track: true });
    assert.equal(first.done, false);
    await a.send('last');
    assert.equal(first.done, false);
    await b.recvMultipart();
    assert.equal(first.done, true);
  });

  it('watches many, and nothing else', async (t) => {
    const frames = [new Frame('a', { track: true }), new Frame('b', { track: true })];
    const all = new MessageTracker(...frames, new MessageTracker());
    const [a] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.send(frames[0]);
    assert.deepEqual([frames[0].tracker.done, all.done], [true, false]);
    await a.send(frames[1]);
    assert.equal(all.done, true);
    for (const item of [new Frame('untracked'), undefined, {}, 'x']) throws(() => new MessageTracker(item), 'EINVAL');
    await rejects(() => all.wait('soon'), 'EINVAL');
  });
});

describe('a Frame', () => {
  it('has metadata of the peer by names in any case, and takes properties of its own', async (t) => {
    const [a, b] = await pair(contextFor(t), 'ROUTER', 'DEALER', [{}, { routingId: 'me' }]);
    await b.send('x');
    const [id, frame] = await a.recvMultipart(0, { copy: false, track: true });
    assert.deepEqual([id.toString(), frame.get('socket-TYPE'), frame.get('Identity')], ['me', 'DEALER', 'me']);
    assert.deepEqual([frame.get('Peer-Address'), frame.get('User-Id')], ['', undefined]);
    assert.equal(frame.tracker.done, true);
    frame.set('X-Seen', 5);
    assert.equal(frame.get('x-seen'), '5');
    frame.set('routing_id', 7);
    frame.set('group', 'news');
    assert.deepEqual([frame.routingId, frame.group], [7, 'news']);
    for (const [name, value] of [['Socket-Type', 'x'], ['X-Object', {}], ['group', 5], [5, 5]]) throws(() => frame.set(name, value), 'EINVAL');
    throws(() => frame.get(5), 'EINVAL');
  });

  it('is a copy with a buffer of its own length; what it is made of stays the same', () => {
    const data = new Uint8Array(10).fill(1).subarray(3, 6);
    const frame = new Frame(data, { more: true });
    data.fill(0);
    assert.deepEqual([[...frame.bytes], frame.length, frame.buffer.byteLength, frame.more], [[1, 1, 1], 3, 3, true]);
    assert.throws(() => {
      frame.more = false;
    }, TypeError);
    assert.equal(new Frame(Uint8Array.of(0xe9)).toString('latin1'), 'é');
    throws(() => new Frame('x').toString('no such encoding'), 'EINVAL');
    throws(() => new Frame('x', 5), 'EINVAL');
  });
});

describe('text', () => {
  const sentence = 'Grüße, \ufeff𝄞';
  for (const encoding of ['utf-8', 'UTF8', 'utf_8', 'u8', 'utf-16le', 'utf_16_le', 'UTF-16-LE', 'utf-16be', 'utf_16_be']) {
    it(`in ${encoding} goes and comes as it is`, async (t) => {
      const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
      for (const words of [sentence, '\ufeffbegins with a mark', '']) {
        await a.sendString(words, 0, { encoding });
        const frame = await b.recv(0, { copy: false });
        assert.equal(frame.toString(encoding), words);
        await a.sendString(words, 0, { encoding });
        assert.equal(await b.recvString(0, { encoding }), words);
      }
    });
  }

  it('is octet for octet what Python makes of it', (t) => {
    const socket = contextFor(t).socket(zmq.DEALER);
    const octets = (words, encoding) => {
      socket.setString(zmq.ROUTING_ID, words, encoding);
      return [...socket.routingId];
    };
    for (const name of ['latin1', 'latin-1', 'latin_1', 'iso-8859-1', 'iso8859-1', 'L1']) assert.deepEqual(octets('é', name), [0xe9]);
    for (const name of ['ascii', 'us-ascii', 'US_ASCII']) assert.deepEqual(octets('a', name), [97]);
    assert.deepEqual(octets('日', 'utf-16-be'), [0x65, 0xe5]);
    assert.equal(socket.getString(zmq.ROUTING_ID, 'utf-16-be'), '日');
    for (const [words, encoding] of [['é', 'ascii'], ['€', 'latin1'], ['x', 'utf-32'], ['x', 'utf-16'], ['x', 'utf-7'], ['x', '']]) {
      throws(() => octets(words, encoding), 'EINVAL');
    }
  });

  it('of the web\'s other encodings can be received', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.send(Uint8Array.of(0x93, 0xfa));
    assert.equal(await b.recvString(0, { encoding: 'shift_jis' }), '日');
    await a.send(Uint8Array.of(0xff));
    assert.equal(await b.recvString(), '\ufffd');
  });
});

describe('bindToRandomPort', () => {
  it('finds the one that is free, and says when none is', async (t) => {
    const context = contextFor(t);
    const name = fresh();
    const range = { min: 5000, max: 5003 };
    const [socket, taken] = [context.socket(zmq.ROUTER), context.socket(zmq.ROUTER)];
    await taken.bind(`${name}:5001`);
    const ports = [await socket.bindToRandomPort(name, range), await socket.bindToRandomPort(name, range)];
    assert.deepEqual(ports.sort(), [5000, 5002]);
    await rejects(() => socket.bindToRandomPort(name, range), 'EADDRINUSE', { Class: zmq.ZMQBindError, message: /5000/ });
    const port = await socket.bindToRandomPort(name);
    assert.ok(port >= 49152 && port < 65536, `${port}`);
    assert.equal(socket.lastEndpoint, `${name}:${port}`);
    const dealer = context.socket(zmq.DEALER);
    dealer.connect(`${name}:${ports[0]}`);
    await dealer.send('hello');
    assert.equal(texts(await socket.recvMultipart())[1], 'hello');
  });

  it('fails as bind() does, and on ranges that are none', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const endpoint of ['ws://127.0.0.1', 'tcp://127.0.0.1']) await rejects(() => socket.bindToRandomPort(endpoint), 'EPROTONOSUPPORT');
    for (const range of [{ min: 0 }, { max: 65537 }, { min: 2, max: 2 }, { min: 'x' }, { min: 1.5 }, 'x']) {
      await rejects(() => socket.bindToRandomPort(fresh(), range), 'EINVAL');
    }
    await rejects(() => socket.bindToRandomPort(5), 'EINVAL');
    socket.close();
    await rejects(() => socket.bindToRandomPort(fresh()), 'ENOTSOCK');
  });
});
