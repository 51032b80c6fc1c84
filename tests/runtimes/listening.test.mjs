// The examples of sockets that listen, each in its runtime, with clients of libzmq's and of ours.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { before, describe, it } from 'node:test';
import { ROOT } from '../js/support.mjs';
import * as ours from '../../pkg/node.js';
import { RUNTIMES, TALKED, project, talk, tool, withPeer, withServer } from './support.mjs';

const libzmq = createRequire(join(ROOT, 'tests/js/support.mjs'))('zeromq');
const example = (file) => readFileSync(join(ROOT, 'examples/javascript/servers', file), 'utf8');

/** What becomes of a port: taken, free at once when it is unbound or its socket closed, and taken again. */
const PORTS = `import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { Context, REP, ZMQBindError } from 'zmq-wasm';
const context = new Context();
const [one, other] = [context.socket(REP), context.socket(REP)];
const knock = (endpoint) => new Promise((resolve) => {
  const tcp = connect(Number(new URL(endpoint).port), '127.0.0.1');
  tcp.on('error', ({ code }) => resolve(code));
  tcp.on('connect', () => resolve(tcp.destroy() && 'open'));
});
const endpoint = await one.bind('ws://127.0.0.1:*/path');
assert.match(endpoint, /^ws:\\/\\/127\\.0\\.0\\.1:[1-9]\\d*\\/path$/);
assert.equal(one.lastEndpoint, endpoint);
assert.equal(await knock(endpoint), 'open');
const fails = (endpoint, code) => assert.rejects(other.bind(endpoint), (error) => error instanceof ZMQBindError && error.code === code);
await fails(endpoint, 'EADDRINUSE');
await fails('ws://192.0.2.1:1', 'EADDRNOTAVAIL');
await assert.rejects(other.bind('wss://127.0.0.1:1'), { code: 'EPROTONOSUPPORT' });
await one.unbind(endpoint);
assert.equal(await knock(endpoint), 'ECONNREFUSED');
assert.equal(await one.bind(endpoint), endpoint);
one.close();
assert.equal(await other.bind(endpoint), endpoint);
console.log('done');
process.exit();
`;

const TALK = `import { talk } from './talk.js';
talk(process.argv[2]).then((said) => {
  console.log(said);
  process.exit();
});`;

let user;
before(async () => {
  const names = ['node.mjs', 'node_http.mjs', 'deno.js', 'bun.js', 'cloudflare/worker.js', 'cloudflare/wrangler.toml'];
  const files = Object.fromEntries(names.map((name) => [name, example(name)]));
  Object.assign(files, { 'ports.mjs': PORTS, 'talk.js': talk(), 'main.js': TALK });
  user = await project('listening', { files, links: ['ws'], manifest: { type: 'module' } });
});

/** By what they are called: `ask(endpoint, question)` gives the reply, `hear(endpoint, until)` what a SUB of all topics hears. */
const CLIENTS = {
  libzmq: {
    async ask(endpoint, ...question) {
      const socket = new libzmq.Request({ linger: 0, receiveTimeout: 60_000 });
      socket.connect(endpoint);
      await socket.send(question);
      const reply = await socket.receive();
      socket.close();
      return reply.map(String);
    },
    async chat(endpoint, ...message) {
      const socket = new libzmq.Dealer({ linger: 0, receiveTimeout: 60_000 });
      socket.connect(endpoint);
      await socket.send(message);
      const reply = await socket.receive();
      socket.close();
      return reply.map(String);
    },
    subscriber(endpoint) {
      const socket = new libzmq.Subscriber({ linger: 0 });
      socket.connect(endpoint);
      socket.subscribe();
      return { heard: socket.receive().then(String), close: () => socket.close() };
    },
  },
  ours: {
    async ask(endpoint, ...question) {
      const socket = new ours.Context().socket(ours.REQ, { linger: 0 });
      socket.connect(endpoint);
      const reply = await socket.request(question, { timeout: 60_000 });
      socket.close();
      return reply.map((part) => new TextDecoder().decode(part));
    },
    async chat(endpoint, ...message) {
      const socket = new ours.Context().socket(ours.DEALER, { linger: 0, rcvtimeo: 60_000 });
      socket.connect(endpoint);
      await socket.sendMultipart(message);
      const reply = await socket.recvMultipart();
      socket.close();
      return reply.map((part) => new TextDecoder().decode(part));
    },
    subscriber(endpoint) {
      const socket = new ours.Context().socket(ours.SUB, { linger: 0 });
      socket.connect(endpoint);
      socket.subscribe('');
      return { heard: socket.recvString(), close: () => socket.close() };
    },
  },
};

/** Asks until the news have reached a subscriber: nobody tells a publisher's clients when their subscription has. */
async function converse(questions, news) {
  for (const [name, { ask, subscriber }] of Object.entries(CLIENTS)) {
    const { heard, close } = subscriber(news);
    let said;
    heard.then((text) => (said = text));
    while (said === undefined) assert.deepEqual(await ask(questions, name), [`reply to ${name}`]);
    assert.equal(said, `asked: ${name}`);
    close();
  }
}

const served = (address) => converse(`${address.replace('http', 'ws')}/questions`, `${address.replace('http', 'ws')}/news`);

for (const runtime of ['node20', 'node22', 'node24']) {
  it(`node.mjs in ${runtime}`, async (t) => {
    const [program, ...args] = RUNTIMES[runtime];
    const child = spawn(program, [...args, 'node.mjs', '0', '0'], { cwd: user.path, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill());
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const endpointOf = async (name) => new RegExp(`^${name}: (ws://127\\.0\\.0\\.1:\\d+/)$`).exec((await lines.next()).value)[1];
    await converse(await endpointOf('questions'), await endpointOf('news'));
  });
}

for (const [file, runtime] of [['node_http.mjs', 'node22'], ['deno.js', 'deno'], ['bun.js', 'bun']]) {
  it(`${file} in ${runtime}`, () =>
    withServer([...RUNTIMES[runtime], file, '0'], { cwd: user.path }, async (address) => {
      await served(address);
      assert.match(await (await fetch(address)).text(), /page/);
    }));
}

for (const runtime of ['node22', 'deno', 'bun']) {
  it(`ports in ${runtime}`, async () => assert.equal(await user.run([...RUNTIMES[runtime], 'ports.mjs']), 'done'));
}

it('node20, which has no WebSocket, connects by the package ws', () =>
  withPeer(async (endpoint) => assert.equal(await user.run([...RUNTIMES.node20, 'main.js', endpoint]), TALKED)));

describe('cloudflare', () => {
  it('worker.js as wrangler serves it', () =>
    withServer(
      [...tool('wrangler/bin/wrangler.js'), 'dev', '--ip', '127.0.0.1', '--port', '0'],
      { cwd: join(user.path, 'cloudflare') },
      async (address) => {
        const at = (path) => `${address.replace('http', 'ws')}${path}`;
        await converse(at('/questions'), at('/news'));
        for (const { ask, chat } of Object.values(CLIENTS)) {
          for (const word of ['one', 'two']) assert.deepEqual(await ask(at('/echo'), word, 'more'), [word, 'more']);
          assert.deepEqual(await chat(at('/chat'), 'hello', 'there'), ['hello', 'there']);
        }
      },
    ));
});
