// Whom listeners let in, in each runtime that has them: pages by their origin, tokens, how many connections, how long a message.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { BINARY, Raw } from './raw_websocket.mjs';
import { RUNTIMES, project } from './support.mjs';
import { PACKAGED, startWorker } from './workers.mjs';

const LISTENER = `import assert from 'node:assert/strict';
import { Context, PULL } from 'zmq-wasm';
const context = new Context();
const say = (what) => console.log(JSON.stringify(what));
const WS = 'ws://127.0.0.1:*/feed';
const rules = {
  same: {},
  listed: { origins: ['https://app.example', 'null', 'friend.example'] },
  any: { origins: '*' },
  token: {
    async authorize(request, { peerAddress }) {
      const { pathname, searchParams } = new URL(request.url);
      const named = (name) => request.headers.get(name);
      assert.match(peerAddress, /^127\\.0\\.0\\.1:\\d+$/);
      assert.deepEqual([pathname, named('sec-websocket-protocol')], ['/feed', 'ZWS2.0']);
      switch (searchParams.get('token') ?? named('authorization') ?? named('cookie')) {
        case 'secret': return true;
        case 'unknown': return new Response('who are you?', { status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
        case 'broken': throw new Error('the database is gone');
        case 'slow': return new Promise(() => {});
        default: return undefined;
      }
    },
  },
  few: { maxConnections: 2 },
  each: { maxConnectionsPerAddress: 2 },
  short: { maxMsgSize: 1000 },
};
const endpoints = {};
for (const [name, options] of Object.entries(rules)) {
  const pull = context.socket(PULL, { handshakeIvl: name === 'token' ? 300 : 30_000 });
  for (const event of ['accept_failed', 'disconnected']) pull.addEventListener(event, ({ detail }) => say({ [event]: detail.value, of: name }));
  endpoints[name] = await pull.bind(WS, options);
}
const bad = context.socket(PULL);
for (const options of [{ origins: ['app.example/'] }, { origins: ['*.example'] }, { origins: 5 }, { maxConnections: -1 }, { maxMsgSize: 'x' }, { maxConnectionsPerAddress: 1.5 }, { authorize: true }]) {
  await assert.rejects(bad.bind(WS, options), { code: 'EINVAL' });
}
const served = context.socket(PULL);
const handle = (request, server) => served.upgrade(request, server, { origins: ['https://app.example'] });
if (globalThis.Deno) endpoints.upgraded = 'ws://127.0.0.1:' + Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, handle).addr.port;
if (globalThis.Bun) {
  const { websocket } = await import('zmq-wasm');
  endpoints.upgraded = 'ws://127.0.0.1:' + Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: handle, websocket }).port;
}
say({ endpoints });
`;

const WORKER = `import { Context, PULL } from './node_modules/zmq-wasm/workerd.js';
export default {
  fetch: (request) => new Context().socket(PULL).upgrade(request, undefined, { origins: ['https://app.example'] }),
};`;

let user;
before(async () => {
  const files = { 'listener.js': LISTENER, 'worker.js': WORKER };
  user = await project('admission', { files, links: ['ws'], manifest: { type: 'module' } });
});

/** The status of the answer to a request with these headers, and the whole of it. */
async function ask(url, headers = {}) {
  const raw = await Raw.open(url, 'ZWS2.0', headers);
  const head = await raw.head();
  const status = Number(head.split(' ')[1]);
  const text = status === 101 ? head : head + (await raw.body(head));
  raw.close();
  return [status, text];
}

