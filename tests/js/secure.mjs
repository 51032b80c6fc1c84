// PLAIN and CURVE from wherever `zmq-wasm/secure` runs, to our native listeners: their sub-protocols have no slash, which no browser sends.

import * as zmq from '../../pkg/secure.js';
import { body, define, equal, same, transfer } from './scene.mjs';

const secure = (name, run) => {
  const one = define(name, run);
  return { name, run: (env) => one.run({ ...env, zmq }) };
};

/** The options of both sides. */
function curve() {
  const [server, client] = [zmq.curveKeypair(), zmq.curveKeypair()];
  return [
    { curveServer: true, curveSecretkey: server.secretKey },
    { curveServerkey: server.publicKey, curvePublickey: client.publicKey, curveSecretkey: client.secretKey },
  ];
}
const plain = () => [{ plainServer: true }, { plainUsername: 'admin', plainPassword: 'secret' }];

/** Resolves with the name of the first of these events. */
const first = (ours, names) => Promise.race(names.map(async (name) => (await ours.event(name), name)));

const FAILURES = ['handshake_failed_protocol', 'handshake_failed_auth', 'handshake_failed_no_detail', 'disconnected', 'handshake_succeeded'];

export const cases = {
  native: [
    secure('what this entry has', async () => {
      equal(zmq.capabilities().mechanisms.join(), 'NULL,PLAIN,CURVE', 'the mechanisms');
      const { publicKey, secretKey } = zmq.curveKeypair();
      equal(zmq.curvePublic(secretKey), publicKey, 'the public key');
      equal(zmq.curvePublic('JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6'), 'rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7', "libzmq's example");
    }),

    ...[['CURVE', curve], ['PLAIN', plain]].map(([mechanism, sides]) =>
      secure(`${mechanism}, both ways`, async (scene) => {
        const [its, mine] = sides();
        const peer = await scene.peer();
        await peer.authenticate({ admin: 'secret' });
        const theirs = await scene.theirs('PAIR', { peer, ...its });
        const ours = scene.ours('PAIR', mine);
        const done = ours.event('handshake_succeeded');
        ours.connect(theirs.endpoint);
        await done;
        for (const size of [0, 1, 255, 256, 70_000, 1 << 20]) {
          await transfer(scene, ours, theirs, ['a part', body(size)]);
          await transfer(scene, theirs, ours, ['a part', body(size)]);
        }
        equal(ours.socket.mechanism, zmq[mechanism], 'the mechanism');
      }),
    ),

    secure('a connection that is lost comes back with new keys', async (scene) => {
      const [its, mine] = curve();
      const theirs = await scene.theirs('PULL', its);
      const ours = scene.ours('PUSH', mine);
      ours.connect(theirs.endpoint);
      await transfer(scene, ours, theirs, ['before']);
      const back = ours.event('handshake_succeeded');
      const { endpoint } = theirs;
      await theirs.close();
      const again = await scene.theirs('PULL', { endpoint, ...its });
      await back;
      await transfer(scene, ours, again, ['after']);
    }),

    secure('who is wrong does not get in, and hears it', async (scene) => {
      const peer = await scene.peer();
      await peer.authenticate({ admin: 'another' });
      const [server, client] = curve();
      const [plainServer, admin] = plain();
      for (const [its, mine, expected] of [
        [server, { ...client, curveServerkey: zmq.curveKeypair().publicKey }, 'handshake_failed_no_detail,disconnected'],
        [plainServer, admin, 'handshake_failed_auth'],
      ]) {
        const theirs = await scene.theirs('PULL', { peer, ...its });
        const ours = scene.ours('PUSH', { ...mine, reconnectIvl: -1 });
        const failed = first(ours, FAILURES);
        ours.connect(theirs.endpoint);
        const name = await failed;
        equal(expected.includes(name), true, `what is told, ${name}, is one of ${expected}`);
      }
    }),

    secure('a socket with keys is no use to who has none, and the other way round', async (scene) => {
      const peer = await scene.peer();
      const [server, client] = curve();
      for (const [its, mine] of [[server, {}], [{}, client]]) {
        const theirs = await scene.theirs('PULL', { peer, ...its });
        const told = theirs.event('accept_failed');
        // Again and again: the first time may be before somebody listens to the monitor.
        scene.ours('PUSH', mine).connect(theirs.endpoint);
        equal(/none is (known|wanted)/.test(await told), true, 'the listener says that nothing fits');
      }
    }),

    secure('threads and contexts of one program need no keys for inproc', async (scene) => {
      const [its, mine] = curve();
      const [server, client] = [scene.ours('REP', its), scene.ours('REQ', mine)];
      await server.bind('inproc://here');
      client.connect('inproc://here');
      await transfer(scene, client, server, ['a question']);
      same(await server.send(['an answer']).then(() => client.recv()), ['an answer'], 'the answer');
    }),
  ],
};
