// request(): on REQ, DEALER and CLIENT; each gets its own reply, however many are under way, late, or given up.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { contextFor, failsWith, fresh, isPending, pair, rejects, text, texts, zmq } from './api_support.mjs';

const zeromq = createRequire(import.meta.url)('zeromq');
const { Again, ContextTerminated, NOBLOCK, POLLIN, SNDMORE } = zmq;

const numbers = (count) => Array.from({ length: count }, (_, number) => number);

/** A REP that answers so many questions. */
async function serve(rep, count) {
  for (let answered = 0; answered < count; answered++) await rep.sendString(`reply to ${await rep.recvString()}`);
}

describe('request() on a REQ', () => {
  it('gives each of many its own reply, and keeps its turn among sends', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ');
    const served = serve(rep, 4);
    const asked = [req.request('0'), req.request(['1'])];
    const sent = req.send('2');
    const last = req.request('3');
    assert.deepEqual((await Promise.all(asked)).map(texts), [['reply to 0'], ['reply to 1']]);
    await sent;
    assert.equal(await req.recvString(), 'reply to 2');
    assert.deepEqual(texts(await last), ['reply to 3']);
    await served;
  });

  it('under REQ_RELAXED takes turns as well, and one that is given up makes way', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ', [{}, { reqRelaxed: true, reqCorrelate: true }]);
    const controller = new AbortController();
    const first = req.request('first', { signal: controller.signal });
    await rejects(() => req.send('not now', NOBLOCK), 'EFSM');
    const second = req.request('second');
    const third = req.request('third');
    assert.equal(await rep.recvString(), 'first');
    assert.ok(await isPending(second));
    controller.abort();
    await assert.rejects(first, { name: 'AbortError' });
    await rep.send('too late');
    await serve(rep, 2);
    assert.deepEqual([texts(await second), texts(await third)], [['reply to second'], ['reply to third']]);
    await rejects(() => req.recv(NOBLOCK), 'EFSM');
  });

  it('that is given up still lets the next ask when its reply has come', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ');
    await rejects(() => req.request('slow', { timeout: 1 }), 'EAGAIN', { Class: Again });
    const next = req.request('next');
    assert.equal(await rep.recvString(), 'slow');
    assert.ok(await isPending(next), 'the REQ still awaits the reply');
    await rep.send('late');
    await serve(rep, 1);
    assert.deepEqual(texts(await next), ['reply to next']);
  });

  it('whose peer goes away is rejected, and the next is asked elsewhere', async (t) => {
    const context = contextFor(t);
    const [rep, req] = await pair(context, 'REP', 'REQ');
    const lost = req.request('lost');
    assert.equal(await rep.recvString(), 'lost');
    const failed = assert.rejects(lost, (error) => error instanceof zmq.ZMQError && error.message !== '');
    const gone = rep.lastEndpoint;
    rep.close(0);
    await failed;
    const other = context.socket(zmq.REP);
    req.connect(await other.bind(fresh()));
    req.disconnect(gone);
    const served = serve(other, 1);
    assert.deepEqual(texts(await req.request('again')), ['reply to again']);
    await served;
  });
});

