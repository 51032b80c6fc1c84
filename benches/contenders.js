// Four ways for a page to speak with libzmq, each as one would write it: this library, a bare WebSocket and a bare
// WebSocketStream with the frames of ZWS 2.0 made by hand, and npm jszmq. Each opens a socket of its own for each task.
//   flood(url, milliseconds, size, halt)  messages per second that come in from a PUSH, which `halt` ends
//   send(url, count, size, delivered)     sends to a PULL; `delivered` resolves when all has come
//   roundTrips(url, milliseconds, size)   microseconds of each request to an echo
// The flood is halted before the WebSocket is closed: a closing one is read by Chromium without a pause as long as anything
// comes, and nothing else of the network is served meanwhile.

import { Context, DEALER, PULL, PUSH } from '/pkg/zmq-wasm.js';
import { Buffer, Dealer, Pull, Push } from '/jszmq.js';

/** Until all connections stand and the just-in-time compiler has seen the code. */
const WARM_UP = 150;

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Counts messages in a window of time. */
class Throughput {
  #window;
  #size;
  #first;
  #begun;
  #count = 0;

  constructor(window, size) {
    this.#window = window;
    this.#size = size;
  }

  /** A message came. Gives the rate when the window is over. */
  hear(length) {
    const now = performance.now();
    this.#first ??= now;
    if (length !== this.#size) throw new Error(`a message of ${length} octets`);
    if (this.#begun === undefined) {
      if (now - this.#first >= WARM_UP) this.#begun = now;
      return undefined;
    }
    this.#count += 1;
    const passed = now - this.#begun;
    return passed >= this.#window ? (this.#count / passed) * 1000 : undefined;
  }
}

/** Calls `ask`, which resolves with the reply's length, for a while. */
async function measureRoundTrips(milliseconds, size, ask) {
  const micros = [];
  const begun = performance.now();
  for (;;) {
    const before = performance.now();
    if ((await ask()) !== size) throw new Error('not the reply that was expected');
    const now = performance.now();
    if (now - begun >= WARM_UP) micros.push((now - before) * 1000);
    if (now - begun >= WARM_UP + milliseconds) return micros;
  }
}

const ours = {
  name: 'zmq-wasm',

  async flood(url, milliseconds, size, halt) {
    const context = new Context();
    const socket = context.socket(PULL);
    socket.connect(url);
    const throughput = new Throughput(milliseconds, size);
    for (;;) {
      const { length } = await socket.recv();
      const rate = throughput.hear(length);
      if (rate !== undefined) {
        await halt();
        await context.destroy(0);
        return rate;
      }
    }
  },

  async send(url, count, size, delivered) {
    const context = new Context();
    const socket = context.socket(PUSH);
    socket.connect(url);
    await pause(WARM_UP);
    const body = new Uint8Array(size);
    for (let sent = 0; sent < count; sent++) await socket.send(body);
    await delivered();
    await context.destroy(0);
  },

  async roundTrips(url, milliseconds, size) {
    const context = new Context();
    const socket = context.socket(DEALER);
    socket.connect(url);
    const body = new Uint8Array(size);
    const micros = await measureRoundTrips(milliseconds, size, async () => {
      await socket.send(body);
      return (await socket.recv()).length;
    });
    await context.destroy(0);
    return micros;
  },
};

/** A WebSocket that has exchanged empty routing ids. `onBody` gets the views on what comes. */
function openBare(url, onBody) {
  const webSocket = new WebSocket(url, 'ZWS2.0');
  webSocket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    webSocket.onerror = () => reject(new Error('the WebSocket failed'));
    webSocket.onopen = () => webSocket.send(Uint8Array.of(0));
    webSocket.onmessage = () => {
      webSocket.onmessage = ({ data }) => {
        const frame = new Uint8Array(data);
        if (frame[0] !== 0) throw new Error(`a flag octet ${frame[0]}`);
        onBody(frame.subarray(1));
      };
      resolve(webSocket);
    };
  });
}

function frameOf(body) {
  const frame = new Uint8Array(body.length + 1);
  frame.set(body, 1);
  return frame;
}

