// What each socket type does as an application of the JavaScript API sees it (RFC 28 to 31), and where it refuses.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, fresh, isPending, pair, rejects, text, texts, throws, zmq } from './api_support.mjs';

const { NOBLOCK, SNDMORE, SUBSCRIBE, UNSUBSCRIBE } = zmq;

describe('REQ and REP', () => {
  it('a REQ that asked nothing has nothing to receive: EFSM', async (t) => {
    const [, req] = await pair(contextFor(t), 'REP', 'REQ');
    await rejects(() => req.recv(), 'EFSM');
    await rejects(() => req.recvMultipart(NOBLOCK), 'EFSM');
  });

  it('a second send waits for the first reply; under NOBLOCK it is EFSM', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ');
    await req.send('one');
    await rejects(() => req.send('not now', NOBLOCK), 'EFSM');
    const second = req.send('two');
    const reply = req.recvString();
    assert.equal(await rep.recvString(), 'one');
    assert.ok(await isPending(second), 'its turn has not come');
    await rep.send('reply to one');
    assert.equal(await reply, 'reply to one');
    await second;
    assert.equal(await rep.recvString(), 'two');
    await rep.send('reply to two');
    assert.equal(await req.recvString(), 'reply to two');
  });

  it('REQ_RELAXED asks again without a reply', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ', [{}, { reqRelaxed: true, reqCorrelate: true }]);
    await req.send('one');
    await req.send('two', NOBLOCK);
    assert.equal(await rep.recvString(), 'one');
    await rep.send('too late');
    assert.equal(await rep.recvString(), 'two');
    await rep.send('reply to two');
    assert.equal(await req.recvString(), 'reply to two');
  });

  it('a REP that was asked nothing has nothing to say: EFSM', async (t) => {
    const [rep, req] = await pair(contextFor(t), 'REP', 'REQ');
    await rejects(() => rep.send('unasked'), 'EFSM');
    await req.sendMultipart(['', 'a', '']);
    assert.deepEqual(texts(await rep.recvMultipart()), ['', 'a', '']);
    await rejects(() => rep.recv(NOBLOCK), 'EFSM');
    await rep.sendMultipart(['', '']);
    assert.deepEqual(texts(await req.recvMultipart()), ['', '']);
  });

  it('a DEALER between brings the envelope itself', async (t) => {
    const [rep, dealer] = await pair(contextFor(t), 'REP', 'DEALER');
    await dealer.sendMultipart(['no delimiter']);
    await dealer.sendMultipart(['hop', '', 'question']);
    assert.deepEqual(texts(await rep.recvMultipart()), ['question']);
    await rep.send('answer');
    assert.deepEqual(texts(await dealer.recvMultipart()), ['hop', '', 'answer']);
  });
});

describe('ROUTER', () => {
  it('prefixes the routing id, and sends by it', async (t) => {
    const [router, dealer] = await pair(contextFor(t), 'ROUTER', 'DEALER', [{}, { routingId: 'me' }]);
    await dealer.send('hello');
    assert.deepEqual(texts(await router.recvMultipart()), ['me', 'hello']);
    await router.sendMultipart(['me', 'welcome']);
    assert.equal(await dealer.recvString(), 'welcome');
    await router.send('me', SNDMORE);
    await router.send('in parts');
    assert.equal(await dealer.recvString(), 'in parts');
  });

  it('drops what it can not route; with ROUTER_MANDATORY that is EHOSTUNREACH and names the id', async (t) => {
    const [router] = await pair(contextFor(t), 'ROUTER', 'DEALER');
    await router.sendMultipart(['nobody', 'lost']);
    router.setsockopt(zmq.ROUTER_MANDATORY, 1);
    await rejects(() => router.sendMultipart(['nobody', 'lost']), 'EHOSTUNREACH', { message: /nobody/ });
  });

  it('makes up an id of five octets, the first zero, for a peer without one', async (t) => {
    const context = contextFor(t);
    const [router, one] = await pair(context, 'ROUTER', 'DEALER');
    const two = context.socket(zmq.DEALER);
    two.connect(router.lastEndpoint);
    await one.send('1');
    await two.send('2');
    const ids = [(await router.recvMultipart())[0], (await router.recvMultipart())[0]];
    for (const id of ids) assert.deepEqual([id.length, id[0]], [5, 0]);
    assert.notDeepEqual(ids[0], ids[1]);
  });
});

describe('publish and subscribe', () => {
  it('SUB takes topics as text, bytes and Frames, by method and by option', async (t) => {
    const [xpub, sub] = await pair(contextFor(t), 'XPUB', 'SUB');
    const topics = async (count) => {
      const seen = [];
      for (let i = 0; i < count; i++) {
        const [first, ...rest] = await xpub.recv();
        seen.push(`${first ? '+' : '-'}${text(Uint8Array.from(rest))}`);
      }
      return seen.join(' ');
    };
    sub.subscribe('a');
    sub.subscribe(Uint8Array.of(0x62));
    sub.subscribe(new zmq.Frame('c'));
    sub.setsockopt(SUBSCRIBE, 'd');
    sub.setsockoptString(SUBSCRIBE, 'weather');
    sub.set(SUBSCRIBE, Uint8Array.of(0x65));
    assert.equal(await topics(6), '+a +b +c +d +weather +e');
    sub.unsubscribe('a');
    sub.setsockopt(UNSUBSCRIBE, 'b');
    sub.setString(UNSUBSCRIBE, 'c');
    assert.equal(await topics(3), '-a -b -c');
    for (const topic of ['a1', 'weather.basel', 'weathe', 'd']) await xpub.sendMultipart([topic, 'body']);
    assert.deepEqual(texts(await sub.recvMultipart()), ['weather.basel', 'body']);
    assert.deepEqual(texts(await sub.recvMultipart()), ['d', 'body']);
  });

  it('XSUB subscribes by message, XPUB receives what is none', async (t) => {
    const [xpub, xsub] = await pair(contextFor(t), 'XPUB', 'XSUB');
    await xsub.send('\x01news');
    assert.equal(await xpub.recvString(), '\x01news');
    await xpub.send('news: x');
    assert.equal(await xsub.recvString(), 'news: x');
    await xsub.send('upstream');
    assert.equal(await xpub.recvString(), 'upstream');
  });
});

