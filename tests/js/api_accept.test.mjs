// accept(): WebSockets of an interface and nothing more, such as others have accepted; and what is refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as zmq from '../../pkg/node.js';
import * as inPages from '../../pkg/zmq-wasm.js';
import { rejects, text, texts, throws } from './api_support.mjs';

const CONNECTING = 0, OPEN = 1, CLOSED = 3;

function contextFor(t) {
  const context = new zmq.Context();
  t.after(() => context.destroy(0));
  return context;
}

/** Two ends of a connection, each with what WebSocketLike has and no more. */
function webSocketPair(readyState = OPEN, protocol) {
  const ends = [0, 1].map(() => ({
    binaryType: 'blob',
    readyState,
    protocol,
    listeners: { open: [], message: [], close: [], error: [] },
    addEventListener(type, listener) {
      this.listeners[type].push(listener);
    },
    hear(type, event = {}) {
      if (type === 'close') this.readyState = CLOSED;
      if (type === 'open') this.readyState = OPEN;
      for (const listener of this.listeners[type]) listener(event);
    },
    send(data) {
      if (this.readyState !== OPEN) throw new TypeError('this WebSocket is not open');
      const copy = Uint8Array.from(data).buffer;
      queueMicrotask(() => this.other.hear('message', { data: copy }));
    },
    close(code = 1005) {
      this.closedWith ??= code;
      queueMicrotask(() => this.other.hear('close', { code, reason: '' }));
    },
  }));
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  return ends;
}

/** What a client by hand hears. */
function heardBy(end) {
  const heard = [];
  end.addEventListener('message', ({ data }) => heard.push([...new Uint8Array(data)]));
  return heard;
}

const turn = () => new Promise((resolve) => setTimeout(resolve));

async function next(monitor, name) {
  for await (const event of monitor) if (event.name === name) return event;
}

