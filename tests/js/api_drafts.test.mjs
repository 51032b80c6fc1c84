// The draft types by the contract: routing ids and groups beside the data, in options and in Frames, and nowhere else.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, fresh, isPending, pair, rejects, text, texts, throws, zmq } from './api_support.mjs';

const { Frame, NOBLOCK, POLLIN, POLLOUT, SNDMORE } = zmq;
const frame = { copy: false };

describe('SERVER and CLIENT', () => {
  it('a Frame tells the routing id, which is an option of send or the sent Frame\'s own', async (t) => {
    const context = contextFor(t);
    const [server, client] = await pair(context, 'SERVER', 'CLIENT');
    await client.send('ask');
    const request = await server.recv(0, frame);
    assert.equal(text(request.bytes), 'ask');
    assert.equal(request.get('Socket-Type'), 'CLIENT');
    assert.ok(Number.isInteger(request.routingId) && request.routingId > 0);
    assert.equal(request.more, false);
    await server.send('by option', 0, { routingId: request.routingId });
    const reply = new Frame('by Frame');
    reply.routingId = request.routingId;
    await server.send(reply);
    reply.routingId = 0;
    await server.send(reply, 0, { routingId: request.routingId });
    await server.sendString('as text', 0, { routingId: request.routingId });
    await server.sendJson([1], 0, { routingId: request.routingId });
    await server.sendMultipart(['as a list'], 0, { routingId: request.routingId });
    for (const expected of ['by option', 'by Frame', 'by Frame', 'as text', '[1]', 'as a list']) {
      assert.equal(await client.recvString(), expected);
    }
    const bare = new Frame('x');
    assert.deepEqual([bare.routingId, bare.group], [0, '']);
  });

  it('plain receives give the body alone, in all their forms', async (t) => {
    const [server, client] = await pair(contextFor(t), 'SERVER', 'CLIENT');
    for (const body of ['1', '2', '3', '"4"', '5', '6']) await client.send(body);
    assert.equal(text(await server.recv()), '1');
    assert.deepEqual(texts(await server.recvMultipart()), ['2']);
    assert.equal(await server.recvString(), '3');
    assert.equal(await server.recvJson(), '4');
    assert.equal(await server.recvSerialized(([part]) => text(part)), '5');
    const [only, ...more] = await server.recvMultipart(0, frame);
    assert.deepEqual([text(only.bytes), only.routingId > 0, more.length, server.rcvmore], ['6', true, 0, false]);
  });

  it('nobody has an unknown routing id, and what is none is refused', async (t) => {
    const [server, client] = await pair(contextFor(t), 'SERVER', 'CLIENT');
    await rejects(() => server.send('x', 0, { routingId: 7 }), 'EHOSTUNREACH');
    await rejects(() => server.send('x'), 'EHOSTUNREACH');
    for (const routingId of [-1, 2 ** 32, 1.5, NaN, '1', {}, Symbol('id'), 1n]) {
      await rejects(() => server.send('x', 0, { routingId }), 'EINVAL');
    }
    await client.send('fine');
    assert.equal(await server.recvString(), 'fine');
  });

  it('a full client is waited for', async (t) => {
    const [server, client] = await pair(contextFor(t), 'SERVER', 'CLIENT', [{ sndhwm: 1 }, { rcvhwm: 1 }]);
    await client.send('hello');
    const { routingId } = await server.recv(0, frame);
    let sent = 0;
    let waiting;
    for (; sent < 10; sent += 1) {
      waiting = server.send(String(sent), 0, { routingId });
      if (await isPending(waiting)) break;
    }
    assert.ok(sent < 10, 'it waits at last');
    await rejects(() => server.send('now', NOBLOCK, { routingId }), 'EAGAIN', { Class: zmq.Again });
    for (let number = 0; number <= sent; number += 1) assert.equal(await client.recvString(), String(number));
    await waiting;
  });
});

