// What the JavaScript library itself costs: nanoseconds per message with WebSockets that only exist in memory.
//   node benches/memory.mjs      after scripts/package.sh; QUICK=1 for a short look

import { bundleJszmq } from './jszmq.mjs';
import { QUICK, figure, interleave, machine, median, publish, ratio, table } from './report.mjs';

const SIZES = [16, 65_536];
const ROUNDS = QUICK ? 3 : 9;
/** Rounds before those, for the compilers. */
const WARM_UPS = 2;
const MILLISECONDS = QUICK ? 100 : 200;
/** Messages between two looks at the clock. */
const STRIDE = 500;

/** A WebSocket whose peer has already said its empty routing id, and whose network is a counter. */
class MemoryWebSocket {
  static CONNECTING = 0;
  static OPEN = 1;
  static last;
  CONNECTING = 0;
  OPEN = 1;
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

  close() {
    this.readyState = 3;
  }
}
globalThis.WebSocket = MemoryWebSocket;

const jszmq = await import(await bundleJszmq());

/** Opens the WebSocket that `connect` makes. */
async function connected(connect) {
  connect('ws://memory:1');
  const webSocket = MemoryWebSocket.last;
  webSocket.open();
  await Promise.resolve();
  return webSocket;
}

/**
 * Calls `step` for a while; gives nanoseconds of CPU per call, so that pauses cost nothing: a library may wait for
 * `bufferedAmount` to fall, which no real time passes for here.
 */
async function time(step) {
  const begun = performance.now();
  const before = process.cpuUsage();
  let count = 0;
  do {
    for (let at = 0; at < STRIDE; at++) await step();
    count += STRIDE;
  } while (performance.now() - begun < MILLISECONDS);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

function incoming(size) {
  const frame = new Uint8Array(size + 1);
  return frame.buffer;
}

/** This library, by one of its entries. */
const ours = ({ Context, PULL, PUSH }) => ({
  async receiver(size) {
    const socket = new Context().socket(PULL);
    const webSocket = await connected((url) => socket.connect(url));
    const data = incoming(size);
    return async () => {
      const received = socket.recv();
      webSocket.deliver(data);
      if ((await received).length !== size) throw new Error('not the message that came');
    };
  },
  async sender(size) {
    const socket = new Context().socket(PUSH);
    await connected((url) => socket.connect(url));
    const body = new Uint8Array(size);
    return () => socket.send(body);
  },
});

// Each contender: a step that has one message come in while somebody awaits it, and one that sends one message.

const contenders = {
  'zmq-wasm': ours(await import('../pkg/zmq-wasm.js')),
  'in Node.js': ours(await import('../pkg/node.js')),
  jszmq: {
    async receiver(size) {
      const socket = new jszmq.Pull();
      let resolve;
      socket.on('message', (message) => resolve(message));
      const webSocket = await connected((url) => socket.connect(url));
      const data = incoming(size);
      return async () => {
        const received = new Promise((done) => (resolve = done));
        webSocket.deliver(data);
        if ((await received).length !== size) throw new Error('not the message that came');
      };
    },
    async sender(size) {
      const socket = new jszmq.Push();
      await connected((url) => socket.connect(url));
      const body = jszmq.Buffer.alloc(size);
      return () => socket.send(body);
    },
  },
  'by hand': {
    async receiver(size) {
      let resolve;
      const webSocket = await connected((url) => {
        new WebSocket(url).onopen = () => {};
        MemoryWebSocket.last.onmessage = ({ data }) => resolve?.(new Uint8Array(data, 1));
      });
      const data = incoming(size);
      return async () => {
        const received = new Promise((done) => (resolve = done));
        webSocket.deliver(data);
        if ((await received).length !== size) throw new Error('not the message that came');
      };
    },
    async sender(size) {
      const webSocket = await connected((url) => {
        new WebSocket(url).onopen = () => {};
        MemoryWebSocket.last.onmessage = () => {};
      });
      const body = new Uint8Array(size);
      return () => {
        const frame = new Uint8Array(size + 1);
        frame.set(body, 1);
        webSocket.send(frame);
      };
    },
  },
};

const names = Object.keys(contenders);
const rows = [];
for (const [way, make] of [
  ['in', 'receiver'],
  ['out', 'sender'],
]) {
  for (const size of SIZES) {
    const steps = await Promise.all(names.map((name) => contenders[name][make](size)));
    const rounds = await interleave(
      WARM_UPS + ROUNDS,
      steps.map((step) => () => time(step)),
    );
    const counted = rounds.map((results) => results.slice(WARM_UPS));
    rows.push({ way, size, rounds: counted, medians: counted.map(median) });
  }
}

publish(
  'memory',
  'The JavaScript library alone',
  [
    `${machine()}. Node.js ${process.version}, WebSockets in memory, one message at a time; CPU time, medians of ${ROUNDS} interleaved ` +
      'rounds. The first is the entry for pages, whose module is small, the second that for Node.js, whose module is quick. ' +
      'In: somebody awaits the message when it comes. Out: a message is sent and the call awaited. ' +
      'By hand: a view and a promise in, one copy behind the flag octet out, no library.',
    table(
      ['ns per message', ...names, 'zmq-wasm to jszmq', 'in Node.js to jszmq'],
      rows.map(({ way, size, medians }) => [
        `${way}, ${size.toLocaleString('en-US')} octets`,
        ...medians.map(figure),
        ratio(medians[0], medians[2]),
        ratio(medians[1], medians[2]),
      ]),
    ),
  ],
  { machine: machine(), node: process.version, names, rows },
);
process.exit(0);
