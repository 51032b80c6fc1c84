// Who is let in: handlers by ZAP (RFC 27), and the Authenticator of `zmq-wasm/auth`. Those who come are libzmq's.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { Authenticator, CURVE_ALLOW_ANY, loadCertificate } from '../../pkg/auth.js';
import * as zmq from '../../pkg/node.js';
import { PeerProcess } from './support.mjs';

const HANDLER = 'inproc://zeromq.zap.01';
const text = (octets) => new TextDecoder().decode(octets);
const plain = (name, password) => ({ plainUsername: name, plainPassword: password });

let peer, context, sockets;
before(() => (peer = new PeerProcess('pyzmq')));
after(() => peer.stop());
beforeEach(() => {
  context = new zmq.Context();
  sockets = [];
});
afterEach(async () => {
  for (const s of sockets) await peer.call({ do: 'close', s });
  await context.destroy(0);
});

/** Has a client of libzmq's come: 'handshake_succeeded', with who it is, or the name and value of how it failed. */
async function come(server, options) {
  const told = new Promise((resolve) => {
    server.addEventListener('handshake_succeeded', () => resolve(undefined), { once: true });
    for (const name of ['handshake_failed_auth', 'handshake_failed_protocol', 'handshake_failed_no_detail']) {
      server.addEventListener(name, ({ detail }) => resolve(`${name} ${detail.value}`), { once: true });
    }
  });
  const s = await peer.call({ do: 'socket', type: 'PUSH', options: { linger: 0, ...options } });
  sockets.push(s);
  await peer.call({ do: 'connect', s, endpoint: await server.bind('tcp://127.0.0.1:*') });
  const failure = await told;
  if (failure !== undefined) return failure;
  await peer.call({ do: 'send', s, parts: [btoa('hello')] });
  const frame = await server.recv(0, { copy: false });
  assert.equal(text(frame.bytes), 'hello');
  return `in as ${frame.get('User-Id')}${frame.get('X-Team') ?? ''}`;
}

const plainServer = (options) => context.socket(zmq.PULL, { plainServer: true, ...options });
const REFUSED = /^handshake_failed_auth/;

describe('a handler by ZAP', () => {
  /** A REP that gives these answers: status, user id, metadata. */
  async function handler(...answers) {
    const rep = context.socket(zmq.REP);
    await rep.bind(HANDLER);
    const asked = [];
    (async () => {
      for (const [status, user = '', metadata = ''] of answers) {
        const request = await rep.recvMultipart();
        asked.push(request);
        await rep.sendMultipart(['1.0', request[1], status, '', user, metadata]);
      }
    })();
    return asked;
  }

  it('is asked as libzmq asks, and what it says is done', async () => {
    const asked = await handler(['200', 'joe', '\x06X-Team\0\0\0\x04 red'], ['400'], ['500'], ['200', 'x'.repeat(256)], ['what?']);
    const server = plainServer({ zapDomain: 'global', routingId: 'the server' });
    assert.equal(await come(server, plain('admin', 'secret')), 'in as joe red');
    for (const [index, status] of [400, 500, 500, 500].entries()) {
      assert.match(await come(server, plain('admin', 'x')), REFUSED, `answer ${index + 1} means ${status}`);
    }
    const parts = ['1.0', '1', 'global', '127.0.0.1', 'the server', 'PLAIN', 'admin', 'secret'];
    assert.deepEqual(asked[0].map(text), parts);
    assert.equal(asked.length, 5);
  });

  it('that is not there lets nobody in by PLAIN', async () => {
    assert.match(await come(plainServer(), plain('admin', 'secret')), /^handshake_failed/);
  });

  it('that goes while it is asked has failed', async () => {
    const rep = context.socket(zmq.REP);
    await rep.bind(HANDLER);
    const coming = come(plainServer(), plain('admin', 'secret'));
    await rep.recvMultipart();
    rep.close();
    assert.match(await coming, REFUSED);
  });

  it('that does not answer has as long as the handshake', async () => {
    const rep = context.socket(zmq.REP);
    await rep.bind(HANDLER);
    assert.match(await come(plainServer({ handshakeIvl: 100 }), plain('admin', 'secret')), /^handshake_failed_no_detail/);
    rep.close();
  });
});

