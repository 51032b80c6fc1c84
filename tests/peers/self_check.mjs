// Checks the measuring sticks before anything is measured with them: the two foreign peers against each other over tcp://, every
// compatible pair of socket types with either side listening, and the commands of all three that the tests lean on.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { PAIRS, optionsOf } from '../js/conversations.mjs';
import { Peer } from '../js/peer.mjs';
import { Laboratory, PeerProcess, buildNativePeer, freePort } from '../js/support.mjs';
import { Tally, numbered } from './messages.mjs';

/** Those that we did not write. */
const FOREIGN = ['zeromq', 'pyzmq'];
const KINDS = [...FOREIGN, 'native'];
const ANY_PORT = 'tcp://127.0.0.1:0';

const laboratory = new Laboratory();
const peers = {};
before(async () => {
  buildNativePeer();
  for (const kind of KINDS) peers[kind] = await Peer.start(laboratory.invoke, kind);
});
after(() => laboratory.close());

/** What a conversation needs of a scene where neither side is ours. */
const scene = () => ({ step: '', canSend: () => true });

describe('npm zeromq and pyzmq talk to each other', () => {
  for (const [dialling, listening] of [FOREIGN, FOREIGN.toReversed()]) {
    for (const [a, b, talk] of PAIRS) {
      for (const [dialType, listenType] of a === b
        ? [[a, b]]
        : [
            [a, b],
            [b, a],
          ]) {
        it(`${dialling} ${dialType} dials ${listening} ${listenType}`, async () => {
          const [dials, listens] = optionsOf(a);
          const server = await peers[listening].socket(listenType, { linger: 0, ...listens });
          const client = await peers[dialling].socket(dialType, { linger: 0, ...dials });
          await client.connect(await server.bind(ANY_PORT));
          await (dialType === a ? talk(scene(), client, server) : talk(scene(), server, client));
          await Promise.all([client.close(), server.close()]);
        });
      }
    }
  }
});

for (const kind of KINDS) {
  describe(`the ${kind} peer`, () => {
    const pair = async (a, b, options = {}) => {
      const [left, right] = [await peers[kind].socket(a, options), await peers[kind].socket(b, options)];
      await right.connect(await left.bind(ANY_PORT));
      return [left, right];
    };

    it('says what it is', async () => {
      const { library, libzmq } = await peers[kind].version();
      if (kind === 'native') assert.match(library, /^zmq-wasm /);
      else assert.match(libzmq, /^4\.3\.\d+$/);
    });

    it('floods and drains the same octets, and sees a gap', async () => {
      const [pull, push] = await pair('PULL', 'PUSH');
      const [, tally] = await Promise.all([push.flood(3_000, 300), pull.drain(3_000)]);
      assert.deepEqual(
        { ...tally, checksum: 0 },
        { count: 3_000, octets: 900_000, checksum: 0, first: 0, last: 2_999, gaps: 0 },
      );
      await push.flood(1, 5, { from: 7 });
      await push.flood(1, 5, { from: 9, prefix: ['topic'] });
      const expected = new Tally();
      expected.add([numbered(7, 5)]);
      expected.add([Buffer.from('topic'), numbered(9, 5)]);
      assert.deepEqual(await pull.drain(5, 100), { ...expected });
      assert.equal(expected.gaps, 1);
    });

    it('answers other commands while a recv waits, null when its time is over, ECANCELED when its socket closes', async () => {
      const [pull, push] = await pair('PULL', 'PUSH');
      const [first, second] = [pull.recv(), pull.recv(1)];
      await push.send(['one']);
      assert.equal(String(await first.then(([part]) => new TextDecoder().decode(part))), 'one');
      assert.equal(await second, null);
      const third = pull.recv();
      await peers[kind].version();
      await Promise.all([assert.rejects(third, { code: 'ECANCELED' }), pull.close()]);
      await assert.rejects(pull.recv(), { code: 'ENOTSOCK' });
    });

    it('echoes until closed', async () => {
      const [rep, req] = await pair('REP', 'REQ');
      await rep.echo();
      for (const word of ['one', 'two']) {
        await req.send([word, '']);
        assert.deepEqual(
          (await req.recv()).map((part) => part.length),
          [3, 0],
        );
      }
      await rep.close();
    });

    it('sets and gets options, unbinds, disconnects', async () => {
      const socket = await peers[kind].socket('ROUTER', { routingId: 'me', sndhwm: 7 });
      assert.equal(await socket.get('routingId'), 'me');
      assert.equal(await socket.get('sndhwm'), 7);
      await socket.set('linger', 3);
      assert.equal(await socket.get('linger'), 3);
      const endpoint = await socket.bind(ANY_PORT);
      await socket.unbind(endpoint);
      const again = `tcp://127.0.0.1:${await freePort()}`;
      assert.equal(await socket.bind(again), again);
      await socket.connect(endpoint);
      await socket.disconnect(endpoint);
      await socket.close();
    });

    it("answers a wrong command with libzmq's error code", async () => {
      const socket = await peers[kind].socket('REP');
      await assert.rejects(socket.bind('nonsense'), { code: 'EINVAL' });
      await assert.rejects(socket.bind('foo://bar'), { code: 'EPROTONOSUPPORT' });
      await assert.rejects(socket.send(['unasked'], 0), { code: 'EFSM' });
      await assert.rejects(socket.send([]), { code: 'EINVAL' });
      await assert.rejects(socket.set('nothing', 1), { code: 'EINVAL' });
      await assert.rejects(peers[kind].socket('BOGUS'), { code: 'EINVAL' });
      await assert.rejects(peers[kind].call({ do: 'constructor' }), { code: 'EINVAL' });
      await socket.close();
    });

    it('goes when told, and when its stdin ends, whatever is pending', async () => {
      for (const end of [(one) => one.stop(), (one) => one.call({ do: 'exit' }), (one) => one.kill()]) {
        const one = new PeerProcess(kind);
        const s = await one.call({ do: 'socket', type: 'DEALER' });
        // A message for nobody and no linger limit: libzmq would wait for ever.
        await one.call({ do: 'connect', s, endpoint: `tcp://127.0.0.1:${await freePort()}` });
        await one.call({ do: 'send', s, parts: [''] });
        const pending = assert.rejects(one.call({ do: 'recv', s }), { code: 'EPIPE' });
        await end(one);
        await Promise.race([pending, delay(10_000, null, { ref: false }).then(() => assert.fail('still there'))]);
      }
    });
  });
}

for (const kind of ['zeromq', 'native']) {
  describe(`the ${kind} peer`, () => {
    it('listens and dials on ws://, with the port filled in', async () => {
      const [rep, req] = [await peers[kind].socket('REP'), await peers[kind].socket('REQ')];
      const endpoint = await rep.bind('ws://127.0.0.1:0');
      assert.match(endpoint, /^ws:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
      await rep.echo();
      await req.connect(endpoint);
      await req.send(['over ws']);
      assert.equal(new TextDecoder().decode((await req.recv())[0]), 'over ws');
      await rep.unbind(endpoint);
    });

    it('comes back on its port after a crash', async () => {
      const peer = await Peer.start(laboratory.invoke, kind);
      for (let life = 0, endpoint = 'ws://127.0.0.1:0'; life < 3; life++) {
        endpoint = await (await peer.socket('PULL')).bind(endpoint);
        await peer.kill();
        await assert.rejects(peer.version(), { code: 'EPIPE' });
        await peer.restart();
      }
      await peer.stop();
    });
  });
}
