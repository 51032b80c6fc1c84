// The tests' side of the peers under tests/peers: the same classes in Node and in a page, worker or whatever else can
// reach one function, `invoke(method, ...args)`, of the laboratory that owns the processes (see support.mjs).

export class PeerError extends Error {
  constructor({ code, message }, did) {
    super(`${did}: ${code}: ${message}`);
    this.name = 'PeerError';
    this.code = code;
  }
}

/** One peer process. It keeps its identity when it is killed and started again; its sockets are gone then. */
export class Peer {
  #invoke;
  #id;

  static async start(invoke, kind = 'zeromq') {
    const peer = new Peer();
    peer.#invoke = invoke;
    peer.#id = await peer.#unwrap(`start ${kind}`, invoke('start', kind));
    return peer;
  }

  async call(command) {
    return this.#unwrap(`peer ${command.do}`, this.#invoke('call', this.#id, command));
  }

  version() {
    return this.call({ do: 'version' });
  }

  /** Has its sockets let in who says one of these names and its password, and everybody by CURVE. */
  authenticate(passwords) {
    return this.call({ do: 'authenticate', passwords });
  }

  async socket(type, options = {}) {
    return new PeerSocket(this, type, await this.call({ do: 'socket', type, options }));
  }

  /** SIGSTOP: connections stay, and nobody answers on them until `resume`. */
  pause() {
    return this.#unwrap('pause', this.#invoke('pause', this.#id));
  }

  resume() {
    return this.#unwrap('resume', this.#invoke('resume', this.#id));
  }

  /** SIGKILL, as a crash: the process has no time to say goodbye. Resolves when it is gone. */
  kill() {
    return this.#unwrap('kill', this.#invoke('kill', this.#id));
  }

  /** A new process in the place of the one that was killed. */
  restart() {
    return this.#unwrap('restart', this.#invoke('restart', this.#id));
  }

  stop() {
    return this.#unwrap('stop', this.#invoke('stop', this.#id));
  }

  /** Across a page's border only JSON travels, so failures come as values. */
  async #unwrap(did, answer) {
    const { ok, error } = await answer;
    if (error) throw new PeerError(error, did);
    return ok;
  }
}

/** One socket in a peer process. */
export class PeerSocket {
  #peer;
  #handle;

  constructor(peer, type, handle) {
    this.#peer = peer;
    this.#handle = handle;
    this.type = type;
  }

  /** What the monitor of a native peer says of the next event of this name. */
  event(event) {
    return this.#call('event', { event });
  }

  /** Resolves with the endpoint bound. */
  bind(endpoint) {
    return this.#call('bind', { endpoint });
  }
  unbind(endpoint) {
    return this.#call('unbind', { endpoint });
  }
  connect(endpoint) {
    return this.#call('connect', { endpoint });
  }
  disconnect(endpoint) {
    return this.#call('disconnect', { endpoint });
  }
  set(option, value) {
    return this.#call('set', { option, value });
  }
  get(option) {
    return this.#call('get', { option });
  }
  subscribe(topic) {
    return this.#call('subscribe', { topic: toBase64(bytes(topic)) });
  }
  unsubscribe(topic) {
    return this.#call('unsubscribe', { topic: toBase64(bytes(topic)) });
  }
  join(group) {
    return this.#call('join', { group: toBase64(bytes(group)) });
  }
  leave(group) {
    return this.#call('leave', { group: toBase64(bytes(group)) });
  }
  send(parts, timeout) {
    return this.#call('send', { parts: parts.map((part) => toBase64(bytes(part))), timeout });
  }
  /** Parts as Uint8Arrays; null when `timeout` milliseconds brought nothing. */
  async recv(timeout) {
    const parts = await this.#call('recv', { timeout });
    return parts && parts.map(fromBase64);
  }
  /** From now on each message goes back as it came. */
  echo() {
    return this.#call('echo', {});
  }
  /** Sends `n` numbered messages (see tests/peers/messages.mjs). */
  flood(n, size, { from, prefix } = {}) {
    return this.#call('flood', { n, size, from, prefix: prefix?.map((part) => toBase64(bytes(part))) });
  }
  /** Receives `n` messages and gives their tally. */
  drain(n, timeout) {
    return this.#call('drain', { n, timeout });
  }
  close(linger) {
    return this.#call('close', { linger });
  }

  #call(what, fields) {
    return this.#peer.call({ do: what, s: this.#handle, ...fields });
  }
}

const encoder = new TextEncoder();

export function bytes(part) {
  return typeof part === 'string' ? encoder.encode(part) : part;
}

export function text(part) {
  return new TextDecoder().decode(part);
}

/** By hand, because Uint8Array's own methods for it are younger than the oldest runtime we test. */
function toBase64(array) {
  let binary = '';
  for (let at = 0; at < array.length; at += 0x8000) binary += String.fromCharCode(...array.subarray(at, at + 0x8000));
  return btoa(binary);
}

function fromBase64(base64) {
  const binary = atob(base64);
  const out = new Uint8Array(binary.length);
  for (let at = 0; at < out.length; at++) out[at] = binary.charCodeAt(at);
  return out;
}
