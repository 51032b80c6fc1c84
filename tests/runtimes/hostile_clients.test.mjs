// What comes to ports that are open to everybody: bind('ws://…') in each runtime that has it, and clients that break the rules.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { BINARY, CONTINUATION, PING, PONG, Raw, TEXT } from './raw_websocket.mjs';
import { RUNTIMES, project } from './support.mjs';
import { PACKAGED, startWorker } from './workers.mjs';

/** A REP that sends each request back, and a PUSH that sends for as long as it can; `say` is told of what happens. */
const host = (from) => `import { Context, PULL, PUSH, REP } from '${from}';
export function host(say) {
  const context = new Context();
  const rep = context.socket(REP, { maxmsgsize: 1000, handshakeIvl: 300 });
  const push = context.socket(PUSH, { sndhwm: 10, sndtimeo: 500 });
  const pull = context.socket(PULL, { heartbeatIvl: 200, heartbeatTimeout: 1500 });
  (async () => {
    for await (const { name, value } of rep.monitor()) say({ name, value });
  })();
  pull.addEventListener('disconnected', ({ detail }) => say({ pull: detail.value }));
  push.addEventListener('handshake_succeeded', async () => {
    let sent = 0;
    try {
      for (; ; sent += 1) await push.send(new Uint8Array(100_000));
    } catch ({ code }) {
      say({ sent, code });
    }
  });
  (async () => {
    for await (const message of rep) await rep.sendMultipart(message);
  })();
  return { rep, push, pull };
}
`;
const LISTENER = `import { host } from './host.js';
const say = (what) => console.log(JSON.stringify(what));
const { rep, push, pull } = host(say);
say({ rep: await rep.bind('ws://127.0.0.1:*/questions'), push: await push.bind('ws://127.0.0.1:*'), pull: await pull.bind('ws://127.0.0.1:*') });
`;
const WORKER = `import { DurableObject } from 'cloudflare:workers';
import { host } from './host.js';
export default { fetch: (request, env) => env.HOST.get(env.HOST.idFromName('the only one')).fetch(request) };
export class Host extends DurableObject {
  #said = [];
  #wake = () => {};
  #sockets = host((what) => {
    this.#said.push(what);
    this.#wake();
  });
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1);
    if (name !== 'next') return this.#sockets[name].upgrade(request);
    while (this.#said.length === 0) await new Promise((resolve) => (this.#wake = resolve));
    return Response.json(this.#said.shift());
  }
}`;

/** A message of a REQ by bare ZWS 2.0: the delimiter, and one part. */
const DELIMITER = Buffer.of(1);
const part = (octets) => Buffer.concat([Buffer.of(0), octets]);
const ROUTING_ID = Buffer.of(0);

let user;
before(async () => {
  const files = {
    'host.js': host('zmq-wasm'),
    'listener.js': LISTENER,
    'worker/host.js': host('../node_modules/zmq-wasm/workerd.js'),
    'worker/worker.js': WORKER,
  };
  user = await project('hostile-clients', { files, links: ['ws'], manifest: { type: 'module' } });
});

