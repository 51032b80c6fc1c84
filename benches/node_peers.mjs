// What benches/node.mjs has measured: a socket of one library in a process of its own, against a bare TCP peer in another,
// which looks at nothing. Each says on stdout, in a line of JSON, what comes of it.
//   node benches/node_peers.mjs bare source|sink|echo SIZE
//   node benches/node_peers.mjs zmq-wasm|zeromq in|out|round SIZE SECONDS PORT

import { createServer } from 'node:net';

const [who, what, size, seconds, port] = process.argv.slice(2).map((word) => (/^[\d.]+$/.test(word) ? Number(word) : word));
const say = (result) => process.stdout.write(`${JSON.stringify(result)}\n`);

/** How many octets of whole frames the source writes at once. */
const CHUNK = 1 << 16;
/** Messages before those that are counted. */
const WARM_UP = { in: 20_000, out: 20_000, round: 1000 };

const LIBRARIES = {
  async 'zmq-wasm'() {
    const zmq = await import('../pkg/node.js');
    const open = (type) => {
      const socket = new zmq.Context().socket(zmq[type], { linger: 0 });
      socket.connect(`tcp://127.0.0.1:${port}`);
      return socket;
    };
    return {
      open,
      receive: (socket) => socket.recv(),
      // The memory is given away, as npm zeromq has it of all that is longer than a few octets.
      send: (socket, body) => socket.send(body, 0, { copy: false }),
    };
  },
  async zeromq() {
    const zmq = await import('../tests/node_modules/zeromq/lib/index.js');
    const { Pull, Push, Request } = zmq.default ?? zmq;
    const open = (type) => {
      const socket = new { PULL: Pull, PUSH: Push, REQ: Request }[type]({ linger: 0 });
      socket.connect(`tcp://127.0.0.1:${port}`);
      return socket;
    };
    return { open, receive: (socket) => socket.receive(), send: (socket, body) => socket.send(body) };
  },
};

/** Calls `once` over and over for so long, and gives how often per second. */
async function rate(once, warmUp, pace) {
  for (let i = 0; i < warmUp; i += 1) await once();
  const begun = performance.now();
  const end = begun + seconds * 1000;
  let count = 0;
  // The clock is asked now and then only.
  do for (let i = 0; i < pace; i += 1, count += 1) await once();
  while (performance.now() < end);
  return (count * 1000) / (performance.now() - begun);
}

const MEASURES = {
  async in({ open, receive }) {
    const socket = open('PULL');
    return rate(() => receive(socket), size > CHUNK / 2 ? 500 : WARM_UP.in, 50);
  },
  async out({ open, send }) {
    const socket = open('PUSH');
    const body = new Uint8Array(size);
    return rate(() => send(socket, body), size > CHUNK / 2 ? 500 : WARM_UP.out, 50);
  },
  async round({ open, send, receive }) {
    const socket = open('REQ');
    const body = new Uint8Array(size);
    const ask = async () => {
      await send(socket, body);
      await receive(socket);
    };
    return rate(ask, WARM_UP.round, 50);
  },
};

/** ZMTP's greeting by NULL, and READY of a peer of this type. */
function opening(type) {
  const greeting = Buffer.alloc(64);
  greeting.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, 1]);
  greeting.write('NULL', 12);
  const ready = Buffer.from(`\x05READY\x0bSocket-Type\0\0\0${String.fromCharCode(type.length)}${type}`, 'latin1');
  return Buffer.concat([greeting, Buffer.of(4, ready.length), ready]);
}

function frame(length) {
  const header = length < 256 ? Buffer.of(0, length) : Buffer.of(2, 0, 0, 0, 0, length >>> 24, length >>> 16, length >>> 8, length);
  return Buffer.concat([header, Buffer.alloc(length)]);
}

const BARE = {
  source(socket) {
    socket.write(opening('PUSH'));
    const one = frame(size);
    const chunk = Buffer.concat(Array.from({ length: Math.max(1, Math.floor(CHUNK / one.length)) }, () => one));
    const flood = () => {
      while (socket.write(chunk));
    };
    socket.on('drain', flood);
    // When the peer has said its READY: npm zeromq may miss what comes before.
    let heard = 0;
    socket.on('data', ({ length }) => {
      if (heard <= 64 && heard + length > 64) flood();
      heard += length;
    });
  },
  sink(socket) {
    socket.write(opening('PULL'));
    socket.resume();
  },
  /** Back goes what comes, but for the peer's own greeting and READY. */
  echo(socket) {
    socket.write(opening('REP'));
    let skip = 64;
    let isReady = false;
    socket.on('data', (octets) => {
      while (octets.length > 0 && !isReady) {
        const gone = Math.min(skip, octets.length);
        octets = octets.subarray(gone);
        skip -= gone;
        if (skip > 0 || octets.length < 2) return;
        octets = octets.subarray(2 + octets[1]);
        isReady = true;
      }
      if (octets.length > 0) socket.write(octets);
    });
  },
};

if (who === 'bare') {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => {});
    BARE[what](socket);
  });
  server.listen(0, '127.0.0.1', () => say(server.address().port));
} else {
  say(await MEASURES[what](await LIBRARIES[who]()));
  process.exit();
}
