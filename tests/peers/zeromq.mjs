#!/usr/bin/env node
// A ZeroMQ peer that we did not write, libzmq through npm `zeromq` (tcp://, ipc://, ws://), as a child process.
//
// Commands come as JSON lines on stdin, each with an `id`; each is answered by one JSON line on stdout, in any order:
//   {"id":1,"do":"socket","type":"REP","options":{"linger":0}}   ->  {"id":1,"ok":1}               the socket's handle
//   {"id":2,"do":"bind","s":1,"endpoint":"ws://127.0.0.1:0"}     ->  {"id":2,"ok":"ws://127.0.0.1:41234/"}
//   {"id":3,"do":"recv","s":1,"timeout":50}                      ->  {"id":3,"ok":null}            nothing came
//   {"id":4,"do":"bind","s":1,"endpoint":"nonsense"}             ->  {"id":4,"error":{"code":"EINVAL","message":"…"}}
// Message parts are base64; a routing id (SERVER and PEER, four octets) or group (RADIO and DISH) is the first of two. All commands,
// with what they answer:
//   version                             {library, libzmq}
//   socket {type, options}              handle; options are those of options.json
//   set {s, option, value}              null            get {s, option}   value
//   bind {s, endpoint}                  the endpoint bound, its port filled in
//   connect|disconnect|unbind {s, endpoint}             null
//   subscribe|unsubscribe {s, topic}    null; topic is base64; SUB by option, XSUB by message
//   join|leave {s, group}               null; group is base64; DISH
//   send {s, parts, timeout?}           null            recv {s, timeout?}   parts, or null when time ran out
//   echo {s}                            null; from now on every message goes back as it came, until close
//   flood {s, n, size, from?, prefix?}  null, when n numbered messages (see messages.mjs) are accepted; `prefix`: parts before each
//   drain {s, n, timeout?}              a Tally of n messages, or of fewer when none came for `timeout`
//   record {s, until}                   {numbers, octets} of the messages up to the one of this number: base64, four octets each,
//                                       2^32-1 for one that is not as messages.mjs makes them; and all their bodies' length
//   close {s, linger?}                  null; what is pending on the socket fails with ECANCELED
//   authenticate {passwords}            null; from now on peers get in by PLAIN with these, and by CURVE with any key (ZAP)
//   exit                                null, then the process is gone; so it is when stdin closes
// Commands on one socket take turns per direction; timeouts are milliseconds and begin with the command's turn.
// Whoever drives this reads while it writes: answers are written with blocking calls.

import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';
import * as zmq from 'zeromq';
import * as draft from 'zeromq/draft.js';
import { Tally, numbered } from './messages.mjs';

const CLASSES = {
  PAIR: zmq.Pair,
  PUB: zmq.Publisher,
  SUB: zmq.Subscriber,
  REQ: zmq.Request,
  REP: zmq.Reply,
  DEALER: zmq.Dealer,
  ROUTER: zmq.Router,
  PULL: zmq.Pull,
  PUSH: zmq.Push,
  XPUB: zmq.XPublisher,
  XSUB: zmq.XSubscriber,
  SERVER: draft.Server,
  CLIENT: draft.Client,
  RADIO: draft.Radio,
  DISH: draft.Dish,
  GATHER: draft.Gather,
  SCATTER: draft.Scatter,
  PEER: unnamed(19),
  CHANNEL: unnamed(20),
};

/** A type that npm `zeromq` has no class for. It tells no routing ids, so that such a PEER only receives. */
function unnamed(type) {
  return class extends zmq.Socket {
    constructor() {
      super(type);
    }
    set receiveTimeout(milliseconds) {
      this.setInt32Option(27, milliseconds);
    }
    set sendTimeout(milliseconds) {
      this.setInt32Option(28, milliseconds);
    }
  };
}
const OPTIONS = JSON.parse(readFileSync(new URL('options.json', import.meta.url)));
const ACCESS = {
  int: 'Int32Option',
  bool: 'BoolOption',
  int64: 'Int64Option',
  string: 'StringOption',
  bytes: 'StringOption',
};

/** The number of a message that is not as it was sent. */
const TORN = 0xffffffff;

class Failure extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/** npm `zeromq` allows one receive and one send at a time; here they queue. */
class Peer {
  #reading = Promise.resolve();
  #writing = Promise.resolve();
  #underWay = 0;

