// port: between the threads of Node, those of a page in each browser, and Chromium's pages by way of a shared worker.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { zmq } from './entry.mjs';
import { launchChromium } from './browsers/chromium.mjs';
import { PAGES, inBrowser } from './everywhere.mjs';
import { serve } from './support.mjs';
import { cases } from './threads.mjs';

describe("port: between Node's threads", () => {
  const spawn = () => new Worker(new URL('threads_worker.mjs', import.meta.url));
  for (const { name, run } of cases) it(name, () => run({ zmq, spawn }));
});

// In a page: there is no port of its own, as a worker has, and that is a case.
for (const [name, where] of PAGES) if (where === 'page') inBrowser(name, where, 'threads_page.mjs', 'worker', cases);

describe('port: between pages of Chromium', () => {
  let server, browser, context;
  const open = async () => {
    const page = await context.newPage();
    await page.goto(server.origin);
    return page;
  };
  before(async () => {
    server = await serve();
    browser = await launchChromium();
    context = await browser.newContext();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  it('pages, through a shared worker', async () => {
    const pages = [await open(), await open()];
    for (const page of pages) {
      await page.evaluate(async () => {
        const { zmq } = await import('/tests/js/entry.mjs');
        const port = new SharedWorker('/tests/js/threads_shared.mjs', { type: 'module' });
        const [pub, sub, req] = ['XPUB', 'SUB', 'REQ'].map((type) => new zmq.Context().socket(zmq[type]));
        sub.subscribe('');
        for (const [socket, name] of [[pub, 'in'], [sub, 'out'], [req, 'count']]) socket.connect(`port:${name}`, { port });
        globalThis.sockets = { pub, sub, req };
        await req.send('');
        await req.recv();
      });
    }
    const [one, other] = pages;
    assert.equal(await one.evaluate(async () => {
      await sockets.req.send('');
      return sockets.req.recvString();
    }), '3', 'there is one worker for all');
    // Each has subscribed when the subscription has come to who publishes.
    await one.evaluate(() => sockets.pub.recv());
    await other.evaluate(() => sockets.pub.recv());
    await one.evaluate(() => sockets.pub.send('from one'));
    for (const page of pages) assert.equal(await page.evaluate(() => sockets.sub.recvString()), 'from one');
    await other.evaluate(() => sockets.pub.send('from the other'));
    for (const page of pages) assert.equal(await page.evaluate(() => sockets.sub.recvString()), 'from the other');
    await other.close();
    await one.evaluate(() => sockets.pub.send('from who is left'));
    assert.equal(await one.evaluate(() => sockets.sub.recvString()), 'from who is left');
  });

  it('what cannot be read ends the connection, with an event', async () => {
    const page = await open();
    const why = await page.evaluate(async () => {
      const { zmq } = await import('/tests/js/entry.mjs');
      const pair = new zmq.Context().socket(zmq.PAIR);
      const failed = new Promise((resolve) => pair.addEventListener('handshake_failed_no_detail', resolve));
      const [near, far] = [new MessageChannel(), new MessageChannel()];
      await pair.bind('port:pair', { port: near.port1 });
      near.port2.postMessage({ 'zmq-wasm': 'port:pair', port: far.port1 }, [far.port1]);
      const frame = Object.assign(document.createElement('iframe'), { sandbox: 'allow-scripts' });
      // Compiled code is not for other origins, such as that of a frame in a sandbox.
      frame.srcdoc = `<script>onmessage = ({ ports: [port] }) => {
        port.postMessage(1000);
        port.postMessage([0, new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0))]);
      }</script>`;
      frame.onload = () => frame.contentWindow.postMessage('', '*', [far.port2]);
      document.body.append(frame);
      return (await failed).detail.value;
    });
    assert.equal(why, 'the peer sent no frame');
    await page.close();
  });
});
