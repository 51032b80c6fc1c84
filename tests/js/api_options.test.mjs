// Options, by number, by name and as properties; their ranges; errors' own numbers and words.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, fresh, pair, rejects, text, throws, zmq } from './api_support.mjs';

/** Name, number, type of socket, a value that it can be read back with, values out of its range. */
const NUMBERS = [
  ['linger', 'LINGER', 7, [-2, 2 ** 31]],
  ['sndhwm', 'SNDHWM', 8, [-1]],
  ['rcvhwm', 'RCVHWM', 9, [-1]],
  ['sndtimeo', 'SNDTIMEO', 10, [-2]],
  ['rcvtimeo', 'RCVTIMEO', 11, [-2]],
  ['reconnectIvl', 'RECONNECT_IVL', 12, [-2]],
  ['reconnectIvlMax', 'RECONNECT_IVL_MAX', 13, [-1]],
  ['maxmsgsize', 'MAXMSGSIZE', 14, []],
  ['handshakeIvl', 'HANDSHAKE_IVL', 15, [-1]],
  ['heartbeatIvl', 'HEARTBEAT_IVL', 16, [-1]],
  ['heartbeatTtl', 'HEARTBEAT_TTL', 1_700, [-100, 6_553_600]],
  ['heartbeatTimeout', 'HEARTBEAT_TIMEOUT', 18, [-2]],
];
/** The values of these are 0 and 1 only; libzmq takes any number for others. */
const STRICT = ['immediate', 'conflate', 'ipv6'];
const FLAGS = [...STRICT, 'invertMatching'];

const constant = (name) => zmq[name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()];

