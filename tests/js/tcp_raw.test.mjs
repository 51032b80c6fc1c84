// ZMTP octet by octet, from a bare TCP socket: older peers, cuts at every place, and what no peer should send. RFC 37, 23, 15.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as dial } from 'node:net';
import { describe, it } from 'node:test';
import * as zmq from '../../pkg/node.js';
import { failsWith } from './api_support.mjs';

const OPENING = [0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f];
const bytes = (...parts) => Buffer.concat(parts.map((part) => (typeof part === 'number' ? Buffer.of(part) : Buffer.from(part))));
const greeting = (minor = 1, mechanism = 'NULL') => {
  const rest = Buffer.alloc(53);
  rest[0] = minor;
  rest.write(mechanism, 1);
  return bytes(OPENING, 3, rest);
};
const frame = (flags, body) => {
  body = Buffer.from(body);
  if (body.length < 256) return bytes(flags, body.length, body);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(BigInt(body.length));
  return bytes(flags | 2, length, body);
};
const MORE = 1;
const COMMAND = 4;
const property = (name, value) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return bytes(name.length, name, length, value);
};
const ready = (type, id = '') => frame(COMMAND, bytes('\x05READY', property('Socket-Type', type), property('Identity', id)));

/** A socket of ours that listens, and the way to it. */
async function listening(t, type, options = {}) {
  const context = new zmq.Context();
  t.after(() => context.destroy(0));
  const socket = context.socket(zmq[type], { linger: 0, ...options });
  const events = socket.monitor();
  const endpoint = await socket.bind('tcp://127.0.0.1:*');
  const event = async (name) => {
    for (;;) {
      const { value, done } = await events.next();
      assert.ok(!done, `the event ${name}`);
      if (value.name === name) return value;
    }
  };
  return { context, socket, endpoint, event, port: Number(endpoint.split(':').pop()) };
}

/** A bare connection: `read(n)` gives the next n octets, `closed` how it ended. */
function bare(t, port) {
  const socket = dial({ port, host: '127.0.0.1', noDelay: true });
  t.after(() => socket.destroy());
  let came = Buffer.alloc(0);
  let isOver = false;
  let wake = () => {};
  socket.on('data', (data) => {
    came = Buffer.concat([came, data]);
    wake();
  });
  socket.on('error', () => {});
  const closed = once(socket, 'close').then(() => {
    isOver = true;
    wake();
  });
  const read = async (count) => {
    while (came.length < count) {
      assert.ok(!isOver, `closed after ${came.length} of ${count} octets: ${came.toString('hex')}`);
      await new Promise((resolve) => (wake = resolve));
    }
    const octets = came.subarray(0, count);
    came = came.subarray(count);
    return octets;
  };
  const readFrame = async () => {
    const [flags, length] = await read(2);
    assert.equal(flags & 2, 0, 'a short frame');
    return { flags, body: await read(length) };
  };
  /** Writes octet by octet, each a packet of its own as far as the system has it so. */
  const dribble = async (octets) => {
    for (const octet of octets) await new Promise((resolve) => socket.write(Buffer.of(octet), resolve));
  };
  return { socket, read, readFrame, closed, dribble };
}

/** After the handshake of a ZMTP 3.1 peer. */
async function shaken(t, port, type, id) {
  const peer = bare(t, port);
  peer.socket.write(bytes(greeting(), ready(type, id)));
  assert.deepEqual([...(await peer.read(11))], [...OPENING, 3], 'the opening');
  const rest = await peer.read(53);
  assert.equal(rest[0], 1, 'the minor version');
  assert.equal(rest.toString('latin1', 1, 5), 'NULL');
  const { flags, body } = await peer.readFrame();
  assert.equal(flags, COMMAND);
  assert.match(body.toString('latin1'), /^\x05READY\x0bSocket-Type/);
  return peer;
}