describe('types of sockets', () => {
  it('PAIR has one peer', async (t) => {
    const context = contextFor(t);
    const [a, b] = await pair(context, 'PAIR', 'PAIR');
    const third = context.socket(zmq.PAIR, { linger: 0 });
    third.connect(a.lastEndpoint);
    await a.send('to the first');
    assert.equal(await b.recvString(), 'to the first');
    third.rcvtimeo = 0;
    await rejects(() => third.recv(), 'EAGAIN');
  });

  for (const type of ['SUB', 'PULL']) {
    it(`${type} can't send: ENOTSUP`, async (t) => {
      const socket = contextFor(t).socket(zmq[type]);
      const options = { message: new RegExp(type) };
      await rejects(() => socket.send('x'), 'ENOTSUP', options);
      await rejects(() => socket.sendMultipart(['x', 'y'], NOBLOCK), 'ENOTSUP', options);
      await rejects(() => socket.sendJson({}), 'ENOTSUP', options);
    });
  }

  for (const type of ['PUB', 'PUSH']) {
    it(`${type} can't receive: ENOTSUP`, async (t) => {
      const socket = contextFor(t).socket(zmq[type]);
      const options = { message: new RegExp(type) };
      await rejects(() => socket.recv(), 'ENOTSUP', options);
      await rejects(() => socket.recvMultipart(NOBLOCK), 'ENOTSUP', options);
      await rejects(() => socket.recvString(), 'ENOTSUP', options);
    });
  }

  for (const type of ['PAIR', 'PUB', 'REQ', 'PUSH', 'XSUB']) {
    it(`${type} has no subscriptions: EINVAL`, (t) => {
      const socket = contextFor(t).socket(zmq[type]);
      throws(() => socket.subscribe('x'), 'EINVAL');
      throws(() => socket.setsockopt(UNSUBSCRIBE, 'x'), 'EINVAL');
    });
  }
});

describe('endpoints', () => {
  const wrong = [
    '',
    'nonsense',
    'ws://',
    'ws://host:99999',
    'ws://host:port',
    'ws:/host:1',
    'inproc://',
    '://x',
    'ws://host with space:1',
  ];
  for (const endpoint of wrong) {
    it(`"${endpoint}" is no endpoint: EINVAL`, async (t) => {
      const socket = contextFor(t).socket(zmq.PAIR);
      // The error names the value, and says something even where that is empty.
      const options = { message: new RegExp(endpoint.replaceAll(/[^\w ]/g, '.')) };
      throws(() => socket.connect(endpoint), 'EINVAL', options);
      throws(() => socket.disconnect(endpoint), 'EINVAL', options);
      await rejects(() => socket.bind(endpoint), 'EINVAL', options);
      await rejects(() => socket.unbind(endpoint), 'EINVAL', options);
    });
  }

  it('an unknown scheme is EPROTONOSUPPORT and is named', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const endpoint of ['foo://bar', 'http://host:80', 'epgm://eth0;239.0.0.1:5555']) {
      throws(() => socket.connect(endpoint), 'EPROTONOSUPPORT', { message: new RegExp(endpoint.split(':')[0]) });
      await rejects(() => socket.bind(endpoint), 'EPROTONOSUPPORT', { message: new RegExp(endpoint.split(':')[0]) });
    }
  });

  it('a scheme that this runtime lacks is EPROTONOSUPPORT', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const scheme of ['tcp', 'ipc'])
      throws(() => socket.connect(`${scheme}://127.0.0.1:5555`), 'EPROTONOSUPPORT', { message: new RegExp(scheme) });
    for (const scheme of ['tcp', 'ipc', 'ws', 'wss']) {
      await rejects(() => socket.bind(`${scheme}://127.0.0.1:5555`), 'EPROTONOSUPPORT', {
        message: new RegExp(scheme),
      });
    }
  });

  it('inproc: bind tells the endpoint, a name is taken once, connect may come first', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    const [a, b] = [context.socket(zmq.PAIR), context.socket(zmq.PAIR)];
    b.connect(endpoint);
    const early = b.send('early');
    assert.equal(await a.bind(endpoint), endpoint);
    assert.equal(a.lastEndpoint, endpoint);
    await early;
    assert.equal(await a.recvString(), 'early');
    const other = context.socket(zmq.PAIR);
    await rejects(() => other.bind(endpoint), 'EADDRINUSE', { message: new RegExp(endpoint) });
    await a.unbind(endpoint);
    assert.equal(await other.bind(endpoint), endpoint);
    throws(() => a.disconnect('inproc://never-connected'), 'ENOENT', { message: /never-connected/ });
    await rejects(() => a.unbind('inproc://never-bound'), 'ENOENT', { message: /never-bound/ });
  });

  it('another context has other names', async (t) => {
    const endpoint = fresh();
    for (const context of [contextFor(t), contextFor(t)]) await context.socket(zmq.PAIR).bind(endpoint);
  });
});
