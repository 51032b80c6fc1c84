// proxy() and proxySteerable() over inproc://: what passes, what waits, and how they end.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { contextFor, fresh, isPending, pair, rejects, texts, zmq } from './api_support.mjs';

const text = (bytes) => new TextDecoder().decode(bytes);

/** A proxy's two sockets, each with a peer: `types` are the types of peer, frontend, backend and peer. */
async function line(context, [ours, frontend, backend, theirs], options = {}) {
  const [front, client] = await pair(context, frontend, ours, [options, options]);
  const [back, worker] = await pair(context, backend, theirs, [options, options]);
  return { front, back, client, worker };
}

/** A proxy that is aborted when the test is over. */
function running(t, ...sockets) {
  const controller = new AbortController();
  const ended = zmq.proxy(sockets[0], sockets[1], sockets[2], { signal: controller.signal });
  ended.catch(() => {});
  t.after(() => controller.abort());
  return { controller, ended };
}

describe('proxy()', () => {
  it('joins REQ and REP through ROUTER and DEALER', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['REQ', 'ROUTER', 'DEALER', 'REP']);
    running(t, front, back);
    for (const word of ['one', 'two']) {
      await client.send(word);
      assert.equal(text(await worker.recv()), word);
      await worker.sendMultipart([word, 'done']);
      assert.deepEqual(texts(await client.recvMultipart()), [word, 'done']);
    }
  });

  it('joins XPUB and XSUB: subscriptions one way, messages the other', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['SUB', 'XPUB', 'XSUB', 'XPUB']);
    running(t, front, back);
    client.subscribe('weather');
    assert.equal(text((await worker.recv()).subarray(1)), 'weather');
    await worker.sendMultipart(['news', 'none']);
    await worker.sendMultipart(['weather', 'sun']);
    assert.deepEqual(texts(await client.recvMultipart()), ['weather', 'sun']);
  });

  it('joins DISH and RADIO, and GATHER and SCATTER', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['RADIO', 'DISH', 'RADIO', 'DISH']);
    front.join('weather');
    worker.join('weather');
    running(t, front, back);
    // A RADIO drops what nobody has joined yet.
    const received = worker.recv(0, { copy: false });
    while (await isPending(received)) await client.send('sun', 0, { group: 'weather' });
    const { group, bytes } = await received;
    assert.deepEqual([group, text(bytes)], ['weather', 'sun']);

    const jobs = await line(context, ['SCATTER', 'GATHER', 'SCATTER', 'GATHER']);
    running(t, jobs.front, jobs.back);
    await jobs.client.send('a job');
    assert.equal(text(await jobs.worker.recv()), 'a job');
  });

  it('copies whole messages of both directions to the capture', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['PAIR', 'PAIR', 'PAIR', 'PAIR']);
    const [capture, witness] = await pair(context, 'PUSH', 'PULL');
    running(t, front, back, capture);
    await client.sendMultipart(['to', '', 'worker']);
    assert.deepEqual(texts(await worker.recvMultipart()), ['to', '', 'worker']);
    await worker.send('to client');
    assert.deepEqual(texts(await client.recvMultipart()), ['to client']);
    assert.deepEqual(texts(await witness.recvMultipart()), ['to', '', 'worker']);
    assert.deepEqual(texts(await witness.recvMultipart()), ['to client']);
  });

  it('gives a socket that is both ends back what it receives', async (t) => {
    const context = contextFor(t);
    for (const type of ['REP', 'DEALER']) {
      const [both, client] = await pair(context, type, type === 'REP' ? 'REQ' : 'DEALER');
      running(t, both, both);
      await client.send(type);
      assert.equal(text(await client.recv()), type);
    }
  });

  it('takes no message that it has no room for, and loses none', async (t) => {
    const context = contextFor(t);
    const front = context.socket(zmq.PULL, { rcvhwm: 1 });
    const back = context.socket(zmq.PUSH, { sndhwm: 1 });
    const client = context.socket(zmq.PUSH, { sndhwm: 1 });
    const [here, there] = [fresh(), fresh()];
    client.connect(await front.bind(here));
    const { ended } = running(t, front, back);
    const sends = Array.from({ length: 10 }, (_, number) => client.send(`${number}`));
    assert.equal(await isPending(sends.at(-1)), true);
    const worker = context.socket(zmq.PULL, { rcvhwm: 1 });
    worker.connect(await back.bind(there));
    for (let number = 0; number < 10; number += 1) assert.equal(text(await worker.recv()), `${number}`);
    await Promise.all(sends);
    assert.equal(await isPending(ended), true);
  });

  it('waits for a capture that has no room', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['PUSH', 'PULL', 'PUSH', 'PULL']);
    const capture = context.socket(zmq.PUSH);
    running(t, front, back, capture);
    await client.send('seen by both');
    const received = worker.recv();
    assert.equal(await isPending(received), true);
    const witness = context.socket(zmq.PULL);
    witness.connect(await capture.bind(fresh()));
    assert.equal(text(await witness.recv()), 'seen by both');
    assert.equal(text(await received), 'seen by both');
  });

  it('aborted again and again passes each message on once, and leaves the sockets usable', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['PUSH', 'PULL', 'PUSH', 'PULL'], { sndhwm: 3, rcvhwm: 3 });
    const sending = (async () => {
      for (let number = 0; number < 200; number += 1) await client.send(`${number}`);
    })();
    const receiving = (async () => {
      for (let number = 0; number < 200; number += 1) assert.equal(text(await worker.recv()), `${number}`);
    })();
    let over = false;
    receiving.then(() => (over = true));
    let aborts = 0;
    for (; !over; aborts += 1) {
      const controller = new AbortController();
      const ended = zmq.proxy(front, back, undefined, { signal: controller.signal });
      for (let turn = 0; turn < 1 + (aborts % 9); turn += 1) await null;
      controller.abort(new Error('enough'));
      await assert.rejects(ended, /enough/);
      // The library's own timers and messages get their turn.
      if (aborts % 10 === 9) await new Promise((resolve) => setTimeout(resolve));
    }
    await Promise.all([sending, receiving]);
    assert.ok(aborts > 3, `${aborts} aborts`);
  });

  it('ends with its context, with a socket, or before it begins', async (t) => {
    const context = new zmq.Context();
    const { front, back } = await line(context, ['REQ', 'ROUTER', 'DEALER', 'REP']);
    const ended = zmq.proxy(front, back);
    assert.equal(await isPending(ended), true);
    const terminated = context.term();
    await rejects(() => ended, 'ETERM', { Class: zmq.ContextTerminated });
    await rejects(() => zmq.proxy(front, back), 'ETERM');
    await context.destroy(0);
    await terminated;

    const another = await line(contextFor(t), ['REQ', 'ROUTER', 'DEALER', 'REP']);
    const closing = zmq.proxy(another.front, another.back);
    another.back.close();
    await rejects(() => closing, 'ECANCELED');
    await rejects(() => zmq.proxy(another.front, another.back), 'ENOTSOCK');
    await assert.rejects(zmq.proxy(another.front, another.front, undefined, { signal: AbortSignal.abort('never') }), (why) => why === 'never');
  });

  it('ends with what a socket will not send', async (t) => {
    const context = contextFor(t);
    const { front, back, client } = await line(context, ['DEALER', 'DEALER', 'ROUTER', 'DEALER'], {});
    back.routerMandatory = true;
    await client.sendMultipart(['nobody', 'hello']);
    await rejects(() => zmq.proxy(front, back), 'EHOSTUNREACH');
  });

  it('takes sockets and nothing else', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const nonsense of [undefined, null, 1, 'socket', {}, []]) {
      await rejects(() => zmq.proxy(nonsense, socket), 'EINVAL');
      await rejects(() => zmq.proxy(socket, nonsense), 'EINVAL');
      if (nonsense != null) await rejects(() => zmq.proxy(socket, socket, nonsense), 'EINVAL');
      await rejects(() => zmq.proxySteerable(socket, socket, undefined, nonsense), 'EINVAL');
    }
    await rejects(() => zmq.proxy(socket, socket, undefined, { signal: 'now' }), 'EINVAL');
  });
});