describe('options', () => {
  for (const [property, name, value, wrong] of NUMBERS) {
    it(`${name} by number, property and when a socket is made`, (t) => {
      const context = contextFor(t);
      const number = zmq[name];
      const socket = context.socket(zmq.DEALER);
      assert.equal(socket[property], socket.get(number));
      socket.setsockopt(number, value);
      assert.deepEqual([socket.getsockopt(number), socket.get(number), socket[property]], [value, value, value]);
      const other = context.socket(zmq.DEALER, { [property]: BigInt(value) });
      assert.equal(other[property], value);
      other[property] = 100;
      assert.equal(other.get(number), 100);
      for (const bad of [...wrong, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 70]) {
        const options = { message: new RegExp(String(bad).slice(0, 6).replaceAll(/[^\w]/g, '.')) };
        throws(() => socket.set(number, bad), 'EINVAL', options);
        throws(() => (socket[property] = bad), 'EINVAL', options);
        throws(() => context.socket(zmq.DEALER, { [property]: bad }), 'EINVAL', options);
        assert.equal(socket.get(number), value, 'a refused value changes nothing');
      }
      throws(() => socket.set(number, 'text'), 'EINVAL');
    });
  }

  for (const property of FLAGS) {
    it(`${property} is true or false, 1 or 0`, (t) => {
      const socket = contextFor(t).socket(zmq.SUB);
      for (const value of [true, false, 1, 0]) {
        socket[property] = value;
        assert.equal(Boolean(socket.get(constant(property))), Boolean(value));
      }
      if (STRICT.includes(property)) throws(() => (socket[property] = 2), 'EINVAL', { message: /2/ });
      else socket[property] = 2;
    });
  }

  it("have libzmq's defaults", (t) => {
    const { linger, sndhwm, rcvhwm, sndtimeo, rcvtimeo, reconnectIvl, handshakeIvl, maxmsgsize } = contextFor(t).socket(
      zmq.PAIR,
    );
    assert.deepEqual(
      [linger, sndhwm, rcvhwm, sndtimeo, rcvtimeo, reconnectIvl, handshakeIvl, maxmsgsize],
      [-1, 1000, 1000, -1, -1, 100, 30_000, -1],
    );
  });

  it('ROUTING_ID is 1 to 255 octets', (t) => {
    const context = contextFor(t);
    const socket = context.socket(zmq.DEALER, { routingId: 'text' });
    assert.equal(text(socket.routingId), 'text');
    assert.equal(socket.getString(zmq.ROUTING_ID), 'text');
    socket.routingId = Uint8Array.of(1, 0, 255);
    assert.deepEqual([...socket.get(zmq.IDENTITY)], [1, 0, 255]);
    socket.setsockoptString(zmq.ROUTING_ID, 'ü');
    assert.equal(socket.getString(zmq.ROUTING_ID, 'utf-8'), 'ü');
    socket.routingId = 'x'.repeat(255);
    for (const bad of ['', 'x'.repeat(256)])
      throws(() => (socket.routingId = bad), 'EINVAL', { message: new RegExp(String(bad.length)) });
  });

  it('some can be read only', async (t) => {
    const context = contextFor(t);
    const endpoint = fresh();
    const socket = context.socket(zmq.REP);
    await socket.bind(endpoint);
    assert.deepEqual(
      [
        socket.get(zmq.TYPE),
        socket.type,
        socket.getString(zmq.LAST_ENDPOINT),
        socket.lastEndpoint,
        socket.mechanism,
        Boolean(socket.get(zmq.RCVMORE)),
      ],
      [zmq.REP, zmq.REP, endpoint, endpoint, zmq.NULL, false],
    );
    for (const option of ['TYPE', 'RCVMORE', 'EVENTS', 'LAST_ENDPOINT', 'MECHANISM'])
      throws(() => socket.set(zmq[option], 1), 'EINVAL');
  });

  it('EVENTS tells what would not wait', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    assert.deepEqual([a.events, b.get(zmq.EVENTS)], [zmq.POLLOUT, zmq.POLLOUT]);
    await a.send('x');
    assert.equal(b.events, zmq.POLLIN | zmq.POLLOUT);
    await b.recv();
    assert.equal(b.events, zmq.POLLOUT);
  });

  it('that do not exist are EINVAL and named', (t) => {
    const context = contextFor(t);
    const socket = context.socket(zmq.PAIR);
    for (const number of [-1, 0, 99_999]) {
      throws(() => socket.get(number), 'EINVAL', { message: new RegExp(number) });
      throws(() => socket.set(number, 1), 'EINVAL', { message: new RegExp(number) });
    }
    throws(() => context.socket(zmq.PAIR, { noSuchOption: 1 }), 'EINVAL', { message: /noSuchOption/ });
  });

  it('of a context are the defaults of sockets made later', (t) => {
    const context = contextFor(t);
    const before = context.socket(zmq.PAIR);
    context.setsockopt(zmq.SNDHWM, 5);
    assert.deepEqual(
      [before.sndhwm, context.socket(zmq.PAIR).sndhwm, context.socket(zmq.PAIR, { sndhwm: 6 }).sndhwm],
      [1000, 5, 6],
    );
    throws(() => context.setsockopt(zmq.SNDHWM, -1), 'EINVAL', { message: /SNDHWM can't be -1/ });
    assert.equal(context.getsockopt(zmq.SNDHWM), 5);
    context.sndhwm = 7;
    context.routerMandatory = true;
    context.subscribe = 'topic';
    assert.deepEqual([context.sndhwm, context.rcvhwm, context.socket(zmq.PAIR).sndhwm], [7, undefined, 7]);
    assert.deepEqual([zmq.SUB, zmq.PUB].map((type) => context.socket(type).topicsCount), [1, 0]);
    throws(() => (context.linger = 'long'), 'EINVAL', { message: /LINGER.*long/ });
  });

  it('of a context itself matter to its sockets', (t) => {
    const context = contextFor(t);
    assert.deepEqual([context.socket(zmq.PAIR).linger, context.socket(zmq.PAIR).ipv6], [-1, false]);
    context.set(zmq.BLOCKY, 0);
    context.set(zmq.IPV6, 1);
    assert.deepEqual([context.socket(zmq.PAIR).linger, context.socket(zmq.PAIR).ipv6], [0, true]);
    context.linger = 5;
    assert.equal(context.socket(zmq.PAIR).linger, 5);
  });

  it('that greet and tell of peers do', async (t) => {
    const context = contextFor(t);
    const options = { routingId: 'd', metadata: 'X-colour:blue', helloMsg: 'hello' };
    const [router, dealer] = await pair(context, 'ROUTER', 'DEALER', [{ routerNotify: 3, disconnectMsg: 'gone' }, options]);
    const told = [];
    for (let count = 0; count < 2; count++) told.push((await router.recvMultipart(0, { copy: false })).map(String));
    const frames = await Promise.all([dealer.send('x'), router.recvMultipart(0, { copy: false })]).then(([, it]) => it);
    assert.deepEqual(told, [['d', ''], ['d', 'hello']]);
    assert.equal(frames[1].get('X-colour'), 'blue');
    dealer.close();
    const gone = [await router.recvMultipart(), await router.recvMultipart()];
    assert.deepEqual(gone.map((parts) => parts.map(text)), [['d', ''], ['d', 'gone']]);
  });

  it('that ask for security are refused, each by name', (t) => {
    const socket = contextFor(t).socket(zmq.REQ);
    const asked = { plainServer: true, curveServer: 1, zapEnforceDomain: true, plainUsername: 'me', plainPassword: 'x' };
    const keys = { zapDomain: 'x', curvePublickey: 'k'.repeat(40), curveSecretkey: 'k'.repeat(40), curveServerkey: new Uint8Array(32) };
    for (const [name, value] of Object.entries({ ...asked, ...keys })) {
      const message = new RegExp(`^${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()} can't be`);
      throws(() => (socket[name] = value), 'EINVAL', { message });
      throws(() => contextFor(t).socket(zmq.REQ, { [name]: value }), 'EINVAL', { message });
    }
    assert.deepEqual(
      [socket.plainServer, socket.curveServer, socket.plainUsername, socket.zapDomain, socket.curvePublickey, socket.mechanism],
      [false, false, '', '', '0'.repeat(40), zmq.NULL],
    );
    socket.plainServer = false;
  });

  it('of transports that a page does not have are checked and kept; those that say where octets go are refused', (t) => {
    const socket = contextFor(t).socket(zmq.REQ);
    for (const [name, value] of Object.entries({ tcpKeepalive: 1, sndbuf: 4096, rcvbuf: 4096, backlog: 1, tos: 16, ipv6: true, rate: 9 })) {
      socket[name] = value;
      assert.equal(socket[name], value, name);
      throws(() => (socket[name] = -2), 'EINVAL', { message: /-2/ });
    }
    for (const name of ['socksProxy', 'socksUsername', 'socksPassword', 'bindtodevice']) {
      socket[name] = '';
      throws(() => (socket[name] = 'host:1080'), 'EINVAL', { message: /not supported here/ });
      assert.equal(socket[name], '');
    }
  });
});

describe('types of sockets by number', () => {
  it('that do not exist are EINVAL and named', (t) => {
    const context = contextFor(t);
    for (const type of [-1, 99, 1.5, Number.NaN])
      throws(() => context.socket(type), 'EINVAL', { message: new RegExp(String(type).replace('.', '.')) });
  });
});

describe('errors', () => {
  it("carry libzmq's names and numbers, and are told by class", async (t) => {
    const { Again, ContextTerminated, NotDone, ZMQBindError, ZMQError } = zmq;
    for (const Class of [Again, ContextTerminated, NotDone, ZMQBindError])
      assert.ok(Class.prototype instanceof ZMQError, Class.name);
    const req = contextFor(t).socket(zmq.REQ);
    const error = await req.recv().catch((error) => error);
    assert.deepEqual([error.code, error.errno, error.name], ['EFSM', 156_384_763, 'ZMQError']);
    const again = await contextFor(t)
      .socket(zmq.PULL)
      .recv(zmq.NOBLOCK)
      .catch((error) => error);
    assert.deepEqual([again.code, again.errno, again.name], ['EAGAIN', 11, 'Again']);
  });

  it('are ENOTSOCK on a closed socket, thrown or rejected as the call is', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    socket.close();
    const sync = [
      () => socket.connect(fresh()),
      () => socket.disconnect(fresh()),
      () => socket.set(zmq.LINGER, 1),
      () => socket.get(zmq.LINGER),
      () => (socket.linger = 1),
      () => socket.subscribe('x'),
    ];
    for (const call of sync) throws(call, 'ENOTSOCK');
    const calls = [
      () => socket.bind(fresh()),
      () => socket.unbind(fresh()),
      () => socket.send('x'),
      () => socket.recv(),
      () => socket.recv(zmq.NOBLOCK),
      () => socket.sendMultipart(['x']),
      () => socket.recvMultipart(),
      () => socket.sendString('x'),
      () => socket.recvString(),
      () => socket.sendJson(1),
      () => socket.recvJson(),
      () => socket.sendSerialized('x', () => ['x']),
      () => socket.recvSerialized((parts) => parts),
    ];
    for (const call of calls) await rejects(call, 'ENOTSOCK');
    await rejects(() => socket.poll(0), 'ENOTSUP');
  });
});
