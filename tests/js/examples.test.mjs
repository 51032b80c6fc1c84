// The seed examples in JavaScript, each run as its reader would, against libzmq on the other side.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';

import { launchChromium } from './browsers/chromium.mjs';
import { ROOT, serve } from './support.mjs';

const zeromq = createRequire(import.meta.url)('zeromq');

/** Runs an example and gives its lines as they come. The test's end ends it. */
function run(t, name, ...args) {
  const child = spawn(process.execPath, [join(ROOT, 'examples/javascript', name), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  return {
    lines: createInterface({ input: child.stdout })[Symbol.asyncIterator](),
    ended: once(child, 'exit'),
  };
}

/** All lines of an example that ends by itself, and well. */
async function output(example) {
  const lines = [];
  for await (const line of example.lines) lines.push(line);
  const [code] = await example.ended;
  assert.equal(code, 0);
  return lines;
}

async function bound(t, type, options) {
  const socket = new zeromq[type](options);
  t.after(() => socket.close());
  await socket.bind('ws://127.0.0.1:0');
  return socket;
}

async function replyServer(t) {
  const socket = await bound(t, 'Reply');
  (async () => {
    for await (const [request] of socket) await socket.send(`reply to ${request}`);
  })().catch(() => {});
  return socket.lastEndpoint;
}

describe('examples/javascript', () => {
  it('request_reply_server answers a REQ of libzmq', async (t) => {
    const socket = await bound(t, 'Request', { receiveTimeout: 20_000 });
    run(t, 'request_reply_server.mjs', socket.lastEndpoint);
    for (const name of ['a', 'b']) {
      await socket.send(name);
      assert.equal(String(await socket.receive()), `reply to ${name}`);
    }
  });

  it('request_reply_server serves itself when it is told no endpoint', async (t) => {
    assert.deepEqual(await output(run(t, 'request_reply_server.mjs')), ['reply to hello']);
  });

  it('ten_requests gets ten matching replies on one REQ', async (t) => {
    const lines = await output(run(t, 'ten_requests.mjs', await replyServer(t)));
    assert.deepEqual(lines, Array.from({ length: 10 }, (_, number) => `reply to request ${number}`));
  });

  it('publisher reaches a SUB of libzmq that wants one of its topics', async (t) => {
    const socket = await bound(t, 'Subscriber', { receiveTimeout: 20_000 });
    socket.subscribe('sports');
    // libzmq sees to new peers inside calls on the socket only.
    const received = socket.receive();
    run(t, 'publisher.mjs', socket.lastEndpoint);
    const [topic, report] = (await received).map(String);
    assert.equal(topic, 'sports');
    assert.match(report, /^sports report \d+$/);
  });

  it("subscriber prints 'weather' and nothing else", async (t) => {
    const socket = await bound(t, 'Publisher');
    let number = 0;
    const timer = setInterval(async () => {
      number += 1;
      for (const topic of ['weather', 'sports']) await socket.send([topic, `${topic} report ${number}`]);
    }, 20);
    t.after(() => clearInterval(timer));
    const lines = await output(run(t, 'subscriber.mjs', socket.lastEndpoint));
    assert.equal(lines.length, 5);
    for (const line of lines) assert.match(line, /^weather: weather report \d+$/);
  });

  it('poller serves a ROUTER and a DEALER', async (t) => {
    const lines = await output(run(t, 'poller.mjs'));
    for (const number of [1, 2, 3]) {
      assert.ok(lines.includes(`ROUTER: question ${number}`), lines.join());
      assert.ok(lines.includes(`DEALER: answer to question ${number}`), lines.join());
    }
  });

  it('tcp_service answers a REQ of libzmq by tcp, and itself', async (t) => {
    const service = run(t, 'tcp_service.mjs', 'tcp://127.0.0.1:*');
    const { value: line } = await service.lines.next();
    const socket = new zeromq.Request({ receiveTimeout: 20_000 });
    t.after(() => socket.close());
    socket.connect(/tcp:.*/.exec(line)[0]);
    await socket.send('a');
    assert.equal(String(await socket.receive()), 'reply to a');
    const [, reply] = await output(run(t, 'tcp_service.mjs'));
    assert.equal(reply, 'reply to hello');
  });

  it('req_and_fetch has both answers', async (t) => {
    const server = createServer((_, response) => response.end('four'));
    t.after(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const url = `http://127.0.0.1:${server.address().port}/`;
    const lines = await output(run(t, 'req_and_fetch.mjs', await replyServer(t), url));
    assert.deepEqual(lines, ['ZeroMQ: reply to hello', 'HTTP: 200, 4 characters']);
  });

  it('shared_worker has one WebSocket for two tabs of Chromium', async (t) => {
    const service = await bound(t, 'XPublisher', { receiveTimeout: 20_000 });
    const accepted = (async () => {
      let count = 0;
      for await (const { type } of service.events) if (type === 'accept') count += 1;
      return count;
    })();
    const server = await serve();
    t.after(() => server.close());
    const browser = await launchChromium();
    t.after(() => browser.close());
    const context = await browser.newContext();
    const open = async (topic) => {
      const page = await context.newPage();
      const query = new URLSearchParams({ service: service.lastEndpoint, topic });
      await page.goto(`${server.origin}/examples/javascript/shared_worker/index.html?${query}`);
      const [subscription] = await service.receive();
      assert.equal(String(subscription), `\x01${topic}`);
      return page;
    };
    const tabs = [await open('weather'), await open('weather in')];
    await service.send(['weather in Oslo', 'rain']);
    for (const tab of tabs) assert.equal(await tab.textContent('li'), 'weather in Oslo: rain');
    // The tab that goes takes its subscription along, and what the others have stays.
    await tabs.pop().close();
    assert.equal(String((await service.receive())[0]), '\x00weather in');
    await service.send(['weather', 'sun']);
    assert.equal(await tabs[0].textContent('li:nth-child(2)'), 'weather: sun');
    service.close();
    assert.equal(await accepted, 1, 'connections to the service');
  });
});