for (const runtime of ['node22', 'deno', 'bun']) {
  describe(runtime, () => {
    let endpoints, child, next;
    const told = async (event, name) => {
      for (;;) {
        const said = await next();
        if (said.of === name && said[event] !== undefined) return said[event];
      }
    };
    before(async () => {
      const [program, ...args] = RUNTIMES[runtime];
      child = spawn(program, [...args, 'listener.js'], { cwd: user.path, stdio: ['ignore', 'pipe', 'ignore'] });
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      next = async () => JSON.parse((await lines.next()).value);
      ({ endpoints } = await next());
    });
    after(() => child.kill());

    it('pages of other hosts are refused', async () => {
      const { host } = new URL(endpoints.same);
      for (const [headers, expected] of [
        [{}, 101],
        [{ Origin: 'http://127.0.0.1:8080' }, 101],
        [{ Origin: 'http://localhost' }, 101],
        [{ Origin: 'http://[::1]:1', Host: `localhost:${new URL(endpoints.same).port}` }, 101],
        [{ Origin: 'https://evil.example' }, 403],
        [{ Origin: 'https://127.0.0.1.evil.example' }, 403],
        [{ Origin: 'null' }, 403],
        [{ Origin: 'file://' }, 403],
        // A name that was made to lead here (DNS rebinding).
        [{ Origin: 'http://evil.example', Host: 'evil.example' }, 403],
      ]) {
        const [status, text] = await ask(endpoints.same, headers);
        assert.equal(status, expected, `${JSON.stringify(headers)} to ${host}`);
        if (status !== 403) continue;
        assert.match(text, /pages of \S+ may not connect to \S+: their origin is not listed here/);
        assert.match(await told('accept_failed', 'same'), /may not connect/);
      }
    });

    it('unless their origin is listed', async () => {
      for (const [name, origin, expected] of [
        ['listed', 'https://app.example', 101], ['listed', 'null', 101], ['listed', 'http://friend.example:81', 101], ['listed', 'http://not-friend.example', 403], ['listed', 'http://127.0.0.1', 101],
        ['listed', 'http://app.example', 403], ['any', 'https://evil.example', 101],
        ...(endpoints.upgraded ? [['upgraded', 'https://app.example', 101], ['upgraded', 'https://evil.example', 403]] : []),
      ]) {
        assert.equal((await ask(endpoints[name], { Origin: origin }))[0], expected, `${name} ${origin}`);
      }
    });

    it('an application looks at tokens before there is a WebSocket', async () => {
      for (const [query, headers, expected, answer] of [
        ['?token=secret', {}, 101, /^/],
        ['', { Authorization: 'secret' }, 101, /^/],
        ['', { Cookie: 'secret' }, 101, /^/],
        ['', {}, 403, /\r\n\r\n[^]*not authorized/],
        ['?token=unknown', {}, 401, /www-authenticate: Bearer[^]*who are you\?/i],
        ['?token=broken', {}, 500, /deciding about it has failed/],
        ['?token=slow', {}, 503, /longer than HANDSHAKE_IVL/],
        // Who is refused anyway is not asked about.
        ['?token=broken', { Origin: 'https://evil.example' }, 403, /may not connect/],
      ]) {
        const [status, text] = await ask(endpoints.token + query, headers);
        assert.equal(status, expected, query + JSON.stringify(headers));
        assert.match(text, answer);
      }
    });

    for (const name of ['few', 'each']) {
      it(`there are so many connections and no more${name === 'each' ? ' from an address' : ''}`, async () => {
        const inside = [];
        for (let i = 0; i < 2; i += 1) {
          inside.push(await Raw.open(endpoints[name], 'ZWS2.0'));
          assert.match(await inside[i].head(), /^HTTP\/1.1 101 /);
        }
        const third = await Raw.open(endpoints[name], 'ZWS2.0');
        assert.doesNotMatch(await third.head().catch(() => 'closed'), /^HTTP\/1.1 101/);
        third.close();
        assert.match(await told('accept_failed', name), /as many as there may be/);
        inside[0].close();
        // There is room when the server has seen that.
        for (;;) {
          const raw = await Raw.open(endpoints[name], 'ZWS2.0');
          const head = await raw.head().catch(() => 'closed');
          raw.close();
          if (head.startsWith('HTTP/1.1 101')) break;
        }
        inside[1].close();
      });
    }

    it('a message has a longest length', async () => {
      const raw = await Raw.open(endpoints.short, 'ZWS2.0');
      assert.match(await raw.head(), /^HTTP\/1.1 101 /);
      raw.send(BINARY, Buffer.of(0));
      await raw.frame();
      raw.send(BINARY, Buffer.alloc(1002));
      await raw.closed();
      await told('disconnected', 'short');
    });
  });
}

it('workerd', async () => {
  const miniflare = await startWorker(user.path, ['worker.js', ...PACKAGED]);
  try {
    const { href } = await miniflare.ready;
    for (const [origin, expected] of [['https://app.example', 101], ['https://evil.example', 403], ['http://127.0.0.1:1', 101]]) {
      assert.equal((await ask(href, { Origin: origin }))[0], expected, origin);
    }
  } finally {
    await miniflare.dispose();
  }
});
