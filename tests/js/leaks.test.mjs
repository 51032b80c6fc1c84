// What is done leaves nothing: a million messages and ten thousand connections, by WebSockets that only exist in memory.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** By which memory may have grown all the same: wasm's by two pages, the heap by compiled code and what the runtime keeps. */
const SLACK = { wasm: 1 << 17, heap: 1 << 20, buffers: 1 << 20 };
/** So many steps, and then timers have their turn: what waits for a time is only forgotten when it comes. */
const STRETCH = 50;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** A WebSocket whose other end has already said its empty routing id. */
class MemoryWebSocket {
  static last;
  readyState = 0;
  bufferedAmount = 0;
  protocol = 'ZWS2.0';
  sent = 0;

  constructor(url) {
    this.url = url;
    MemoryWebSocket.last = this;
  }

  addEventListener(type, listener) {
    this[`on${type}`] = listener;
  }

  open() {
    this.readyState = 1;
    this.onopen({});
    this.deliver(new ArrayBuffer(1));
  }

  send() {
    this.sent += 1;
  }

  deliver(data) {
    this.onmessage({ data });
  }

  /** The other end closes. */
  fail() {
    this.readyState = 3;
    this.onclose({ code: 1001, reason: '' });
  }

  close() {
    this.readyState = 3;
  }
}
globalThis.WebSocket = MemoryWebSocket;

/** The memories of wasm that come to be. */
const memories = [];
WebAssembly.Instance = class extends WebAssembly.Instance {
  constructor(...given) {
    super(...given);
    memories.push(Object.values(this.exports).find((value) => value instanceof WebAssembly.Memory));
  }
};

async function memory() {
  // Longer than any socket here waits for anything.
  await new Promise((resolve) => setTimeout(resolve, 100));
  gc();
  gc();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { wasm: memories.at(-1).buffer.byteLength, heap: heapUsed, buffers: arrayBuffers };
}

/** Does `step` a few times, and then many times more: that must not take more memory. */
async function staysFlat(step, times) {
  let done = 0;
  const upTo = async (count) => {
    for (; done < count; done += 1) {
      if (done % STRETCH === 0) await new Promise((resolve) => setImmediate(resolve));
      await step(done);
    }
    return memory();
  };
  const before = await upTo(times / 20);
  const after = await upTo(times);
  for (const [kind, slack] of Object.entries(SLACK)) {
    const grown = after[kind] - before[kind];
    assert.ok(grown <= slack, `${kind}: ${before[kind]} octets and ${grown} more`);
  }
}

for (const entry of ['zmq-wasm.js', 'node.js']) {
  describe(entry, async () => {
    const { Context, DEALER, SUB } = await import(`../../pkg/${entry}`);

    function connected(socket) {
      socket.connect('ws://memory:1');
      const webSocket = MemoryWebSocket.last;
      webSocket.open();
      return webSocket;
    }

    it('has nothing left of a million messages', async () => {
      const context = new Context();
      const socket = context.socket(DEALER);
      const webSocket = connected(socket);
      const greeting = webSocket.sent;
      const times = 500_000;
      const body = new Uint8Array(16);
      await staysFlat(async (at) => {
        // Every other one is there before it is asked for, and every fourth has two parts.
        const isEarly = at % 2 === 0;
        const early = isEarly ? undefined : socket.recvMultipart();
        if (at % 4 === 0) webSocket.deliver(Uint8Array.of(1, 7).buffer);
        webSocket.deliver(new ArrayBuffer(17));
        const parts = await (early ?? socket.recvMultipart());
        if (parts.at(-1).length !== 16) assert.fail('not the message that came');
        await socket.send(body);
      }, times);
      assert.equal(webSocket.sent - greeting, times);
      await context.destroy(0);
    });

    it('has nothing left of ten thousand connections', async () => {
      const context = new Context();
      const lasting = context.socket(DEALER, { handshakeIvl: 10, reconnectIvl: 10 });
      await staysFlat(async (at) => {
        // A third each: of a socket that stays, of one that comes and goes, and lost before it is given up.
        const socket = at % 3 === 1 ? context.socket(SUB, { linger: 0 }) : lasting;
        if (socket !== lasting) socket.subscribe('news');
        const webSocket = connected(socket);
        const received = socket.recv(0, { signal: new AbortController().signal });
        webSocket.deliver(new TextEncoder().encode('\0news').buffer);
        assert.equal((await received).length, 4);
        if (at % 3 === 2) webSocket.fail();
        if (socket === lasting) socket.disconnect('ws://memory:1');
        else socket.close();
        assert.equal(webSocket.readyState, 3);
      }, 10_000);
      await context.destroy(0);
    });
  });
}