describe('a peer of', () => {
  it('ZMTP 3.1 subscribes by commands', async (t) => {
    const { socket, port } = await listening(t, 'XPUB');
    const peer = await shaken(t, port, 'SUB');
    peer.socket.write(frame(COMMAND, '\x09SUBSCRIBEa'));
    assert.deepEqual([...(await socket.recv())], [1, 97]);
    await socket.sendMultipart(['b', 'no']);
    await socket.sendMultipart(['a', 'yes']);
    assert.deepEqual(await peer.readFrame(), { flags: MORE, body: Buffer.from('a') });
    assert.deepEqual(await peer.readFrame(), { flags: 0, body: Buffer.from('yes') });
    peer.socket.write(frame(COMMAND, '\x06CANCELa'));
    assert.deepEqual([...(await socket.recv())], [0, 97]);
  });

  it('ZMTP 3.0 is told of subscriptions by messages', async (t) => {
    const { socket, port } = await listening(t, 'SUB');
    socket.subscribe('abc');
    const peer = bare(t, port);
    peer.socket.write(bytes(greeting(0), ready('PUB')));
    await peer.read(64);
    await peer.readFrame();
    assert.deepEqual(await peer.readFrame(), { flags: 0, body: Buffer.from('\x01abc') });
    peer.socket.write(frame(0, 'abcd'));
    assert.equal(await socket.recvString(), 'abcd');
  });

  for (const revision of [1, 2]) {
    it(`ZMTP 2.0 that says revision ${revision} is spoken to in 2.0`, async (t) => {
      const { socket, port } = await listening(t, 'ROUTER', { routingId: 'ours' });
      const peer = bare(t, port);
      peer.socket.write(bytes(OPENING, revision, zmq.DEALER, frame(0, 'old')));
      assert.deepEqual([...(await peer.read(12))], [...OPENING, 3, zmq.ROUTER], 'the opening and our type');
      assert.deepEqual(await peer.readFrame(), { flags: 0, body: Buffer.from('ours') });
      peer.socket.write(bytes(frame(MORE, ''), frame(0, 'hello')));
      assert.deepEqual((await socket.recvMultipart()).map((part) => String(Buffer.from(part))), ['old', '', 'hello']);
      await socket.sendMultipart(['old', 'answer']);
      assert.deepEqual(await peer.readFrame(), { flags: 0, body: Buffer.from('answer') });
    });
  }

  it('an incompatible type is refused, and told of', async (t) => {
    const { port, event } = await listening(t, 'PUB');
    const peer = bare(t, port);
    peer.socket.write(bytes(greeting(), ready('PULL')));
    const { value } = await event('handshake_failed_protocol');
    assert.match(String(value), /PULL/);
    await peer.closed;
  });

  it('another mechanism is refused, and told of', async (t) => {
    const { port, event } = await listening(t, 'PULL');
    const peer = bare(t, port);
    peer.socket.write(greeting(1, 'CURVE'));
    const { value } = await event('handshake_failed_protocol');
    assert.match(String(value), /CURVE/);
    await peer.closed;
  });
});

