// Pages that are left, kept by the browser, and gone back to: no connection stays behind, and nothing is lost.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { it } from 'node:test';
import { WebSocketServer } from 'ws';
import { serve } from './support.mjs';

const zeromq = createRequire(import.meta.url)('zeromq');

/** A socket for each endpoint, and something to send while the page is being left. */
const BEGIN = (...endpoints) => `import('/pkg/zmq-wasm.js').then(({ Context, DEALER }) => {
  const context = new Context();
  globalThis.reasons = [];
  globalThis.sockets = ${JSON.stringify(endpoints)}.map((endpoint) => {
    const socket = context.socket(DEALER);
    socket.addEventListener('disconnected', ({ detail }) => reasons.push(detail.value));
    addEventListener('pagehide', () => void socket.send('goodbye'));
    socket.connect(endpoint);
    return socket;
  });
  const shaken = sockets.map((socket) => new Promise((resolve) => socket.addEventListener('handshake_succeeded', resolve)));
  return Promise.all([...shaken, ...sockets.map((socket) => socket.send('hello'))]).then(() => null);
})`;

// What the others keep under the hand of a driver differs from version to version; a page that is not kept is new when it is back.
for (const [name, keeps] of Object.entries({ chromium: true, firefox: false, webkit: false })) {
  it(name, async (t) => {
    const [{ launch }, site] = await Promise.all([import(`./browsers/${name}.mjs`), serve()]);
    t.after(() => site.close());
    const browser = await launch();
    t.after(() => browser.close());
    const page = await browser.open(`${site.origin}/`);

    // libzmq does not answer a WebSocket's CLOSE, after which a browser has patience of its own: it can't tell when one is closed.
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => 'ZWS2.0' });
    t.after(() => server.close());
    await once(server, 'listening');
    // Its routing id, which is empty: all that ZWS 2.0 asks for.
    server.on('connection', (webSocket) => webSocket.send(Uint8Array.of(0)));
    const accepted = once(server, 'connection');
    const router = new zeromq.Router({ linger: 0, receiveTimeout: 20_000 });
    t.after(() => router.close());
    await router.bind('ws://127.0.0.1:*');
    const heard = async () => String((await router.receive())[1]);

    await page.evaluate(BEGIN(`ws://127.0.0.1:${server.address().port}`, router.lastEndpoint));
    assert.equal(await heard(), 'hello');
    const [webSocket] = await accepted;
    const closed = once(webSocket, 'close');
    await page.leave();
    await closed;

    const acceptedAgain = once(server, 'connection');
    await page.back();
    const isKept = await page.evaluate('Promise.resolve(globalThis.sockets !== undefined)');
    t.diagnostic(isKept ? 'the page was kept' : 'the page was not kept');
    assert.ok(isKept || !keeps);
    if (!isKept) return;
    await acceptedAgain;
    assert.equal(await heard(), 'goodbye');
    await page.evaluate("sockets[1].send('here again').then(() => null)");
    assert.equal(await heard(), 'here again');
    const reasons = await page.evaluate('Promise.resolve(reasons)');
    assert.equal(reasons.length, 2);
    for (const reason of reasons) assert.match(reason, /the page is left/);
  });
}