describe('proxySteerable()', () => {
  const numbers = (parts) => parts.map((part) => Number(new DataView(part.slice().buffer).getBigUint64(0, true)));

  it('pauses, resumes, counts and ends, and answers each command of a REQ', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['DEALER', 'DEALER', 'DEALER', 'DEALER']);
    const [control, steering] = await pair(context, 'REP', 'REQ');
    const ended = zmq.proxySteerable(front, back, null, control);
    const tell = async (...command) => {
      await steering.sendMultipart(command);
      return steering.recvMultipart();
    };
    await client.sendMultipart(['one', 'two']);
    await worker.recvMultipart();
    assert.deepEqual(texts(await tell('PAUSE')), ['']);
    await client.send('three');
    const third = worker.recv();
    assert.equal(await isPending(third), true);
    // What is no command is answered and changes nothing.
    for (const nonsense of [['pause'], ['RESUME', 'now'], [''], ['TERMINATE ']]) assert.deepEqual(texts(await tell(...nonsense)), ['']);
    assert.equal(await isPending(third), true);
    assert.deepEqual(texts(await tell('RESUME')), ['']);
    assert.equal(text(await third), 'three');
    await worker.send('four!');
    await client.recv();
    assert.deepEqual(numbers(await tell('STATISTICS')), [3, 11, 1, 5, 1, 5, 3, 11]);
    assert.deepEqual(texts(await tell('TERMINATE')), ['']);
    await ended;
    await client.send('five');
    assert.equal(text(await front.recv()), 'five');
  });

  it('obeys a SUB, which can\'t be answered', async (t) => {
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['PUSH', 'PULL', 'PUSH', 'PULL']);
    const [control, steering] = await pair(context, 'SUB', 'XPUB');
    control.subscribe('');
    await steering.recv();
    const ended = zmq.proxySteerable(front, back, undefined, control);
    await steering.send('STATISTICS');
    await steering.send('PAUSE');
    await steering.send('RESUME');
    await client.send('through');
    assert.equal(text(await worker.recv()), 'through');
    await steering.send('TERMINATE');
    await ended;
  });

  it('ends when its control is closed', async (t) => {
    const context = contextFor(t);
    const { front, back } = await line(context, ['PUSH', 'PULL', 'PUSH', 'PULL']);
    const control = context.socket(zmq.PAIR);
    const ended = zmq.proxySteerable(front, back, undefined, control);
    control.close();
    await rejects(() => ended, 'ECANCELED');
  });
});