describe('octets come', () => {
  const long = Buffer.from(Array.from({ length: 300 }, (_, at) => at));
  const session = () => bytes(greeting(), ready('PUSH'), frame(MORE, 'one'), frame(0, long), frame(0, ''), frame(0, 'last'));
  const expected = [['one', long], [''], ['last']].map((parts) => parts.map((part) => [...Buffer.from(part)]));
  const receive = async (socket) => {
    const messages = [];
    while (messages.length < 3) messages.push((await socket.recvMultipart()).map((part) => [...part]));
    return messages;
  };

  it('one by one', async (t) => {
    const { socket, port } = await listening(t, 'PULL');
    const { dribble } = bare(t, port);
    const [messages] = await Promise.all([receive(socket), dribble(session())]);
    assert.deepEqual(messages, expected);
  });

  it('all at once', async (t) => {
    const { socket, port } = await listening(t, 'PULL');
    bare(t, port).socket.write(session());
    assert.deepEqual(await receive(socket), expected);
  });

  it('in two, cut at every place', async (t) => {
    const { socket, port } = await listening(t, 'PULL');
    const octets = session();
    for (let at = 60; at < octets.length; at += octets.length - at < 40 || at < 130 ? 1 : 23) {
      const peer = bare(t, port);
      await new Promise((resolve) => peer.socket.write(octets.subarray(0, at), resolve));
      // The answer shows that the first half was read; without half a greeting there is none.
      await peer.read(at >= 64 ? 64 : 11);
      peer.socket.write(octets.subarray(at));
      assert.deepEqual(await receive(socket), expected, `cut at ${at}`);
      peer.socket.destroy();
    }
  });

  it('in large frames and many small ones behind each other', async (t) => {
    const { socket, port } = await listening(t, 'PULL', { rcvhwm: 0 });
    const peer = await shaken(t, port, 'PUSH');
    const sizes = Array.from({ length: 400 }, (_, i) => [0, 1, 64, 65, 255, 256, 4096, 65_535, 65_536, 200_000][(i * 7) % 10]);
    for (const [i, size] of sizes.entries()) peer.socket.write(frame(0, Buffer.alloc(size, i)));
    for (const [i, size] of sizes.entries()) {
      const body = await socket.recv();
      assert.equal(Object.getPrototypeOf(body), Uint8Array.prototype);
      assert.deepEqual([body.length, body.every((octet) => octet === i % 256)], [size, true], `message ${i}`);
    }
  });

  it('with unknown commands and a long one between messages, which change nothing', async (t) => {
    const { socket, port } = await listening(t, 'PULL');
    const peer = await shaken(t, port, 'PUSH');
    peer.socket.write(bytes(frame(COMMAND, '\x05HELLOwhatever'), frame(COMMAND, bytes('\x04PING\0\0', 'context'))));
    peer.socket.write(bytes(frame(COMMAND, bytes('\x05HELLO', Buffer.alloc(60_000))), frame(0, 'after')));
    assert.deepEqual(await peer.readFrame(), { flags: COMMAND, body: Buffer.from('\x04PONGcontext') });
    assert.equal(await socket.recvString(), 'after');
  });
});

describe('what no peer should send ends its connection with one clear event, and the socket goes on', () => {
  const header = (flags, length) => {
    const octets = Buffer.alloc(8);
    octets.writeBigUInt64BE(length);
    return bytes(flags | 2, octets);
  };
  const shake = bytes(greeting(), ready('PUSH'));
  const CASES = {
    'HTTP in place of a greeting': ['GET / HTTP/1.1\r\n\r\n', /greeting/],
    'a greeting whose signature does not end': [bytes(OPENING.slice(0, 9), 0), /greeting/],
    'ZMTP 1.0': [bytes(OPENING, 0), /older|version/],
    'a message before READY': [bytes(greeting(), frame(0, 'early')), /order|expected/],
    'READY without a type': [bytes(greeting(), frame(COMMAND, '\x05READY')), /command/],
    'a command cut short': [bytes(greeting(), frame(COMMAND, '\x20READY')), /command/],
    'reserved bits': [bytes(shake, 0x08, 0), /reserved|flag/i],
    'a command with more to come': [bytes(shake, COMMAND | MORE, 0), /reserved|flag/i],
    'a frame of 2^64-1 octets': [bytes(shake, header(0, 2n ** 64n - 1n)), /long|large|MAXMSGSIZE/i],
    'a frame of 2^32 octets': [bytes(shake, header(0, 2n ** 32n)), /long|large|MAXMSGSIZE/i],
    'a frame over MAXMSGSIZE, by its header alone': [bytes(shake, header(0, 1001n)), /long|large|MAXMSGSIZE/i],
    'a message whose second part is over MAXMSGSIZE': [bytes(shake, frame(MORE, 'a'), header(0, 1001n)), /long|large|MAXMSGSIZE/i],
    'a command of 64 KiB and one octet': [bytes(shake, header(COMMAND, 65_537n)), /long|large/i],
  };
  for (const [name, [octets, why]] of Object.entries(CASES)) {
    it(name, async (t) => {
      const { socket, port } = await listening(t, 'PULL', { maxmsgsize: 1000 });
      const peer = bare(t, port);
      peer.socket.write(octets);
      // Before the handshake is done it is the handshake that fails.
      const names = ['handshake_failed_protocol', 'handshake_failed_no_detail', 'disconnected'];
      const events = names.map((name) => once(socket, name));
      const [[{ detail }]] = await Promise.all([Promise.race(events), peer.closed]);
      assert.match(String(detail.value), why);
      const good = await shaken(t, port, 'PUSH');
      good.socket.write(frame(0, 'good'));
      assert.equal(await socket.recvString(), 'good');
    });
  }

  it('nothing at all, for longer than HANDSHAKE_IVL', async (t) => {
    const { port, event } = await listening(t, 'PULL', { handshakeIvl: 30 });
    const peer = bare(t, port);
    await event('handshake_failed_no_detail');
    await peer.closed;
  });

  it('half a message and the end', async (t) => {
    const { socket, port, event } = await listening(t, 'PULL');
    const peer = await shaken(t, port, 'PUSH');
    peer.socket.end(bytes(frame(0, 'whole'), frame(MORE, 'half'), 0, 100, 'of this'));
    await event('disconnected');
    assert.equal(await socket.recvString(), 'whole');
    await assert.rejects(socket.recv(zmq.NOBLOCK), failsWith('EAGAIN', { Class: zmq.Again }));
  });

  it('PINGs without end whose answers it does not read', async (t) => {
    const { port, event } = await listening(t, 'PULL');
    const peer = await shaken(t, port, 'PUSH');
    peer.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 2000 }, () => frame(COMMAND, '\x04PING\0\0sixteen octets..')));
    const flood = () => peer.socket.destroyed || peer.socket.write(pings, (error) => error ?? flood());
    flood();
    const { value } = await event('disconnected');
    assert.match(String(value), /PONG/);
  });
});

