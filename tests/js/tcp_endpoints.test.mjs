// Where tcp:// and ipc:// can be bound and connected to, what goes wrong with that, and what is left behind. In Node.js.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import * as zmq from '../../pkg/node.js';
import { failsWith } from './api_support.mjs';
import { ROOT, freePort } from './support.mjs';

const FOLDER = mkdtempSync(join(tmpdir(), 'zmq-test-'));
after(() => rmSync(FOLDER, { recursive: true }));
const PYTHON = process.env.PYTHON ?? join(ROOT, '.cache/venv/bin/python');
const FULL = `import socket
full = socket.create_server(('127.0.0.1', 0), backlog=0)
waiting = [socket.socket() for _ in range(4)]
for one in waiting:
    one.setblocking(False)
    one.connect_ex(full.getsockname())
print(full.getsockname()[1], flush=True)
input()`;
let files = 0;
const freshPath = () => join(FOLDER, `socket${++files}`);

function pair(t, options = {}) {
  const context = new zmq.Context();
  t.after(() => context.destroy(0));
  const [pull, push] = ['PULL', 'PUSH'].map((type) => context.socket(zmq[type], { linger: 0, reconnectIvl: 20, ...options }));
  return { context, pull, push };
}

async function arrives({ pull, push }, endpoint) {
  push.connect(endpoint);
  await push.send(endpoint);
  assert.equal(await pull.recvString(), endpoint);
  push.disconnect(endpoint);
}

const bindFails = (socket, endpoint, code, message) =>
  assert.rejects(socket.bind(endpoint), failsWith(code, { Class: zmq.ZMQBindError, ...(message && { message }) }));

describe('tcp', () => {
  const hasIpv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1');

  it('is bound in full: wildcards, addresses, names and interfaces', async (t) => {
    for (const [given, host] of [['*', '0.0.0.0'], ['127.0.0.1', '127.0.0.1'], ['localhost', '127.0.0.1'], ['lo', '127.0.0.1']]) {
      for (const port of ['*', '0']) {
        const sockets = pair(t);
        const bound = await sockets.pull.bind(`tcp://${given}:${port}`);
        assert.match(bound, new RegExp(`^tcp://${host}:[1-9][0-9]*$`));
        assert.equal(sockets.pull.lastEndpoint, bound);
        await arrives(sockets, bound.replace('0.0.0.0', '127.0.0.1'));
        await arrives(sockets, bound.replace(host, 'localhost'));
        await sockets.pull.unbind(bound);
      }
    }
  });

  it('by IPv6', { skip: !hasIpv6 && 'this machine has no IPv6 loopback' }, async (t) => {
    const sockets = pair(t);
    const bound = await sockets.pull.bind('tcp://[::1]:*');
    assert.match(bound, /^tcp:\/\/\[::1\]:[1-9][0-9]*$/);
    await arrives(sockets, bound);
    const both = pair(t, { ipv6: true });
    const any = await both.pull.bind('tcp://*:*');
    assert.match(any, /^tcp:\/\/\[::\]:/);
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) await arrives(both, any.replace('[::]', host));
  });

  it('what is taken, or not here, is a ZMQBindError, and the monitor tells of it', async (t) => {
    const { pull, push } = pair(t);
    const bound = await pull.bind('tcp://127.0.0.1:*');
    const events = push.monitor(zmq.EVENT_BIND_FAILED);
    await bindFails(push, bound, 'EADDRINUSE');
    const { value } = await events.next();
    assert.deepEqual([value.name, value.endpoint], ['bind_failed', bound]);
    await bindFails(push, 'tcp://192.0.2.1:*', 'EADDRNOTAVAIL');
    await bindFails(push, 'tcp://no-such-interface0:*', 'ENODEV', /no-such-interface0/);
    for (const bad of ['tcp://127.0.0.1', 'tcp://:1', 'tcp://127.0.0.1:65536', 'tcp://[x]:1', 'ipc://']) {
      await assert.rejects(push.bind(bad), failsWith('EINVAL'));
      assert.throws(() => push.connect(bad), failsWith('EINVAL'));
    }
    for (const bad of ['tcp://*:5555', 'tcp://127.0.0.1:*']) assert.throws(() => push.connect(bad), failsWith('EINVAL'));
  });

  it('bindToRandomPort() finds a port', async (t) => {
    const sockets = pair(t);
    const port = await sockets.pull.bindToRandomPort('tcp://127.0.0.1');
    await arrives(sockets, `tcp://127.0.0.1:${port}`);
  });

  it('unbind() frees the port and ends its connections; others may have it then', async (t) => {
    const { pull, push, context } = pair(t);
    const bound = await pull.bind('tcp://127.0.0.1:*');
    push.connect(bound);
    await push.send('one');
    await pull.recvString();
    const gone = once(push, 'disconnected');
    await pull.unbind(bound);
    await gone;
    await assert.rejects(pull.unbind(bound), failsWith('ENOENT'));
    const next = context.socket(zmq.PULL);
    assert.equal(await next.bind(bound), bound);
    await push.send('two');
    assert.equal(await next.recvString(), 'two');
  });

  it('connects to who is not there yet, and tells why it can not so far', async (t) => {
    const { pull, push } = pair(t);
    const endpoint = `tcp://127.0.0.1:${await freePort()}`;
    const closed = once(push, 'closed');
    push.connect(endpoint);
    await push.send('early');
    const [{ detail }] = await closed;
    assert.match(String(detail.value), /ECONNREFUSED/);
    await pull.bind(endpoint);
    assert.equal(await pull.recvString(), 'early');
  });

  it('gives up an attempt after CONNECT_TIMEOUT', async (t) => {
    // It listens, but its queue is full: the system answers nobody else.
    const full = spawn(PYTHON, ['-c', FULL], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => full.kill());
    const [port] = await once(full.stdout, 'data');
    const { push } = pair(t, { connectTimeout: 50 });
    const closed = once(push, 'closed');
    push.connect(`tcp://127.0.0.1:${String(port).trim()}`);
    const [{ detail }] = await closed;
    assert.match(String(detail.value), /CONNECT_TIMEOUT/);
  });

  it('tells who the peer is', async (t) => {
    const { pull, push } = pair(t);
    const bound = await pull.bind('tcp://127.0.0.1:*');
    push.connect(bound);
    await push.send('x');
    const frame = await pull.recv(0, { copy: false });
    assert.match(frame.get('Peer-Address'), /^127\.0\.0\.1:\d+$/);
    assert.equal(frame.get('Socket-Type'), 'PUSH');
  });

  it('memory that was given away is free when it is sent, and not before', async (t) => {
    const { pull, push } = pair(t);
    push.connect(await pull.bind('tcp://127.0.0.1:*'));
    for (const size of [10, 1 << 20]) {
      const tracker = await push.send(new Uint8Array(size).fill(size), 0, { copy: false, track: true });
      await tracker.wait();
      assert.equal((await pull.recv()).length, size);
    }
  });
});