describe('RADIO and DISH', () => {
  it('a group is an option of send or the sent Frame\'s own, and the received Frame\'s', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    const [radio, dish] = [context.socket(zmq.RADIO), context.socket(zmq.DISH)];
    await radio.bind(endpoint);
    dish.join('news');
    dish.connect(endpoint);
    dish.join('grüezi');
    await radio.send('1', 0, { group: 'news' });
    const framed = new Frame('2');
    framed.group = 'news';
    await radio.send(framed);
    await radio.send(framed, 0, { group: 'grüezi' });
    await radio.send('for others', 0, { group: 'new' });
    await radio.send('for nobody');
    await radio.sendString('3', 0, { group: 'news' });
    const received = [];
    for (let at = 0; at < 4; at += 1) received.push(await dish.recv(0, frame));
    assert.deepEqual(
      received.map(({ group, bytes }) => [group, text(bytes)]),
      [
        ['news', '1'],
        ['news', '2'],
        ['grüezi', '2'],
        ['news', '3'],
      ],
    );
    dish.leave('news');
    await radio.send('left', 0, { group: 'news' });
    await radio.send('plain', 0, { group: 'grüezi' });
    assert.deepEqual(texts(await dish.recvMultipart()), ['plain']);
  });

  it('groups that can not be are refused', async (t) => {
    const [radio, dish] = await pair(contextFor(t), 'RADIO', 'DISH');
    dish.join('a');
    throws(() => dish.join('a'), 'EINVAL');
    throws(() => dish.leave('b'), 'EINVAL');
    for (const group of ['sixteen octets!!', 'a\0b', 5, undefined, null, {}, Symbol('group')]) {
      throws(() => dish.join(group), 'EINVAL');
      throws(() => dish.leave(group), 'EINVAL');
      if (group !== undefined && group !== null) await rejects(() => radio.send('x', 0, { group }), 'EINVAL');
    }
    throws(() => radio.join('a'), 'ENOTSUP');
    throws(() => dish.subscribe('a'), 'EINVAL');
    await rejects(() => dish.send('x'), 'ENOTSUP');
    await rejects(() => radio.recv(), 'ENOTSUP');
    dish.leave('a');
    dish.close();
    throws(() => dish.join('a'), 'ENOTSOCK');
  });
});

describe('SCATTER and GATHER, CHANNEL, PEER', () => {
  it('go one way, or both', async (t) => {
    const context = contextFor(t);
    const [gather, scatter] = await pair(context, 'GATHER', 'SCATTER');
    await scatter.send('work');
    assert.equal(await gather.recvString(), 'work');
    assert.equal((await scatter.poll(0, POLLOUT)) | (await gather.poll(0, POLLIN)), POLLOUT);
    await rejects(() => gather.send('x'), 'ENOTSUP');
    await rejects(() => scatter.recv(), 'ENOTSUP');
    const [one, other] = await pair(context, 'CHANNEL', 'CHANNEL');
    await one.send('there');
    await other.send('back');
    assert.deepEqual([await other.recvString(), await one.recvString()], ['there', 'back']);
  });

  it('connectPeer gives the routing id at once', async (t) => {
    const context = contextFor(t);
    const [one, other] = [context.socket(zmq.PEER), context.socket(zmq.PEER)];
    const endpoint = fresh();
    const routingId = one.connectPeer(endpoint);
    assert.ok(Number.isInteger(routingId) && routingId > 0 && routingId < 2 ** 32);
    await one.send('queued', 0, { routingId });
    await other.bind(endpoint);
    const hello = await other.recv(0, frame);
    assert.equal(text(hello.bytes), 'queued');
    await other.send('answer', 0, { routingId: hello.routingId });
    assert.equal((await one.recv(0, frame)).routingId, routingId);
    throws(() => one.connectPeer('nonsense'), 'EINVAL');
    throws(() => context.socket(zmq.CLIENT).connectPeer(endpoint), 'ENOTSUP');
    one.close();
    throws(() => one.connectPeer(endpoint), 'ENOTSOCK');
  });
});

it('none of the draft types sends more than one part', async (t) => {
  const context = contextFor(t);
  for (const [bound, connected] of [
    ['SERVER', 'CLIENT'],
    ['CLIENT', 'SERVER'],
    ['RADIO', 'DISH'],
    ['SCATTER', 'GATHER'],
    ['PEER', 'PEER'],
    ['CHANNEL', 'CHANNEL'],
  ]) {
    const [socket] = await pair(context, bound, connected);
    await rejects(() => socket.send('a', SNDMORE), 'EINVAL');
    await rejects(() => socket.sendMultipart(['a', 'b']), 'EINVAL');
    await rejects(() => socket.sendMultipart(['a', 'b', 'c']), 'EINVAL');
  }
});

it('STREAM and DGRAM are numbers, and no sockets', (t) => {
  const context = contextFor(t);
  for (const type of [zmq.STREAM, zmq.DGRAM, 21, -1, 1.5]) throws(() => context.socket(type), 'EINVAL');
});
