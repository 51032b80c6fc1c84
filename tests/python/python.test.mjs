// The Python package in Pyodide, in Node and in a page of Chromium; its names beside pyzmq's; its examples on pyzmq.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';

import * as zmq from '../../pkg/zmq-wasm.js';
import { Peer } from '../js/peer.mjs';
import { Browser } from '../js/browsers/index.mjs';
import { Laboratory, ROOT } from '../js/support.mjs';
import { cases, interpreter } from './cases.mjs';

const PYTHON = process.env.PYTHON ?? `${ROOT}/.cache/venv/bin/python`;

/** What pyzmq has and we have not, and why. Nothing else may be missing. */
const ABSENT = {
  'submodules of zmq': {
    auth: 'ZAP is for PLAIN and CURVE, which are not there yet',
    curve_keygen: 'a program for generating CURVE keys',
    devices: 'run in threads and processes of their own',
    eventloop: "is Tornado's loop",
    green: 'is gevent',
    ssh: 'starts processes',
    tests: "pyzmq's own",
  },
  'zmq.asyncio': { ZMQEventLoop: 'deprecated since 2017; a loop of file descriptors' },
};

describe('Python in Node', () => {
  const laboratory = new Laboratory();
  after(() => laboratory.close());
  const env = { zmq, startPeer: (kind) => Peer.start(laboratory.invoke, kind) };
  for (const { name, run } of cases.pyodide) it(name, () => run(env));

  it("has pyzmq's names and numbers", async () => {
    const python = await interpreter(env);
    const ours = JSON.parse(python.runPython('import names; names.names()'));
    const theirs = JSON.parse(execFileSync(PYTHON, [`${ROOT}/tests/python/names.py`]));
    assert.ok(theirs.zmq.length > 300, 'pyzmq told its names');
    const missing = (where) => theirs[where].filter((name) => !ours[where]?.includes(name));
    for (const where of Object.keys(theirs)) {
      if (ABSENT['zmq.asyncio'][where.replace('zmq.asyncio.', '')]) continue;
      assert.deepEqual(missing(where), Object.keys(ABSENT[where] ?? {}), where);
    }
  });
});

describe('Python in a page of Chromium', () => {
  const laboratory = new Laboratory();
  let chromium;
  let suite;
  before(async () => {
    chromium = await Browser.launch('chromium');
    suite = await chromium.load('../python/cases.mjs', 'page', 'pyodide', laboratory.invoke);
  });
  after(async () => {
    await suite?.close();
    await chromium?.close();
    await laboratory.close();
  });
  for (const { name } of cases.pyodide) it(name, () => suite.run(name));
});

describe('examples/python on pyzmq, unchanged, over tcp://', () => {
  const laboratory = new Laboratory();
  let peer;
  before(async () => (peer = await Peer.start(laboratory.invoke, 'pyzmq')));
  after(() => laboratory.close());

  function run(t, name, ...args) {
    const child = spawn(PYTHON, [`${ROOT}/examples/python/${name}.py`, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill());
    return { child, lines: createInterface({ input: child.stdout }) };
  }

  async function output(t, ...command) {
    const { child, lines } = run(t, ...command);
    const ended = once(child, 'exit');
    const said = [];
    for await (const line of lines) said.push(line);
    assert.deepEqual(await ended, [0, null]);
    return said;
  }

  async function bound(t, type) {
    const socket = await peer.socket(type);
    t.after(() => socket.close(0));
    return [socket, await socket.bind('tcp://127.0.0.1:*')];
  }

  const text = (parts) => parts.map((part) => new TextDecoder().decode(part));

  it('request_reply_server', async (t) => {
    assert.deepEqual(await output(t, 'request_reply_server'), ['reply to hello']);
    const [socket, endpoint] = await bound(t, 'REQ');
    run(t, 'request_reply_server', endpoint);
    await socket.send(['a']);
    assert.deepEqual(text(await socket.recv(20_000)), ['reply to a']);
  });

  it('ten_requests', async (t) => {
    const [socket, endpoint] = await bound(t, 'REP');
    await socket.echo();
    const expected = Array.from({ length: 10 }, (_, number) => `request ${number}`);
    assert.deepEqual(await output(t, 'ten_requests', endpoint), expected);
  });

  it('publisher', async (t) => {
    assert.equal((await output(t, 'publisher')).length, 5);
    const [socket, endpoint] = await bound(t, 'SUB');
    await socket.subscribe('sports');
    run(t, 'publisher', endpoint);
    assert.match(text(await socket.recv(20_000))[1], /^sports report \d+$/);
  });

  it('subscriber', async (t) => {
    const [socket, endpoint] = await bound(t, 'XPUB');
    const printed = output(t, 'subscriber', endpoint);
    assert.deepEqual(text(await socket.recv(20_000)), ['\x01weather']);
    for (const number of [1, 2, 3, 4, 5]) {
      await socket.send(['sports', 'none']);
      await socket.send(['weather', `report ${number}`]);
    }
    assert.deepEqual(await printed, [1, 2, 3, 4, 5].map((number) => `weather: report ${number}`));
  });

  it('poller', async (t) => {
    const lines = await output(t, 'poller');
    for (const number of [1, 2, 3]) assert.ok(lines.includes(`DEALER: answer to question ${number}`), lines.join());
  });

  it('req_and_fetch', async (t) => {
    const server = createServer((_, response) => response.end('four'));
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const [socket, endpoint] = await bound(t, 'REP');
    await socket.echo();
    const lines = await output(t, 'req_and_fetch', endpoint, `http://127.0.0.1:${server.address().port}/`);
    assert.deepEqual(lines, ['ZeroMQ: hello', 'HTTP: 200, 4 characters']);
  });
});