describe('request() on a DEALER', () => {
  it('finds its reply among many in any order', async (t) => {
    const [router, dealer] = await pair(contextFor(t), 'ROUTER', 'DEALER');
    const asked = numbers(10).map((number) => dealer.request(['question', String(number)]));
    const questions = [];
    for (let i = 0; i < 10; i++) questions.push(await router.recvMultipart());
    for (const [peer, id, delimiter, , number] of questions.reverse()) {
      assert.deepEqual([id.length, delimiter.length], [4, 0]);
      await router.sendMultipart([peer, id, delimiter, 'answer', number]);
    }
    assert.deepEqual(
      (await Promise.all(asked)).map((reply) => texts(reply).join(' ')),
      numbers(10).map((number) => `answer ${number}`),
    );
  });

  it('is answered by a REP, one after the other', async (t) => {
    const [rep, dealer] = await pair(contextFor(t), 'REP', 'DEALER');
    const served = serve(rep, 5);
    const replies = await Promise.all(numbers(5).map((number) => dealer.request(String(number))));
    assert.deepEqual(replies.map((reply) => text(reply[0])), numbers(5).map((number) => `reply to ${number}`));
    await served;
  });

  it('leaves to recv() what is no reply, in order and with its metadata, and forgets late replies', async (t) => {
    const context = contextFor(t);
    const [router, dealer] = await pair(context, 'ROUTER', 'DEALER', [{}, { routingId: 'me' }]);
    const controller = new AbortController();
    const given = dealer.request('given up', { signal: controller.signal });
    const kept = dealer.request('kept');
    const [, lateId] = await router.recvMultipart();
    const [, keptId] = await router.recvMultipart();
    controller.abort();
    await assert.rejects(given, { name: 'AbortError' });
    for (const message of [['one', 'more'], [lateId, '', 'late'], ['two'], [keptId, '', 'reply'], [keptId, '', 'twice'], ['three']]) {
      await router.sendMultipart(['me', ...message]);
    }
    assert.deepEqual(texts(await kept), ['reply']);
    assert.equal(await dealer.poll(0), POLLIN);
    assert.equal(await dealer.recvString(), 'one');
    assert.equal(dealer.rcvmore, true);
    const frame = await dealer.recv(0, { copy: false });
    assert.deepEqual([frame.toString(), frame.more, frame.get('Socket-Type')], ['more', false, 'ROUTER']);
    const [two] = await dealer.recvMultipart(0, { copy: false });
    assert.deepEqual([two.toString(), two.get('Socket-Type')], ['two', 'ROUTER']);
    assert.deepEqual(texts(await dealer.recvMultipart()), ['three']);
    assert.equal(await dealer.poll(0), 0);
    await rejects(() => dealer.recv(NOBLOCK), 'EAGAIN');
  });

  it('holds no more messages for recv() than RCVHWM says, and then goes on', async (t) => {
    const [router, dealer] = await pair(contextFor(t), 'ROUTER', 'DEALER', [{}, { routingId: 'me', rcvhwm: 2 }]);
    const asked = dealer.request('question');
    const [, id] = await router.recvMultipart();
    const sent = ['1', '2', '3'].map((number) => router.sendMultipart(['me', number]));
    sent.push(router.sendMultipart(['me', id, '', 'reply']));
    assert.ok(await isPending(asked), 'the reply is behind messages that nobody has received');
    for (const number of ['1', '2', '3']) assert.equal(await dealer.recvString(), number);
    assert.deepEqual(texts(await asked), ['reply']);
    await Promise.all(sent);
  });

  it('does not begin in the middle of a message', async (t) => {
    const [router, dealer] = await pair(contextFor(t), 'ROUTER', 'DEALER', [{}, { routingId: 'me' }]);
    await dealer.send('one', SNDMORE);
    await rejects(() => dealer.request('x'), 'EFSM');
    await dealer.send('two');
    assert.deepEqual(texts(await router.recvMultipart()), ['me', 'one', 'two']);
  });

  for (const [type, reply] of [
    ['Reply', (message) => message],
    ['Router', (message) => message],
  ]) {
    it(`is answered by libzmq's ${type}`, async (t) => {
      const peer = new zeromq[type]();
      t.after(() => peer.close());
      await peer.bind('ws://127.0.0.1:0');
      const dealer = contextFor(t).socket(zmq.DEALER, { linger: 0 });
      dealer.connect(peer.lastEndpoint);
      const served = (async () => {
        for (let i = 0; i < 5; i++) await peer.send(reply(await peer.receive()));
      })();
      const replies = await Promise.all(numbers(5).map((number) => dealer.request([String(number), ''], { timeout: 30_000 })));
      assert.deepEqual(replies.map(texts), numbers(5).map((number) => [String(number), '']));
      await served;
    });
  }
});