describe('accept()', () => {
  it('lets in a WebSocket that is open, by the sub-protocol that is given, or else by its own', async (t) => {
    for (const [given, own] of [['ZWS2.0', undefined], ['ZWS2.0', ''], [undefined, 'ZWS2.0'], ['ZWS2.0', 'ZWS2.0-NULL']]) {
      const rep = contextFor(t).socket(zmq.REP);
      const [here, there] = webSocketPair(OPEN, own);
      const heard = heardBy(there);
      rep.accept(here, given === undefined ? undefined : { protocol: given });
      for (const octets of [[0], [1], [0, 104, 105]]) there.send(Uint8Array.from(octets));
      assert.equal(await rep.recvString(), 'hi');
      await rep.send('ho');
      await turn();
      assert.deepEqual(heard, [[0], [1], [0, 104, 111]]);
      assert.equal(here.binaryType, 'arraybuffer');
    }
  });

  it('joins two sockets of ours, each with an end of a pair', async (t) => {
    for (const protocol of ['ZWS2.0-NULL', 'ZWS2.0/NULL']) {
      const [router, dealer] = ['ROUTER', 'DEALER'].map((type) => contextFor(t).socket(zmq[type]));
      const [here, there] = webSocketPair();
      router.accept(here, { protocol });
      dealer.routingId = 'someone';
      dealer.accept(there, { protocol });
      await dealer.sendMultipart(['one', 'two']);
      assert.deepEqual(texts(await router.recvMultipart()), ['someone', 'one', 'two']);
      await router.sendMultipart(['someone', 'three']);
      assert.equal(text(await dealer.recv()), 'three');
    }
  });

  it('waits for one that is being opened', async (t) => {
    const pull = contextFor(t).socket(zmq.PULL);
    const [here, there] = webSocketPair(CONNECTING, 'ZWS2.0');
    pull.accept(here);
    there.readyState = OPEN;
    here.hear('open');
    for (const octets of [[0], [0, 33]]) there.send(Uint8Array.from(octets));
    assert.equal(await pull.recvString(), '!');
  });

  it('tells the monitor and the messages of the peer, and leaves the last endpoint alone', async (t) => {
    const pull = contextFor(t).socket(zmq.PULL);
    const bound = await pull.bind('inproc://accept-tells');
    const [monitor, after] = [pull.monitor(), pull.monitor()];
    const [here, there] = webSocketPair();
    pull.accept(here, { protocol: 'ZWS2.0', peerAddress: '192.0.2.1' });
    assert.equal(pull.lastEndpoint, bound);
    const { endpoint, peer } = await next(monitor, 'accepted');
    assert.deepEqual([endpoint, peer.address], ['ws://*:0/', '192.0.2.1']);
    for (const octets of [[0], [0, 33]]) there.send(Uint8Array.from(octets));
    assert.equal((await pull.recv(0, { copy: false })).get('Peer-Address'), '192.0.2.1');
    there.close(1001);
    assert.match((await next(after, 'disconnected')).value, /1001/);
  });

  it('refuses a sub-protocol that is none of ours, and closes with 1002', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const [protocol, own] of [['chat', 'ZWS2.0'], [undefined, ''], [undefined, undefined], ['zws2.0', ''], ['ZWS2.0/CURVE', '']]) {
      const [here] = webSocketPair(OPEN, own);
      throws(() => socket.accept(here, { protocol }), 'EPROTONOSUPPORT', { message: /ZWS2\.0/ });
      assert.equal(here.closedWith, 1002);
    }
    // Of one that is not open yet, only then does it show.
    const [here] = webSocketPair(CONNECTING, 'chat');
    const monitor = socket.monitor();
    socket.accept(here);
    here.hear('open');
    assert.equal(here.closedWith, 1002);
    assert.match((await next(monitor, 'accept_failed')).value, /"chat"/);
  });

  it('refuses what is no WebSocket, and one that is gone', (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    const [gone] = webSocketPair(CLOSED, 'ZWS2.0');
    for (const bad of [undefined, null, {}, 'ws://a', gone, { readyState: OPEN }]) throws(() => socket.accept(bad), 'EINVAL');
    const [here] = webSocketPair();
    for (const options of [5, { protocol: 5 }, { protocol: 'ZWS2.0', peerAddress: 5 }]) {
      throws(() => socket.accept(here, options), 'EINVAL');
    }
    socket.close();
    throws(() => socket.accept(here), 'ENOTSOCK');
  });

  it('tells of one that ends before it is open', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    const monitor = socket.monitor();
    const [here] = webSocketPair(CONNECTING, 'ZWS2.0');
    socket.accept(here);
    here.hear('close', { code: 1006, reason: '' });
    assert.match((await next(monitor, 'accept_failed')).value, /1006/);
  });

  it('ends a connection whose WebSocket takes no more, and goes on', async (t) => {
    const pub = contextFor(t).socket(zmq.PUB);
    const [monitor, after] = [pub.monitor(), pub.monitor()];
    const [here, there] = webSocketPair();
    pub.accept(here, { protocol: 'ZWS2.0' });
    for (const octets of [[0], [0, 1]]) there.send(Uint8Array.from(octets));
    await next(monitor, 'handshake_succeeded');
    await turn();
    // It has not told yet.
    here.readyState = CLOSED;
    await pub.send('news');
    assert.match((await next(after, 'disconnected')).value, /not open/);
  });

  it('does without what only some WebSockets tell', async (t) => {
    const push = contextFor(t).socket(zmq.PUSH);
    const [here, there] = webSocketPair();
    const heard = heardBy(there);
    push.accept(here, { protocol: 'ZWS2.0' });
    there.send(Uint8Array.of(0));
    // More than the window, so that it looks at a bufferedAmount that is not there.
    for (let sent = 0; sent < 30; sent += 1) await push.send(new Uint8Array(100_000));
    while (heard.length < 31) await turn();
    assert.equal(here.bufferedAmount, undefined);
  });

  it('closes what comes when the socket is closed', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    const [open] = webSocketPair(OPEN, 'ZWS2.0');
    const [opening] = webSocketPair(CONNECTING, 'ZWS2.0');
    socket.accept(open);
    socket.accept(opening);
    socket.close();
    opening.hear('open');
    await turn();
    assert.deepEqual([open.closedWith, opening.closedWith], [1005, 1005]);
  });
});

describe('upgrade()', () => {
  it('is for servers, and says so', async (t) => {
    const request = new Request('http://localhost/');
    const socket = contextFor(t).socket(zmq.PAIR);
    throws(() => socket.upgrade(request), 'ENOTSUP', { message: /bind.*accept/ });
    socket.close();
    throws(() => socket.upgrade(request), 'ENOTSOCK');
    const inPage = new inPages.Context().socket(inPages.PAIR);
    throws(() => inPage.upgrade(request), 'ENOTSUP', { message: /servers/ });
    throws(() => inPage.accept(webSocketPair()[0]), 'ENOTSUP', { message: /servers/ });
    inPage.close();
  });

  it('without the package ws, bind() in Node.js names it', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    await rejects(() => socket.bind('ws://127.0.0.1:*'), 'ENOTSUP', { message: /npm install ws/ });
  });
});

describe('chooseProtocol()', () => {
  it('takes the first that is known, as libzmq does', () => {
    for (const [offered, chosen] of [
      ['ZWS2.0/NULL,ZWS2.0', 'ZWS2.0/NULL'],
      ['chat, ZWS2.0 , ZWS2.0/NULL', 'ZWS2.0'],
      ['ZWS2.0-NULL, ZWS2.0', 'ZWS2.0-NULL'],
      ['ZWS2.0/CURVE', undefined],
      ['zws2.0', undefined],
      ['', undefined],
      [null, undefined],
      [undefined, undefined],
    ]) {
      assert.equal(zmq.chooseProtocol(offered), chosen, offered);
    }
  });
});
