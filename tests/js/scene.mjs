// What one interop case works with: our sockets and a real peer's behind one face, bodies that show where they were cut,
// assertions without Node, and a clean-up that happens whatever the case does. Runs in Node, pages and workers alike.

import { bytes, text } from './peer.mjs';

/** What listens: the kind of peer, and whether it reassembles a WebSocket message's fragments; libzmq does not survive them. */
const LISTENERS = {
  libzmq: { peer: 'zeromq', reassembles: false },
  native: { peer: 'native', reassembles: true },
  // By tcp:// or ipc:// only, where nothing is in fragments.
  pyzmq: { peer: 'pyzmq', reassembles: true },
};

/**
 * The longest body that this runtime can send in one piece. Chromium passes messages through a ring buffer of 131,000 octets
 * and cuts what does not lie there whole. What would be cut must be refused with EMSGSIZE where fragments are not survived.
 */
const OUTBOUND_LIMIT = { chromium: 130_991 };
/** For RADIO, which can't put anything between messages to have one lie whole in the ring buffer. */
const RADIO_LIMIT = { chromium: 65_535 };

/** Milliseconds after which a case has failed. Far more than any takes; a case never waits for it to pass. */
const DEADLINE = 30_000;

/** One named case; `body` gets a Scene. */
export function define(name, body) {
  return {
    name,
    async run(env) {
      const scene = new Scene(env);
      let timer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(
          () => reject(new Error(`not done after ${DEADLINE} ms; last step: ${scene.step}`)),
          DEADLINE,
        );
      });
      try {
        await Promise.race([body(scene), late]);
      } finally {
        clearTimeout(timer);
        await scene.end();
      }
    },
  };
}

class Scene {
  #listener;
  #runtime;
  #startPeer;
  #invoke;
  #context;
  #sockets = [];
  #peers = [];
  #peer;
  /** Said by the case as it goes, for the message of a case that hangs. */
  step = 'the beginning';

  constructor(env) {
    this.#listener = LISTENERS[env.listener];
    this.#runtime = env.runtime;
    this.#startPeer = env.startPeer;
    this.#invoke = env.invoke;
    /** What a peer's socket listens on. */
    this.endpoint = env.endpoint ?? 'ws://127.0.0.1:0';
    this.zmq = env.zmq;
    this.#context = new env.zmq.Context();
  }

