// A Durable Object that sleeps while its connections stay: what its peers have said before still holds when it wakes up.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { ROOT } from '../js/support.mjs';
import { Context, DEALER, SUB } from '../../pkg/node.js';
import { project } from './support.mjs';
import { PACKAGED, withWorker } from './workers.mjs';

const libzmq = createRequire(join(ROOT, 'tests/js/support.mjs'))('zeromq');

/** Milliseconds without an event after which workerd puts an object to sleep, and some more. Only its own clock tells when. */
const SLEEP = 11_000;
/** More than a busy machine needs. */
const TRIES = 5;

const WORKER = `import { DurableObject } from 'cloudflare:workers';
import { Context, ROUTER, XPUB } from './node_modules/zmq-wasm/workerd.js';

let made = 0;

export default {
  fetch: (request, env) => env.EXCHANGE.get(env.EXCHANGE.idFromName('the only one')).fetch(request),
};

export class Exchange extends DurableObject {
  constructor(state, env) {
    super(state, env);
    made += 1;
    const context = new Context();
    // A timer that is to come keeps an object awake.
    const options = { handshakeIvl: 1000 };
    this.sockets = { '/news': context.socket(XPUB, options), '/chat': context.socket(ROUTER, options) };
    for (const [path, socket] of Object.entries(this.sockets)) {
      socket.addEventListener('accept_failed', ({ detail }) => (this.refused = detail.value));
      for (const webSocket of state.getWebSockets(path)) socket.accept(webSocket);
    }
    this.wanted = new Set();
    this.onWish = () => {};
    this.hear(this.sockets['/news']);
    this.talk(this.sockets['/chat']);
  }

  async hear(news) {
    for await (const [[isOn, ...topic]] of news) {
      this.wanted[isOn ? 'add' : 'delete'](String.fromCharCode(...topic));
      this.onWish();
    }
  }

  async talk(chat) {
    for await (const message of chat) await chat.sendMultipart([...message, String(made)]);
  }

  /** Publishes when so many topics are wanted. */
  async publish(wanted, topics) {
    while (this.wanted.size !== wanted) await new Promise((resolve) => (this.onWish = resolve));
    for (const topic of topics) await this.sockets['/news'].sendMultipart([topic, String(made)]);
    return Response.json({ refused: this.refused });
  }

  fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/publish') return this.publish(Number(searchParams.get('wanted')), searchParams.get('topics').split(','));
    return this.sockets[pathname].upgrade(request, { acceptWebSocket: (webSocket) => this.ctx.acceptWebSocket(webSocket, [pathname]) });
  }

  webSocketMessage(webSocket, data) {
    webSocket.dispatchEvent(new MessageEvent('message', { data }));
  }

  webSocketClose(webSocket, code, reason) {
    webSocket.dispatchEvent(new CloseEvent('close', { code, reason }));
  }
}`;

const text = (parts) => parts.map((part) => new TextDecoder().decode(part));
/** More topics than are kept with a WebSocket. */
const MANY = 5000;

it('subscriptions, routing ids and connections outlive the sleep of a Durable Object', async () => {
  const { path } = await project('hibernation', { files: { 'worker.js': WORKER } });
  const durableObjects = { EXCHANGE: { className: 'Exchange', useSQLite: true } };
  await withWorker(path, ['worker.js', ...PACKAGED], converse, { durableObjects });
});

async function converse(miniflare) {
  const { host, origin } = await miniflare.ready;
  const publish = async (wanted, ...topics) =>
    (await miniflare.dispatchFetch(`${origin}/publish?wanted=${wanted}&topics=${topics}`)).json();
  const context = new Context();
  const theirs = new libzmq.Subscriber({ linger: 0 });
  const [ours, many, dealer] = [context.socket(SUB), context.socket(SUB), context.socket(DEALER)];
  const lost = [];
  for (const socket of [ours, dealer]) socket.addEventListener('disconnected', ({ detail }) => lost.push(detail.value));
  const heard = async () => [await theirs.receive(), await ours.recvMultipart(), await many.recvMultipart()].map(text).map(String);
  const ask = async (...question) => {
    await dealer.sendMultipart(question);
    return text(await dealer.recvMultipart());
  };
  try {
    theirs.subscribe('a');
    for (const topic of ['b', 'gone']) ours.subscribe(topic);
    for (let number = 0; number < MANY; number += 1) many.subscribe(`c${number}.`);
    dealer.routingId = 'the dealer';
    dealer.connect(`ws://${host}/chat`);
    for (const socket of [theirs, ours, many]) socket.connect(`ws://${host}/news`);

    assert.deepEqual(await ask('hello', 'there'), ['hello', 'there', '1']);
    assert.deepEqual(await publish(MANY + 3, 'a', 'b', 'c77.'), {});
    assert.deepEqual(await heard(), ['a,1', 'b,1', 'c77.,1']);
    ours.unsubscribe('gone');
    const half = await sayHalf(`ws://${host}/chat`);
    await publish(MANY + 2, 'nobody');

    let answer;
    for (let round = 1; round <= TRIES && answer?.at(-1) !== '2'; round += 1) {
      await setTimeout(SLEEP * round);
      answer = await ask('are you', 'there');
    }
    assert.deepEqual(answer, ['are you', 'there', '2']);
    // Who had too many comes back, and says them again.
    const { refused } = await publish(MANY + 2, 'gone', 'a', 'b', 'c77.');
    assert.match(refused, /more was subscribed to than is kept/);
    assert.deepEqual(await heard(), ['a,2', 'b,2', 'c77.,2']);
    assert.deepEqual(lost, []);
    assert.equal(await half.closed, 1012);
  } finally {
    theirs.close();
    await context.destroy(0);
  }
}

/** Connects and sends a message without its end. Its `closed` promises the code with which the WebSocket is closed. */
async function sayHalf(url) {
  const webSocket = new WebSocket(url, ['ZWS2.0']);
  const closed = new Promise((resolve) => webSocket.addEventListener('close', ({ code }) => resolve(code)));
  await new Promise((resolve) => webSocket.addEventListener('open', resolve));
  // Its empty routing id, and a part after which more come.
  for (const frame of [[0], [1, 2, 3]]) webSocket.send(Uint8Array.from(frame));
  return { closed };
}