  constructor(type, options = {}) {
    const Class = CLASSES[type];
    if (!Class) throw new Failure('EINVAL', `no socket type ${type}`);
    this.type = type;
    this.socket = new Class();
    for (const [name, value] of Object.entries(options)) this.set(name, value);
  }

  set(name, value) {
    const [number, kind] = option(name);
    this.socket[`set${ACCESS[kind]}`](number, value);
  }

  get(name) {
    const [number, kind] = option(name);
    return this.socket[`get${ACCESS[kind]}`](number);
  }

  /** Parts as Uint8Arrays, or null when `timeout` ran out. */
  recv(timeout = -1) {
    const turn = this.#reading.then(async () => {
      this.#open();
      this.socket.receiveTimeout = timeout;
      this.#underWay++;
      try {
        return this.#addressed(await this.socket.receive());
      } catch (error) {
        this.#open();
        if (error.code === 'EAGAIN') return null;
        throw error;
      } finally {
        this.#underWay--;
      }
    });
    this.#reading = turn.catch(() => {});
    return turn;
  }

  send(parts, timeout = -1) {
    if (parts.length === 0) throw new Failure('EINVAL', 'a message has at least one part');
    const turn = this.#writing.then(async () => {
      this.#open();
      this.socket.sendTimeout = timeout;
      this.#underWay++;
      try {
        // Copies, because libzmq as a ws:// client masks the memory that it is given.
        const copies = parts.map((part) => Buffer.from(part));
        if (this.type === 'SERVER') await this.socket.send(copies[1], { routingId: copies[0].readUInt32BE() });
        else if (this.type === 'RADIO') await this.socket.send(copies[1], { group: copies[0] });
        else await this.socket.send(copies);
      } catch (error) {
        this.#open();
        throw error;
      } finally {
        this.#underWay--;
      }
    });
    this.#writing = turn.catch(() => {});
    return turn;
  }

  /** npm `zeromq` puts what is known of a part behind it. */
  #addressed(received) {
    const [body, { routingId, group }] = [...received, {}];
    if (this.type === 'DISH') return [group, body];
    if (this.type !== 'SERVER') return received;
    const octets = Buffer.alloc(4);
    octets.writeUInt32BE(routingId);
    return [octets, body];
  }

  /** Dish's own join and leave, in npm `zeromq` 6, call a method of nothing. */
  membership(group, on) {
    if (this.type !== 'DISH') throw new Failure('EINVAL', `${this.type} has no groups`);
    zmq.Socket.prototype[on ? 'join' : 'leave'].call(this.socket, group);
  }

  async unbind(endpoint) {
    this.#underWay++;
    try {
      await this.socket.unbind(endpoint);
    } finally {
      this.#underWay--;
    }
  }

  async echo() {
    while (!this.socket.closed) await this.send(await this.recv());
  }

  async drain(n, timeout) {
    const tally = new Tally();
    while (tally.count < n) {
      const parts = await this.recv(timeout);
      if (parts === null) break;
      tally.add(parts);
    }
    return tally;
  }

  async record(until) {
    const numbers = [];
    let octets = 0;
    for (let number; number !== until; numbers.push(number)) {
      const body = (await this.recv()).at(-1);
      octets += body.length;
      number = body.length < 4 ? TORN : body.readUInt32BE();
      if (body.compare(numbered(number, body.length)) !== 0) number = TORN;
    }
    const packed = Buffer.alloc(4 * numbers.length);
    numbers.forEach((number, at) => packed.writeUInt32BE(number, 4 * at));
    return { numbers: packed.toString('base64'), octets };
  }

  async flood(n, size, from = 0, prefix = []) {
    for (let number = from; number < from + n; number++) await this.send([...prefix, numbered(number, size)]);
  }

  subscription(topic, on) {
    if (this.type === 'XSUB') return this.send([Buffer.concat([Buffer.of(on ? 1 : 0), topic])]);
    if (this.type !== 'SUB') throw new Failure('EINVAL', `${this.type} does not subscribe`);
    return on ? this.socket.subscribe(topic) : this.socket.unsubscribe(topic);
  }

  /**
   * libzmq acts on what its I/O thread found (a new peer that must be told our subscriptions, a peer that is gone) only inside
   * calls on the socket. An application is always in one; this stands for it. Calls that are under way do it themselves,
   * and would miss their wake-up if it were taken here.
   */
  turn() {
    if (this.#underWay === 0 && !this.socket.closed) void this.socket.readable;
  }

  close(linger) {
    if (linger !== undefined) this.socket.linger = linger;
    this.socket.close();
  }

  #open() {
    if (this.socket.closed) throw new Failure('ECANCELED', `the ${this.type} socket was closed`);
  }
}