describe('a peer that does not read', () => {
  it('stops a sender at SNDHWM and what the connection holds, and loses nothing when it reads on', async (t) => {
    const { socket, port } = await listening(t, 'PUSH', { sndhwm: 10 });
    const peer = await shaken(t, port, 'PULL');
    peer.socket.pause();
    const body = new Uint8Array(10_000);
    let sent = 0;
    for (;;) {
      socket.sndtimeo = 200;
      try {
        await socket.send(body);
        sent += 1;
      } catch (error) {
        assert.ok(error instanceof zmq.Again, error.stack);
        break;
      }
      assert.ok(sent < 10_000, 'it is stopped at last');
    }
    peer.socket.resume();
    for (let i = 0; i < sent; i += 1) {
      const header = await peer.read(9);
      assert.deepEqual([header[0], header.readUInt32BE(5)], [2, 10_000], `message ${i}`);
      await peer.read(10_000);
    }
    socket.sndtimeo = -1;
    await socket.send('last');
    assert.equal(String((await peer.readFrame()).body), 'last');
  });

  it('does not keep what was sent from going out when the socket is closed, within LINGER', async (t) => {
    const { socket, port } = await listening(t, 'PUSH', { linger: 60_000 });
    const peer = await shaken(t, port, 'PULL');
    peer.socket.pause();
    for (let i = 0; i < 100; i += 1) await socket.send(new Uint8Array(100_000));
    socket.close();
    peer.socket.resume();
    for (let i = 0; i < 100; i += 1) await peer.read(100_009);
    await peer.closed;
  });
});

describe('a receiver that does not receive', () => {
  it('stops its peer: RCVHWM and what lies in buffers bound what is held, and nothing is lost', async (t) => {
    const { socket, port } = await listening(t, 'PULL', { rcvhwm: 5 });
    const peer = await shaken(t, port, 'PUSH');
    const count = 3000;
    const all = Buffer.concat(Array.from({ length: count }, (_, i) => frame(0, bytes(String(i), ' ', Buffer.alloc(20_000)))));
    let isWritten = false;
    peer.socket.write(all, () => (isWritten = true));
    // All of it can't be taken by buffers alone.
    await socket.poll(-1, zmq.POLLIN);
    assert.equal(isWritten, false);
    peer.socket.end();
    for (let i = 0; i < count; i += 1) {
      const text = new TextDecoder().decode((await socket.recv()).subarray(0, 8)).split(' ')[0];
      assert.equal(text, String(i));
    }
  });
});
