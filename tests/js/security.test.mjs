// PLAIN and CURVE in JavaScript, where the servers' module is: judged by libzmq in both roles.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { curveKeyPair } from 'zeromq';
import { Authenticator } from '../../pkg/auth.js';
import * as zmq from '../../pkg/node.js';
import { PeerProcess } from './support.mjs';

const text = (octets) => new TextDecoder().decode(octets);
const TCP = 'tcp://127.0.0.1:*';

/** The options of both sides, by the names that ours and the peers share. */
function curve() {
  const [server, client] = [zmq.curveKeypair(), zmq.curveKeypair()];
  return [
    { curveServer: true, curveSecretkey: server.secretKey },
    { curveServerkey: server.publicKey, curvePublickey: client.publicKey, curveSecretkey: client.secretKey },
  ];
}

const plain = () => [{ plainServer: true }, { plainUsername: 'admin', plainPassword: 'secret' }];

describe('keys', () => {
  it("are libzmq's", () => {
    const { publicKey, secretKey } = curveKeyPair();
    assert.equal(zmq.curvePublic(secretKey), publicKey);
    const ours = zmq.curveKeypair();
    assert.equal(zmq.curvePublic(ours.secretKey), ours.publicKey);
    assert.notEqual(zmq.curveKeypair().secretKey, ours.secretKey);
    for (const key of Object.values(ours)) assert.deepEqual([key.length, zmq.z85.decode(key).length], [40, 32]);
    for (const bad of ['', 'short', '"'.repeat(40), 'x'.repeat(45), 5, undefined, null]) {
      assert.throws(() => zmq.curvePublic(bad), { code: 'EINVAL' });
    }
    for (const mechanism of ['curve', 'plain', 'NULL']) assert.ok(zmq.has(mechanism), mechanism);
    assert.deepEqual(zmq.capabilities().mechanisms, ['NULL', 'PLAIN', 'CURVE']);
  });

  it('that are not set are an error that names them', async () => {
    const context = new zmq.Context();
    const [server, client] = curve();
    for (const [options, missing] of [[{ curveServer: true }, 'CURVE_SECRETKEY'], [{ ...client, curvePublickey: '0'.repeat(40) }, 'CURVE_PUBLICKEY']]) {
      const socket = context.socket(zmq.REP, options);
      const wanted = { code: 'EINVAL', message: new RegExp(`CURVE needs ${missing}, which is not set`) };
      await assert.rejects(socket.bind(TCP), wanted);
      assert.throws(() => socket.connect('tcp://127.0.0.1:1'), wanted);
    }
    const socket = context.socket(zmq.REP, server);
    assert.deepEqual([socket.mechanism, socket.curveServer, socket.curveSecretkey], [zmq.CURVE, true, server.curveSecretkey]);
    socket.curveServer = false;
    assert.equal(socket.mechanism, zmq.NULL);
    await context.destroy(0);
  });
});

for (const kind of ['zeromq', 'pyzmq']) {
  describe(`with libzmq in ${kind}`, () => {
    let peer, context;
    before(async () => {
      peer = new PeerProcess(kind);
      await peer.call({ do: 'authenticate', passwords: { admin: 'secret' } });
      context = new zmq.Context();
      const authenticator = new Authenticator(context);
      authenticator.configurePlain('*', { admin: 'secret' });
      await authenticator.configureCurve();
      await authenticator.start();
    });
    after(async () => {
      await context.destroy(0);
      await peer.stop();
    });
    const theirs = (type, options) => peer.call({ do: 'socket', type, options: { linger: 0, ...options } });

    for (const [what, sides, weServe] of [['CURVE, we serve', curve, true], ['CURVE, they serve', curve, false], ['PLAIN, we serve', plain, true], ['PLAIN, they serve', plain, false]]) {
      for (const weBind of [true, false]) {
        it(`${what}, and ${weBind ? 'we' : 'they'} bind`, async () => {
          const [mine, its] = weServe ? sides() : sides().reverse();
          const dealer = context.socket(zmq.DEALER, mine);
          const s = await theirs('REP', its);
          if (weBind) await peer.call({ do: 'connect', s, endpoint: await dealer.bind(TCP) });
          else dealer.connect(await peer.call({ do: 'bind', s, endpoint: 'tcp://127.0.0.1:0' }));
          await peer.call({ do: 'echo', s });
          for (const length of [0, 1, 255, 256, 70_000]) {
            const body = new Uint8Array(length).map((_, at) => at);
            await dealer.sendMultipart(['', 'more', body]);
            const [empty, more, back] = await dealer.recvMultipart();
            assert.deepEqual([empty.length, text(more), back], [0, 'more', body]);
          }
          await peer.call({ do: 'close', s });
          dealer.close(0);
        });
      }
    }

    it('a wrong key, or none, or a password that is not known, is an event, and nothing gets through', async () => {
      const [server, client] = curve();
      const [stranger] = curve();
      const [, admin] = plain();
      for (const [its, mine, expected] of [
        [server, { ...client, curveServerkey: zmq.curveKeypair().publicKey }, /handshake_failed|disconnected/],
        [server, {}, /handshake_failed_protocol/],
        [stranger, admin, /handshake_failed_protocol/],
        [{ plainServer: true }, { ...admin, plainPassword: 'wrong' }, /handshake_failed_auth/],
      ]) {
        const push = context.socket(zmq.PUSH, mine);
        const failed = new Promise((resolve) => {
          for (const name of ['handshake_failed_protocol', 'handshake_failed_auth', 'handshake_failed_no_detail', 'handshake_succeeded']) {
            push.addEventListener(name, () => resolve(name));
          }
        });
        const s = await theirs('PULL', its);
        push.connect(await peer.call({ do: 'bind', s, endpoint: 'tcp://127.0.0.1:0' }));
        assert.match(await failed, expected);
        await peer.call({ do: 'close', s });
        push.close(0);
      }
    });
  });
}