/** Has the sockets in a runtime. Gives `endpoints`, what is said `next`, and the `end` of it. */
async function begin(runtime) {
  if (runtime === 'workerd') {
    const files = ['worker/worker.js', 'worker/host.js', ...PACKAGED];
    const miniflare = await startWorker(user.path, files, { durableObjects: { HOST: { className: 'Host', useSQLite: true } } });
    const { host, origin } = await miniflare.ready;
    const endpoints = Object.fromEntries(['rep', 'push', 'pull'].map((name) => [name, `ws://${host}/${name}`]));
    return {
      endpoints,
      next: async () => (await miniflare.dispatchFetch(`${origin}/next`)).json(),
      end: () => miniflare.dispose(),
    };
  }
  const [program, ...args] = RUNTIMES[runtime];
  const child = spawn(program, [...args, 'listener.js'], { cwd: user.path, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value);
  let endpoints;
  do endpoints = await next();
  while (endpoints.rep === undefined);
  return { endpoints, next, end: () => child.kill() };
}

for (const runtime of ['node22', 'deno', 'bun', 'workerd']) {
  describe(runtime, () => {
    let endpoints, next, end;
    /** The next event of this name. */
    const event = async (name) => {
      for (;;) {
        const said = await next();
        if (said.name === name) return said.value;
      }
    };
    before(async () => ({ endpoints, next, end } = await begin(runtime)));
    after(() => end?.());

    /** A REQ that is welcome. */
    const welcome = async () => {
      const raw = await Raw.open(endpoints.rep, 'ZWS2.0');
      assert.match(await raw.head(), /^HTTP\/1.1 101 [^]*\r\nsec-websocket-protocol: ZWS2.0\r\n/i);
      raw.send(BINARY, ROUTING_ID);
      assert.deepEqual(await raw.frame(), [BINARY, ROUTING_ID]);
      await event('handshake_succeeded');
      return raw;
    };
    /** All is well: somebody else is served. */
    const works = async () => {
      const raw = await welcome();
      raw.send(BINARY, DELIMITER);
      raw.send(BINARY, part(Buffer.from('hello')));
      assert.deepEqual(await raw.frame(), [BINARY, DELIMITER]);
      assert.deepEqual(await raw.frame(), [BINARY, part(Buffer.from('hello'))]);
      raw.close();
      await event('disconnected');
    };

    for (const [what, why, send] of [
      ['a text frame', /not binary/, (raw) => raw.send(TEXT, Buffer.from('hello'))],
      ['an empty message', /without a flag octet/, (raw) => raw.send(BINARY, Buffer.alloc(0))],
      ['a flag that is reserved', /reserved/, (raw) => raw.send(BINARY, Buffer.of(255))],
      ['more than MAXMSGSIZE', /\w \w/, (raw) => raw.send(BINARY, part(Buffer.alloc(2000)))],
      ['what is no WebSocket frame', /\w \w/, (raw) => raw.send(7, Buffer.alloc(8))],
    ]) {
      it(`${what} ends its connection, with the reason`, async () => {
        const raw = await welcome();
        send(raw);
        assert.match(await event('disconnected'), why);
        await raw.closed();
        await works();
      });
    }

    it('a message in fragments is taken as one', async () => {
      const raw = await welcome();
      raw.send(BINARY, DELIMITER);
      raw.send(BINARY, part(Buffer.from('hel')), false);
      raw.send(CONTINUATION, Buffer.from('l'), false);
      raw.send(CONTINUATION, Buffer.from('o'));
      assert.deepEqual(await raw.frame(), [BINARY, DELIMITER]);
      assert.deepEqual(await raw.frame(), [BINARY, part(Buffer.from('hello'))]);
      raw.close();
      await event('disconnected');
    });

    it('who never says who it is, is not kept', async () => {
      const raw = await Raw.open(endpoints.rep, 'ZWS2.0');
      await raw.head();
      await event('handshake_failed_no_detail');
      await raw.closed();
      await works();
    });

    it('who offers no sub-protocol of ours, or no WebSocket, is told so', async () => {
      const requests = [
        [400, 'chat, ZWS1.0'],
        [400, undefined, { 'Sec-WebSocket-Protocol': undefined }],
        [426, 'ZWS2.0', { Upgrade: 'h2c', Connection: undefined }],
      ];
      // A worker never sees such.
      if (runtime !== 'workerd') requests.push([400, 'ZWS2.0', { 'Sec-WebSocket-Key': undefined }]);
      for (const [status, protocols, headers] of requests) {
        const raw = await Raw.open(endpoints.rep, protocols ?? '', headers);
        assert.match(await raw.head(), new RegExp(`^HTTP/1.1 ${status} `));
        assert.match(await event('accept_failed'), /\w+ \w+/);
        raw.close();
      }
      // Paths are a worker's own matter.
      if (runtime !== 'workerd') {
        const raw = await Raw.open(endpoints.rep.replace('questions', 'nothing'), 'ZWS2.0');
        assert.match(await raw.head(), /^HTTP\/1.1 404 /);
        assert.match(await event('accept_failed'), /nothing/);
        raw.close();
      }
      await works();
    });

    it('who was told so and does not go is given up', async () => {
      const raw = await Raw.open(endpoints.rep, 'chat', {}, { isPolite: false });
      assert.match(await raw.head(), /^HTTP\/1.1 400 /);
      await event('accept_failed');
      await raw.givenUp();
      await works();
    });

    // The WebSockets of the others send no PINGs that a program could ask for.
    if (['node22', 'bun'].includes(runtime)) {
      it('who does not answer PINGs is given up', async () => {
        const raw = await Raw.open(endpoints.pull, 'ZWS2.0');
        await raw.head();
        raw.send(BINARY, ROUTING_ID);
        assert.deepEqual(await raw.frame(), [BINARY, ROUTING_ID]);
        // Longer than HEARTBEAT_TIMEOUT.
        for (let answered = 0; answered < 9; answered += 1) {
          assert.equal((await raw.frame())[0], PING);
          raw.send(PONG, Buffer.alloc(0));
        }
        let said;
        do said = await next();
        while (said.pull === undefined);
        assert.match(said.pull, /heartbeat time/);
        await raw.closed();
      });
    }

    it('who does not read holds up SNDHWM messages and no more, and loses none', async () => {
      const raw = await Raw.open(endpoints.push, 'ZWS2.0');
      await raw.head();
      raw.pause();
      raw.send(BINARY, ROUTING_ID);
      let said;
      do said = await next();
      while (said.sent === undefined);
      assert.equal(said.code, 'EAGAIN');
      // What the systems' buffers, the WebSocket's and SNDHWM hold; without a bound there is no end.
      assert.ok(said.sent < 500, `${said.sent} messages of 100 kB`);
      raw.resume();
      assert.deepEqual(await raw.frame(), [BINARY, ROUTING_ID]);
      for (let at = 0; at < said.sent; at += 1) {
        const [opcode, octets] = await raw.frame();
        assert.deepEqual([opcode, octets.length], [BINARY, 100_001]);
      }
      raw.close();
    });
  });
}