describe('ipc', () => {
  it('by a path, and by one that is chosen, of which nothing is left', async (t) => {
    for (const given of [`ipc://${freshPath()}`, 'ipc://*']) {
      const sockets = pair(t);
      const bound = await sockets.pull.bind(given);
      const path = bound.slice('ipc://'.length);
      if (given !== 'ipc://*') assert.equal(bound, given);
      assert.ok(existsSync(path));
      await arrives(sockets, bound);
      await sockets.pull.unbind(bound);
      assert.equal(existsSync(path), false);
      if (given === 'ipc://*') assert.equal(existsSync(dirname(path)), false);
    }
  });

  it('by an abstract name', { skip: process.platform !== 'linux' && 'only Linux has abstract names' }, async (t) => {
    const sockets = pair(t);
    const name = `ipc://@zmq-test-${process.pid}`;
    assert.equal(await sockets.pull.bind(name), name);
    await arrives(sockets, name);
    await bindFails(sockets.push, name, 'EADDRINUSE');
  });

  it('where another listens or another file is, it is in use; where one was left behind, it is not', async (t) => {
    const sockets = pair(t);
    const [served, other, left] = [freshPath(), freshPath(), freshPath()];
    await sockets.pull.bind(`ipc://${served}`);
    await bindFails(sockets.push, `ipc://${served}`, 'EADDRINUSE');
    writeFileSync(other, 'no socket');
    await bindFails(sockets.push, `ipc://${other}`, 'EADDRINUSE');
    await bindFails(sockets.push, `ipc://${FOLDER}/no/such/folder`, 'ENOENT');
    const crash = `require('node:net').createServer().listen(${JSON.stringify(left)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await assert.rejects(promisify(execFile)(process.execPath, ['-e', crash]), ({ signal }) => signal === 'SIGKILL');
    assert.ok(existsSync(left));
    const next = pair(t);
    await next.pull.bind(`ipc://${left}`);
    await arrives(next, `ipc://${left}`);
  });

  it('a name that no socket can have is refused', async (t) => {
    const { pull } = pair(t);
    await assert.rejects(pull.bind(`ipc://${'x'.repeat(200)}`), failsWith('EINVAL', { message: /octets/ }));
  });
});

describe('a process', () => {
  const program = (source) =>
    promisify(execFile)(process.execPath, ['--input-type=module', '-e', `import * as zmq from ${JSON.stringify(join(ROOT, 'pkg/node.js'))};\n${source}`]);

  it('ends when its sockets are closed, and not before what lingers is sent', async () => {
    const { stdout } = await program(`
      const context = new zmq.Context();
      const [pull, push] = [context.socket(zmq.PULL), context.socket(zmq.PUSH, { linger: -1 })];
      push.connect(await pull.bind('tcp://127.0.0.1:*'));
      for (let i = 0; i < 50; i++) await push.send(new Uint8Array(100_000));
      push.close();
      let octets = 0;
      for (let i = 0; i < 50; i++) octets += (await pull.recv()).length;
      pull.close();
      process.on('exit', () => console.log(octets));
    `);
    assert.equal(stdout.trim(), '5000000');
  });

  it('is kept by a socket that is open', async () => {
    // It says when it would end; a timer, which does not keep it either, ends it.
    const { stdout } = await program(`
      const socket = zmq.Context.instance().socket(zmq.PULL);
      await socket.bind('tcp://127.0.0.1:*');
      process.on('beforeExit', () => console.log('not kept'));
      setTimeout(() => { console.log('kept'); process.exit(); }, 50).unref();
    `);
    assert.equal(stdout.trim(), 'kept');
  });
});

it('has() and capabilities() tell of both', () => {
  const { connect, bind } = zmq.capabilities();
  for (const scheme of ['tcp', 'ipc', 'inproc']) assert.ok(zmq.has(scheme) && connect.includes(scheme) && bind.includes(scheme), scheme);
});