const peers = new Map();
let handles = 0;

const COMMANDS = {
  version: () => ({
    library: `npm zeromq ${createRequire(import.meta.url)('zeromq/package.json').version}`,
    libzmq: zmq.version,
  }),
  socket({ type, options }) {
    peers.set(++handles, new Peer(type, options));
    return handles;
  },
  set: ({ s, option, value }) => peer(s).set(option, value),
  get: ({ s, option }) => peer(s).get(option),
  // The Sync form, so that no other command finds the socket busy; npm `zeromq` has one for unbind too, which binds.
  bind({ s, endpoint }) {
    peer(s).socket.bindSync(endpoint);
    return peer(s).socket.lastEndpoint;
  },
  unbind: ({ s, endpoint }) => peer(s).unbind(endpoint),
  connect: ({ s, endpoint }) => peer(s).socket.connect(endpoint),
  disconnect: ({ s, endpoint }) => peer(s).socket.disconnect(endpoint),
  subscribe: ({ s, topic }) => peer(s).subscription(unpack(topic), true),
  unsubscribe: ({ s, topic }) => peer(s).subscription(unpack(topic), false),
  join: ({ s, group }) => peer(s).membership(unpack(group), true),
  leave: ({ s, group }) => peer(s).membership(unpack(group), false),
  send: ({ s, parts, timeout }) => peer(s).send(parts.map(unpack), timeout),
  async recv({ s, timeout }) {
    const parts = await peer(s).recv(timeout);
    return parts && parts.map((part) => part.toString('base64'));
  },
  echo({ s }) {
    // Its end is the socket's close; a failure before that shows as a reply that never comes, so it is said on stderr.
    peer(s)
      .echo()
      .catch((error) => error.code === 'ECANCELED' || console.error(`echo: ${error.message}`));
  },
  record: ({ s, until }) => peer(s).record(until),
  drain: ({ s, n, timeout }) => peer(s).drain(n, timeout),
  flood: ({ s, n, size, from, prefix }) => peer(s).flood(n, size, from, prefix?.map(unpack)),
  close({ s, linger }) {
    peer(s).close(linger);
    peers.delete(s);
  },
  authenticate({ passwords }) {
    judge(passwords).catch((error) => console.error(`judge: ${error.message}`));
  },
  exit: () => setImmediate(() => process.exit(0)),
};

/** A ZAP handler (RFC 27) for all sockets of this process. */
async function judge(passwords) {
  const handler = new zmq.Reply();
  handler.bindSync('inproc://zeromq.zap.01');
  for await (const [version, id, , , , mechanism, ...credentials] of handler) {
    const [name, password] = credentials.map(String);
    const isIn = String(mechanism) !== 'PLAIN' || passwords[name] === password;
    await handler.send([version, id, isIn ? '200' : '400', '', isIn ? 'somebody' : '', '']);
  }
}

function peer(handle) {
  const found = peers.get(handle);
  if (!found) throw new Failure('ENOTSOCK', `no socket ${handle}`);
  return found;
}

function option(name) {
  const found = OPTIONS[name];
  if (!found) throw new Failure('EINVAL', `no option ${name}`);
  return found;
}

function unpack(base64) {
  return Buffer.from(base64, 'base64');
}

setInterval(() => peers.forEach((peer) => peer.turn()), 5);

async function answer(line) {
  let id = null;
  let reply;
  try {
    const command = JSON.parse(line);
    id = command.id;
    if (!Object.hasOwn(COMMANDS, command.do)) throw new Failure('EINVAL', `no command ${command.do}`);
    const ok = await COMMANDS[command.do](command);
    // A command without an answer answers null; `exit` must not answer with a timer.
    reply = { id, ok: ok === undefined || command.do === 'exit' ? null : ok };
  } catch (error) {
    reply = { id, error: { code: error.code ?? 'EPROTO', message: error.message } };
  }
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}

// Without stdin nobody can drive this process: it goes at once, whatever its sockets still hold.
createInterface({ input: process.stdin, terminal: false })
  .on('line', answer)
  .on('close', () => process.exit(0));
