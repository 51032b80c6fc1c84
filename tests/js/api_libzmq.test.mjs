// Calls that wait, are given up, run out of time or are many at once, while libzmq sends and receives on the other side: no
// message is lost, doubled or out of order.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { contextFor, text, zmq } from './api_support.mjs';

const zeromq = createRequire(import.meta.url)('zeromq');
const COUNT = 200;

/** A socket of libzmq's, bound, and one of ours that connects to it. */
async function connected(t, theirs, ours) {
  const peer = new zeromq[theirs]({ linger: 0 });
  t.after(() => peer.close());
  await peer.bind('ws://127.0.0.1:0');
  const socket = contextFor(t).socket(zmq[ours], { linger: 0 });
  socket.connect(peer.lastEndpoint);
  return [peer, socket];
}

async function sendAll(peer) {
  for (let number = 0; number < COUNT; number++) await peer.send(String(number));
}

/** Ways to receive, each of which gives what it got, or nothing. */
const WAYS = [
  async (socket) => [await socket.recvString()],
  async (socket) => {
    const controller = new AbortController();
    const received = socket.recvString(0, { signal: controller.signal });
    queueMicrotask(() => controller.abort());
    return received.then((message) => [message], () => []);
  },
  async (socket) => {
    socket.rcvtimeo = 0;
    const received = socket.recv();
    socket.rcvtimeo = -1;
    return received.then((part) => [text(part)], () => []);
  },
  async (socket) => {
    const iterator = socket[Symbol.asyncIterator]();
    const next = iterator.next();
    await iterator.return();
    const { value, done } = await next;
    return done ? [] : value.map(text);
  },
  async (socket) => {
    const reader = socket.readable.getReader();
    const read = reader.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reader.cancel();
    const { value, done } = await read;
    return done ? [] : value.map(text);
  },
  async (socket) => {
    const poller = new zmq.Poller();
    poller.register(socket, zmq.POLLIN);
    return (await poller.poll(0)).length > 0 ? [await socket.recvString(zmq.NOBLOCK)] : [];
  },
  async (socket) => (await Promise.all([socket.recvString(), socket.recvMultipart()])).flatMap((got) => (Array.isArray(got) ? got.map(text) : [got])),
];

describe('against libzmq', () => {
  it('whatever way messages are received, and given up, each comes once and in order', async (t) => {
    const [peer, socket] = await connected(t, 'Push', 'PULL');
    const sent = sendAll(peer);
    const received = [];
    // The last way takes two: it must not be the one that waits for a message that nobody sends.
    for (let turn = 0; received.length < COUNT - 1; turn++) received.push(...(await WAYS[turn % WAYS.length](socket)));
    if (received.length < COUNT) received.push(await socket.recvString());
    await sent;
    assert.deepEqual(received, Array.from({ length: COUNT }, (_, number) => String(number)));
    await assert.rejects(socket.recv(zmq.NOBLOCK), zmq.Again);
  });

  it('sends that are given up are not sent, and the others keep their order', async (t) => {
    const [peer, socket] = await connected(t, 'Pull', 'PUSH');
    socket.sndhwm = 1;
    const expected = [];
    const sends = [];
    for (let number = 0; number < COUNT; number++) {
      const controller = new AbortController();
      const send = socket.send(String(number), 0, { signal: controller.signal });
      // Whether it had to wait shows by whether it can still be given up.
      if (number % 3 === 0) controller.abort();
      sends.push(send.then(() => expected.push(String(number)), (error) => assert.equal(error.name, 'AbortError')));
    }
    await Promise.all([
      Promise.all(sends).then(() => socket.send('end')),
      (async () => {
        const received = [];
        for (;;) {
          const message = String((await peer.receive())[0]);
          if (message === 'end') break;
          received.push(message);
        }
        assert.deepEqual(received, expected);
        assert.ok(received.length >= Math.floor((2 * COUNT) / 3));
      })(),
    ]);
  });

  it('many requests at once on one REQ, one DEALER, each get their own reply', async (t) => {
    for (const type of ['REQ', 'DEALER']) {
      const [peer, socket] = await connected(t, 'Reply', type);
      const served = (async () => {
        for (let i = 0; i < COUNT; i++) await peer.send(`reply to ${(await peer.receive())[0]}`);
      })();
      const replies = await Promise.all(Array.from({ length: COUNT }, (_, number) => socket.request(String(number))));
      assert.deepEqual(replies.map(([reply]) => text(reply)), Array.from({ length: COUNT }, (_, number) => `reply to ${number}`));
      await served;
    }
  });

  it('streams pipe what libzmq sends back to libzmq', async (t) => {
    const [source, front] = await connected(t, 'Push', 'PULL');
    const [sink, back] = await connected(t, 'Pull', 'PUSH');
    const piped = front.readable.pipeTo(back.writable);
    const sent = sendAll(source);
    for (let number = 0; number < COUNT; number++) assert.equal(String((await sink.receive())[0]), String(number));
    await sent;
    front.close();
    await piped;
  });
});