  /** Whether this runtime can send these parts to what listens, by a socket of this type. */
  canSend(parts, type) {
    if (this.#listener.reassembles) return true;
    const limit = (type === 'RADIO' ? RADIO_LIMIT : OUTBOUND_LIMIT)[this.#runtime] ?? Infinity;
    return parts.every((part) => bytes(part).length <= limit);
  }

  /** A socket of ours; `type` is the constant's name. Reconnects quickly, so that restarts take no time. */
  ours(type, options = {}) {
    const side = new Ours(
      this,
      type,
      this.#context.socket(this.zmq[type], { linger: 0, reconnectIvl: 20, ...options }),
    );
    this.#sockets.push(side);
    return side;
  }

  /** A peer process of this case's own. */
  async peer() {
    const peer = await this.#startPeer(this.#listener.peer);
    this.#peers.push(peer);
    return peer;
  }

  /** The endpoint of a server that behaves in this manner: see rude_server.mjs. */
  async rude(manner) {
    const { ok, error } = await this.#invoke('rude', manner);
    if (error) throw new Error(error.message);
    return ok;
  }

  /** A peer's socket that listens on `endpoint`: its actual address is its `endpoint`. */
  async theirs(type, { endpoint = this.endpoint, ...given } = {}) {
    const socket = await this.theirSocket(type, given);
    socket.endpoint = await socket.bind(endpoint);
    return socket;
  }

  /** A peer's socket that neither listens nor is connected yet. */
  async theirSocket(type, { peer, ...options } = {}) {
    this.#peer ??= peer ?? (await this.peer());
    return (peer ?? this.#peer).socket(type, options);
  }

  async end() {
    for (const side of this.#sockets) side.socket.close(0);
    await Promise.all([...this.#peers.map((peer) => peer.stop()), this.#context.destroy(0)]);
  }
}

/** Our socket with the methods that a PeerSocket has. */
class Ours {
  #scene;

  constructor(scene, type, socket) {
    this.#scene = scene;
    this.type = type;
    this.socket = socket;
  }

  connect(endpoint) {
    this.socket.connect(endpoint);
  }

  bind(endpoint) {
    return this.socket.bind(endpoint);
  }

  /** As peers have it, a routing id or group is the first of two parts. */
  async send(parts) {
    const [address, body] = parts;
    if (this.type === 'SERVER' || this.type === 'PEER') {
      const routingId = new DataView(bytes(address).slice().buffer).getUint32(0);
      await this.socket.send(body, 0, { routingId });
    } else if (this.type === 'RADIO') {
      await this.socket.send(body, 0, { group: address });
    } else {
      await this.socket.sendMultipart(parts);
    }
  }

  /** Parts; null when `timeout` milliseconds brought nothing. */
  async recv(timeout = -1) {
    this.socket.rcvtimeo = timeout;
    try {
      if (!['SERVER', 'PEER', 'DISH'].includes(this.type)) return await this.socket.recvMultipart();
      const frame = await this.socket.recv(0, { copy: false });
      return [this.type === 'DISH' ? bytes(frame.group) : octetsOf(frame.routingId), frame.bytes];
    } catch (error) {
      if (error instanceof this.#scene.zmq.Again) return null;
      throw error;
    }
  }

  /** For a PEER: its number for who is there, as peers have it. */
  connectPeer(endpoint) {
    this.number = octetsOf(this.socket.connectPeer(endpoint));
  }

  join(group) {
    this.socket.join(group);
  }

  leave(group) {
    this.socket.leave(group);
  }

  async subscribe(topic) {
    if (this.type === 'XSUB') await this.send([Uint8Array.of(1, ...bytes(topic))]);
    else this.socket.subscribe(topic);
  }

  async unsubscribe(topic) {
    if (this.type === 'XSUB') await this.send([Uint8Array.of(0, ...bytes(topic))]);
    else this.socket.unsubscribe(topic);
  }

  /** Resolves when the monitor tells the event of this name. Ask before the event can happen. */
  event(name) {
    return new Promise((resolve) => this.socket.addEventListener(name, resolve, { once: true }));
  }
}

/** A routing id of SERVER or PEER, as peers have it. */
function octetsOf(routingId) {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, routingId);
  return octets;
}

/** A body of `size` octets in which every region looks different, so that a wrong cut or join shows. */
export function body(size) {
  const out = new Uint8Array(size);
  let state = size + 1;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    out[at] = state >>> 16;
  }
  return out;
}

export function same(actual, expected, what) {
  if (actual === null) throw new Error(`${what}: nothing came, expected ${show(expected)}`);
  const alike =
    actual.length === expected.length && expected.every((part, i) => sameBytes(bytes(actual[i]), bytes(part)));
  if (!alike) throw new Error(`${what}: got ${show(actual)}, expected ${show(expected)}`);
}

function sameBytes(a, b) {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

export function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: got ${String(actual)}, expected ${String(expected)}`);
}

export async function rejects(promise, code, what) {
  const error = await promise.then(
    () => null,
    (error) => error,
  );
  if (error === null) throw new Error(`${what}: succeeded, expected ${code}`);
  if (error.code !== code) throw new Error(`${what}: expected ${code}, got ${error.code} ${error.stack ?? error}`);
  return error;
}

/**
 * One message from one side to the other. Gives false when this runtime must not send it; then that it is refused is checked.
 * `received` differs from `sent` where the pattern adds or takes an envelope.
 */
export async function transfer(scene, from, to, sent, received = sent) {
  scene.step = `${from.type} to ${to.type}: ${show(sent)}`;
  if (from instanceof Ours && !scene.canSend(sent, from.type)) {
    await rejects(from.send(sent), 'EMSGSIZE', scene.step);
    return false;
  }
  const [, parts] = await Promise.all([from.send(sent), to.recv()]);
  same(parts, received, scene.step);
  return true;
}

function show(parts) {
  const one = (part) => {
    const octets = bytes(part);
    return octets.length > 24 ? `<${octets.length} octets>` : JSON.stringify(text(octets));
  };
  return `[${Array.from(parts, one).join(', ')}]`;
}