describe('the Authenticator', () => {
  let authenticator;
  beforeEach(async () => {
    authenticator = new Authenticator(context);
    await authenticator.start();
  });

  it('knows names and passwords, by domain', async () => {
    const [server, staff] = [plainServer(), plainServer({ zapDomain: 'staff' })];
    assert.match(await come(server, plain('admin', 'secret')), REFUSED, 'nothing is configured');
    authenticator.configurePlain('*', { admin: 'secret' });
    authenticator.configurePlain('staff', new Map([['joe', 'password']]));
    assert.equal(await come(server, plain('admin', 'secret')), 'in as admin');
    assert.equal(await come(staff, plain('joe', 'password')), 'in as joe');
    for (const [socket, name, password] of [
      [server, 'admin', 'Secret'], [server, 'admin', 'secret2'], [server, 'constructor', 'x'], [server, 'joe', 'password'], [staff, 'admin', 'secret'],
    ]) {
      assert.match(await come(socket, plain(name, password)), REFUSED, `${name} ${password}`);
    }
  });

  it('knows addresses, under each mechanism', async () => {
    const server = context.socket(zmq.PULL, { zapDomain: 'open' });
    assert.equal(await come(server, {}), 'in as anonymous');
    authenticator.deny('10.0.0.1');
    assert.equal(await come(server, {}), 'in as anonymous');
    authenticator.deny('127.0.0.1');
    assert.match(await come(server, {}), REFUSED);
    authenticator.allow('192.0.2.1', '127.0.0.1');
    assert.equal(await come(server, {}), 'in as anonymous');
  });

  it('knows keys: from certificates of pyzmq, from a list, or as a function tells', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'zmq-wasm-'));
    try {
      const certificate = async (name) => {
        const [publicKey, secretKey] = await peer.call({ do: 'certificate', directory, name });
        assert.deepEqual(await loadCertificate(join(directory, `${name}.key_secret`)), { publicKey, secretKey });
        assert.deepEqual(await loadCertificate(join(directory, `${name}.key`)), { publicKey, secretKey: undefined });
        return { publicKey, secretKey };
      };
      const [its, known, stranger] = [await certificate('server'), await certificate('client'), zmq.curveKeypair()];
      const server = context.socket(zmq.PULL, { curveServer: true, curveSecretkey: its.secretKey });
      const by = ({ publicKey, secretKey }) => come(server, { curveServerkey: its.publicKey, curvePublickey: publicKey, curveSecretkey: secretKey });

      assert.match(await by(known), REFUSED, 'nothing is configured');
      await authenticator.configureCurve('*', directory);
      assert.equal(await by(known), `in as ${known.publicKey}`);
      assert.match(await by(stranger), REFUSED);
      await authenticator.configureCurve('*', [stranger.publicKey]);
      assert.match(await by(known), REFUSED);
      assert.equal(await by(stranger), `in as ${stranger.publicKey}`);
      await authenticator.configureCurve('*', async (domain, key) => domain === '' && key === known.publicKey);
      assert.equal(await by(known), `in as ${known.publicKey}`);
      assert.match(await by(stranger), REFUSED);
      const { error } = console;
      const said = [];
      console.error = (...words) => said.push(words.join(' '));
      try {
        await authenticator.configureCurve('*', () => {
          throw new Error('the database is gone');
        });
        assert.match(await by(known), REFUSED);
      } finally {
        console.error = error;
      }
      assert.match(said.join(), /the database is gone/);
      await authenticator.configureCurve('*', CURVE_ALLOW_ANY);
      assert.equal(await by(stranger), `in as ${stranger.publicKey}`);

      await writeFile(join(directory, 'broken.key'), 'curve\n');
      await assert.rejects(authenticator.configureCurve('*', directory), { code: 'EINVAL', message: /no public key in .*broken\.key/ });
    } finally {
      await rm(directory, { recursive: true });
    }
    await assert.rejects(authenticator.configureCurve('*', directory), { code: 'ENOENT' });
  });

  it('is stopped, and started again; there is one in a context', async () => {
    const server = plainServer();
    authenticator.configurePlain(undefined, { admin: 'secret' });
    await assert.rejects(authenticator.start(), { code: 'EINVAL' });
    await assert.rejects(new Authenticator(context).start(), { code: 'EADDRINUSE' });
    assert.equal(await come(server, plain('admin', 'secret')), 'in as admin');
    authenticator.stop();
    assert.match(await come(server, plain('admin', 'secret')), /^handshake_failed/);
    await authenticator.start();
    assert.equal(await come(server, plain('admin', 'secret')), 'in as admin');
  });

  it('refuses what makes no sense', async () => {
    const { ZMQError } = zmq;
    for (const bad of [undefined, null, {}, 'context']) assert.throws(() => new Authenticator(bad), ZMQError);
    assert.throws(() => authenticator.allow(5), { code: 'EINVAL' });
    assert.throws(() => authenticator.deny({}), { code: 'EINVAL' });
    for (const passwords of [null, 'x', { admin: 5 }, new Map([[1, 'x']])]) {
      assert.throws(() => authenticator.configurePlain('*', passwords), { code: 'EINVAL' });
    }
    assert.throws(() => authenticator.configurePlain(5, {}), { code: 'EINVAL' });
    for (const keys of [5, null, {}, ['short'], [5], ['x'.repeat(41)]]) {
      await assert.rejects(authenticator.configureCurve('*', keys), { code: 'EINVAL' });
    }
    await assert.rejects(loadCertificate(5), { code: 'EINVAL' });
  });
});