/** The same conversation with libzmq's proxy; prints its answers, in hexadecimal. */
const LIBZMQ = `
import json, threading, zmq
context = zmq.Context()
def pair(bound, connected, endpoint):
    sockets = context.socket(bound), context.socket(connected)
    sockets[0].bind(endpoint)
    sockets[1].connect(endpoint)
    return sockets
front, client = pair(zmq.DEALER, zmq.DEALER, 'inproc://front')
back, worker = pair(zmq.DEALER, zmq.DEALER, 'inproc://back')
control, steering = pair(zmq.REP, zmq.REQ, 'inproc://control')
threading.Thread(target=zmq.proxy_steerable, args=(front, back, None, control), daemon=True).start()
client.send_multipart([b'one', b'two'])
worker.recv_multipart()
worker.send(b'three')
client.recv()
for command in ['STATISTICS', 'nonsense', '', 'TERMINATE']:
    steering.send_string(command)
    print(json.dumps([part.hex() for part in steering.recv_multipart()]), flush=True)
import os
os._exit(0)
`;

describe('libzmq\'s steerable proxy', () => {
  it('answers octet for octet the same', async (t) => {
    const python = process.env.PYTHON ?? fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
    const theirs = execFileSync(python, ['-c', LIBZMQ], { encoding: 'utf8' }).trim().split('\n').map((line) => JSON.parse(line));
    const context = contextFor(t);
    const { front, back, client, worker } = await line(context, ['DEALER', 'DEALER', 'DEALER', 'DEALER']);
    const [control, steering] = await pair(context, 'REP', 'REQ');
    const ended = zmq.proxySteerable(front, back, undefined, control);
    await client.sendMultipart(['one', 'two']);
    await worker.recvMultipart();
    await worker.send('three');
    await client.recv();
    for (const [at, command] of ['STATISTICS', 'nonsense', '', 'TERMINATE'].entries()) {
      await steering.send(command);
      const answer = await steering.recvMultipart();
      assert.deepEqual(answer.map((part) => Buffer.from(part).toString('hex')), theirs[at], command);
    }
    await ended;
  });
});

describe('polls of one socket', () => {
  it('do not wait for each other', async (t) => {
    const context = contextFor(t);
    const socket = context.socket(zmq.PAIR);
    const readable = socket.poll(-1, zmq.POLLIN);
    const writable = socket.poll(-1, zmq.POLLOUT);
    assert.equal(await isPending(writable), true);
    socket.connect(fresh());
    assert.equal(await writable, zmq.POLLOUT);
    assert.equal(await isPending(readable), true);
  });
});