const bare = {
  name: 'bare WebSocket',

  async flood(url, milliseconds, size, halt) {
    const throughput = new Throughput(milliseconds, size);
    let tell;
    const told = new Promise((resolve) => (tell = resolve));
    const webSocket = await openBare(url, (body) => {
      const rate = throughput.hear(body.length);
      if (rate !== undefined) tell(rate);
    });
    const rate = await told;
    await halt();
    webSocket.close();
    return rate;
  },

  async send(url, count, size, delivered) {
    const webSocket = await openBare(url, () => {});
    await pause(WARM_UP);
    const body = new Uint8Array(size);
    for (let sent = 0; sent < count; sent++) webSocket.send(frameOf(body));
    await delivered();
    webSocket.close();
  },

  async roundTrips(url, milliseconds, size) {
    let reply;
    const webSocket = await openBare(url, (body) => reply(body.length));
    const body = new Uint8Array(size);
    const micros = await measureRoundTrips(milliseconds, size, () => {
      webSocket.send(frameOf(body));
      return new Promise((resolve) => (reply = resolve));
    });
    webSocket.close();
    return micros;
  },
};

/** The same of a WebSocketStream: its two ends, which make each other wait. */
async function openStream(url) {
  const stream = new WebSocketStream(url, { protocols: ['ZWS2.0'] });
  const { readable, writable } = await stream.opened;
  const [reader, writer] = [readable.getReader(), writable.getWriter()];
  await writer.write(Uint8Array.of(0));
  await reader.read();
  const receive = async () => {
    const frame = new Uint8Array((await reader.read()).value);
    if (frame[0] !== 0) throw new Error(`a flag octet ${frame[0]}`);
    return frame.subarray(1);
  };
  const send = async (body) => {
    await writer.ready;
    writer.write(frameOf(body));
  };
  return { receive, send, close: () => stream.close() };
}

const stream = {
  name: 'WebSocketStream',

  async flood(url, milliseconds, size, halt) {
    const { receive, close } = await openStream(url);
    const throughput = new Throughput(milliseconds, size);
    for (;;) {
      const rate = throughput.hear((await receive()).length);
      if (rate !== undefined) {
        await halt();
        close();
        return rate;
      }
    }
  },

  async send(url, count, size, delivered) {
    const { send, close } = await openStream(url);
    await pause(WARM_UP);
    const body = new Uint8Array(size);
    for (let sent = 0; sent < count; sent++) await send(body);
    await delivered();
    close();
  },

  async roundTrips(url, milliseconds, size) {
    const { receive, send, close } = await openStream(url);
    const body = new Uint8Array(size);
    const micros = await measureRoundTrips(milliseconds, size, async () => {
      await send(body);
      return (await receive()).length;
    });
    close();
    return micros;
  },
};

const jszmq = {
  name: 'jszmq',

  async flood(url, milliseconds, size, halt) {
    const socket = new Pull();
    const throughput = new Throughput(milliseconds, size);
    const told = new Promise((resolve) => {
      socket.on('message', ({ length }) => {
        const rate = throughput.hear(length);
        if (rate !== undefined) resolve(rate);
      });
    });
    socket.connect(url);
    const rate = await told;
    await halt();
    socket.close();
    return rate;
  },

  async send(url, count, size, delivered) {
    const socket = new Push();
    socket.connect(url);
    await pause(WARM_UP);
    const body = Buffer.alloc(size);
    for (let sent = 0; sent < count; sent++) socket.send(body);
    await delivered();
    socket.close();
  },

  async roundTrips(url, milliseconds, size) {
    const socket = new Dealer();
    let reply;
    socket.on('message', (body) => reply(body.length));
    socket.connect(url);
    const body = Buffer.alloc(size);
    const micros = await measureRoundTrips(milliseconds, size, () => {
      socket.send(body);
      return new Promise((resolve) => (reply = resolve));
    });
    socket.close();
    return micros;
  },
};

export const contenders = [ours, bare, stream, jszmq];