describe('request() on a CLIENT', () => {
  it('takes replies in the order of its requests, and drops those that are given up', async (t) => {
    const [server, client] = await pair(contextFor(t), 'SERVER', 'CLIENT');
    const controller = new AbortController();
    const asked = ['1', '2', '3'].map((number) => client.request(number, { signal: number === '2' ? controller.signal : undefined }));
    const aborted = assert.rejects(asked[1], { name: 'AbortError' });
    const questions = [];
    for (let i = 0; i < 3; i++) questions.push(await server.recv(0, { copy: false }));
    controller.abort();
    await aborted;
    for (const { routingId, bytes } of questions) await server.sendString(`reply to ${text(bytes)}`, 0, { routingId });
    await server.sendString('unasked', 0, { routingId: questions[0].routingId });
    assert.deepEqual([texts(await asked[0]), texts(await asked[2])], [['reply to 1'], ['reply to 3']]);
    assert.equal(await client.recvString(), 'unasked');
    await rejects(() => client.request(['two', 'parts']), 'EINVAL');
  });
});

describe('request()', () => {
  for (const type of ['REQ', 'DEALER']) {
    it(`on a ${type} ends by its time-out, its signal, the socket's close and the context's end`, async (t) => {
      const context = new zmq.Context();
      const [router, socket] = await pair(context, 'ROUTER', type);
      await rejects(() => socket.request('x', { timeout: 1 }), 'EAGAIN', { Class: Again, message: /reply/ });
      await rejects(() => socket.request('x', { timeout: 0 }), 'EAGAIN', { Class: Again });
      await assert.rejects(socket.request('x', { signal: AbortSignal.abort() }), { name: 'AbortError' });
      const reason = new Error('enough');
      const controller = new AbortController();
      const aborted = socket.request('x', { signal: controller.signal });
      controller.abort(reason);
      await assert.rejects(aborted, (error) => error === reason);
      const other = context.socket(zmq[type]);
      other.connect(router.lastEndpoint);
      const [closed, over] = [socket.request('x'), other.request('x')];
      const checks = [
        assert.rejects(closed, failsWith('ECANCELED')),
        assert.rejects(over, failsWith('ETERM', { Class: ContextTerminated })),
      ];
      socket.close(0);
      const ended = context.term();
      await Promise.all(checks);
      await rejects(() => socket.request('x'), 'ENOTSOCK');
      await rejects(() => other.request('x'), 'ETERM');
      for (const open of [router, other]) open.close(0);
      await ended;
    });

    it(`on a ${type} that nobody is connected to is never sent once it is given up`, async (t) => {
      const context = contextFor(t);
      const socket = context.socket(zmq[type]);
      const endpoint = await socket.bind(fresh());
      await rejects(() => socket.request('given up', { timeout: 1 }), 'EAGAIN');
      socket.sndtimeo = 1;
      await rejects(() => socket.request('no room'), 'EAGAIN');
      socket.sndtimeo = -1;
      const asked = socket.request('asked');
      const rep = context.socket(zmq.REP);
      rep.connect(endpoint);
      await serve(rep, 1);
      assert.deepEqual(texts(await asked), ['reply to asked']);
    });
  }

  it('refuses what is no message, and sockets that do not ask', async (t) => {
    const context = contextFor(t);
    const [rep, req] = await pair(context, 'REP', 'REQ');
    for (const message of [[], undefined, 5, {}, ['x', null]]) await rejects(() => req.request(message), 'EINVAL');
    await rejects(() => req.request('x', { timeout: 'soon' }), 'EINVAL');
    await rejects(() => req.request('x', { signal: {} }), 'EINVAL');
    await rejects(() => rep.request('x'), 'ENOTSUP');
    await rejects(() => context.socket(zmq.PUB).request('x'), 'ENOTSUP');
    const served = serve(rep, 1);
    assert.deepEqual(texts(await req.request('still works')), ['reply to still works']);
    await served;
  });
});
