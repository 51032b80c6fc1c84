// What is beside the classes: z85, strerror, versions, has() and capabilities(), judged by libzmq where it has an opinion.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { curveKeyPair } from 'zeromq';
import { throws, zmq } from './api_support.mjs';

const { z85 } = zmq;

/** What pyzmq, and libzmq in it, gives for a Python expression. */
function pyzmq(expression) {
  const python = process.env.PYTHON ?? fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
  const program = `import json, zmq, zmq.constants, zmq.utils.z85 as z85; print(json.dumps(${expression}))`;
  return JSON.parse(execFileSync(python, ['-c', program], { encoding: 'utf8' }));
}

describe('z85', () => {
  it('writes and reads the vectors of RFC 32', () => {
    const vectors = {
      HelloWorld: '864fd26fb559f75b',
      'JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6': '8e0bdd697628b91d8f245587ee95c5b04d48963f79259877b49cd9063aead3b7',
      'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID': 'bb88471d65e2659b30c55a5321cebb5aab2b70a398645c26dca2b2fcb43fc518',
      '00000': '00000000',
      '%nSc0': 'ffffffff',
      '': '',
    };
    for (const [text, hex] of Object.entries(vectors)) {
      assert.equal(z85.encode(Uint8Array.from(Buffer.from(hex, 'hex'))), text);
      assert.equal(Buffer.from(z85.decode(text)).toString('hex'), hex);
    }
  });

  it('agrees with libzmq about its own keys', () => {
    for (let round = 0; round < 20; round += 1) {
      for (const key of Object.values(curveKeyPair())) {
        const octets = z85.decode(key);
        assert.equal(octets.length, 32);
        assert.equal(z85.encode(octets), key);
      }
    }
  });

  it('agrees with pyzmq about octets of all kinds', () => {
    const octets = Uint8Array.from({ length: 4 * 256 }, (_, at) => (at * 167 + (at >> 3)) & 255);
    const hex = Buffer.from(octets).toString('hex');
    const written = pyzmq(`z85.encode(bytes.fromhex('${hex}')).decode()`);
    // A view within a larger buffer, as bodies are.
    const padded = new Uint8Array(octets.length + 3);
    padded.set(octets, 3);
    assert.equal(z85.encode(padded.subarray(3)), written);
    assert.deepEqual(z85.decode(written), octets);
  });

  it('refuses what it can\'t write or read, with a sentence', () => {
    for (const bad of [new Uint8Array(3), 'text', [1, 2, 3, 4], undefined, null, 5, new ArrayBuffer(4), new Uint16Array(4)]) {
      throws(() => z85.encode(bad), 'EINVAL');
    }
    const more = { 'no multiple': '1234', 'no character': 'abc"d', 'another alphabet': 'ab~cd', 'a wide character': '12\u{1f600}3' };
    for (const bad of [...Object.values(more), '%nSc1', '#####', undefined, null, 5, new Uint8Array(5)]) {
      throws(() => z85.decode(bad), 'EINVAL');
    }
  });
});

describe('errors', () => {
  const constants = Object.entries(zmq).filter(([name]) => /^E[A-Z]+$/.test(name) && name !== 'EVENTS');

  it('have the numbers and sentences of libzmq', () => {
    const numbers = [...constants.map(([, number]) => number), 9999];
    const sentences = pyzmq(`{n: zmq.strerror(n) for n in ${JSON.stringify(numbers)}}`);
    for (const number of numbers) assert.equal(zmq.strerror(number), sentences[number]);
    const known = pyzmq('{e.name: int(e) for e in zmq.constants.Errno}');
    for (const [name, number] of constants) if (name in known) assert.equal(number, known[name], name);
    assert.ok(constants.length > 15);
  });

  it('of the library have these numbers', () => {
    assert.equal(new zmq.Again().errno, zmq.EAGAIN);
    assert.equal(new zmq.ContextTerminated().errno, zmq.ETERM);
    for (const bad of ['11', 1.5, undefined, null, Number.NaN, 2n, {}]) throws(() => zmq.strerror(bad), 'EINVAL');
  });
});

describe('what is here', () => {
  it('is told by capabilities()', () => {
    const { runtime, connect, bind, mechanisms } = zmq.capabilities();
    assert.equal(runtime, 'node');
    assert.deepEqual(connect, ['port', ...(typeof WebSocket === 'function' ? ['ws', 'wss'] : []), 'inproc']);
    assert.deepEqual(bind, ['port', 'inproc']);
    assert.deepEqual(mechanisms, ['NULL']);
  });

  it('and by has()', () => {
    const { connect, mechanisms } = zmq.capabilities();
    for (const name of [...connect, ...mechanisms, 'draft']) assert.ok(zmq.has(name) && zmq.has(name.toUpperCase()), name);
    for (const name of ['tcp', 'ipc', 'curve', 'plain', 'gssapi', 'pgm', 'norm', 'tipc', 'vmci', '', 'nonsense']) {
      assert.equal(zmq.has(name), false, name);
    }
    for (const bad of [undefined, null, 1, {}, ['ws']]) throws(() => zmq.has(bad), 'EINVAL');
  });

  it('CURVE is not, and says so', () => {
    throws(() => zmq.curveKeypair(), 'ENOTSUP', { message: /CURVE/ });
    throws(() => zmq.curvePublic('x'.repeat(40)), 'ENOTSUP', { message: /CURVE/ });
  });

  it('has the versions of the package and of the protocol', () => {
    assert.match(zmq.version, /^\d+\.\d+\.\d+/);
    assert.equal(zmq.zmqVersion(), '3.1');
  });
});
