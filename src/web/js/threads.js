// ZMTP between threads: `port:name`. Each connection has a MessageChannel of its own.
//
// Who connects sends one end of it by a port that leads to the other thread, a Worker for instance, and who has bound the
// name there takes it. Who binds says so by its ports, and then those call again who have called too early. Both messages
// have our mark: all others by such a port are the application's.
//
// By the channel go: a number, so much more the other side may send (the first one says that it is there); a list of flags
// and bodies in turn, in which null is the end.

import { handOver, put, release, sizeOf } from './bodies.js';
import { checkOptions, describe, invalid } from './check.js';
import { ZMQBindError } from './errors.js';
import { NO_PEER, enter, leave, nextNumber, transports } from './links.js';

const MARK = 'zmq-wasm';
/** How many octets may be under way, and what a frame counts beside its body: a thousand frames may, however small. */
const WINDOW = 1 << 20;
const FRAME_COST = 1 << 10;
const COMMAND = 2;
/** The frames are those of a WebSocket, and only our own peers are here. */
const PROTOCOL = 'ZWS2.0-NULL';
const END = [null];

/**
 * A link, by the channel that `by` gives it. When the other side is heard of, `open` tells the core and gives the peer's
 * number; `fail` is told why that never came.
 */
function linkBy(core, number, open, fail) {
  let port;
  let peer = NO_PEER;
  let credit = 0;
  /** Flags and bodies that leave when this turn is over, and the buffers that go along. */
  const batch = [];
  const buffers = new Set();
  /** What was taken and not acknowledged. */
  let taken = 0;
  let isPaused = false;
  /** Frames that the socket has had no room for, and the end behind them. */
  const held = [];

  const end = (why) => {
    leave(link);
    link.shut();
    if (peer !== NO_PEER) core.lost(peer, why);
    else fail?.(why);
  };

  const flush = () => {
    const transfer = [...buffers];
    buffers.clear();
    try {
      port?.postMessage(batch.splice(0), transfer);
    } catch (error) {
      // Memory that was given away twice, or can't be.
      end(error.message);
    }
  };

  const take = ([flag, body]) => {
    if (!port) return;
    if (!(typeof flag === 'number' && body instanceof Uint8Array && body.buffer instanceof ArrayBuffer)) {
      return end(flag === null ? 'the peer closed the connection' : 'the peer sent no frame');
    }
    taken += body.length + FRAME_COST;
    core.frame(peer, flag, put(body, 0), body.length);
  };

  const resume = () => {
    while (!isPaused && held.length > 0) take(held.shift());
    if (taken < WINDOW / 2) return;
    port?.postMessage(taken);
    taken = 0;
  };

  const heard = ({ data }) => {
    if (typeof data === 'number') {
      if (peer === NO_PEER) peer = open();
      credit += data;
      core.writable(peer, Math.max(credit, 0));
      return;
    }
    if (peer === NO_PEER || !Array.isArray(data)) return take([]);
    for (let at = 0; at < data.length; at += 2) {
      const frame = data.slice(at, at + 2);
      // Commands are signs of life: they don't wait behind messages.
      if (frame[0] === COMMAND) take(frame);
      else held.push(frame);
    }
    resume();
  };

  const link = {
    number,

    by(given) {
      port?.close();
      port = given;
      const hear = (type, listener) => given.addEventListener(type, (event) => port === given && listener(event));
      hear('message', heard);
      // What came could not be made again in this thread: there is no data.
      hear('messageerror', heard);
      // Not everywhere is there this event. Then heartbeats tell.
      hear('close', () => heard({ data: END }));
      given.start();
    },

    transmit(flag, body) {
      credit -= sizeOf(body) + FRAME_COST;
      if (batch.length === 0) {
        queueMicrotask(() => {
          flush();
          // The engine counts frames for less.
          if (credit <= 0) core.writable(peer, 0);
        });
      }
      batch.push(flag, handOver(body, buffers));
      if (body !== 0) release(body);
    },

    pause(on) {
      isPaused = on;
      if (!on) queueMicrotask(resume);
    },

    shut() {
      batch.push(...END);
      flush();
      port?.close();
      port = undefined;
    },
  };
  return link;
}

const ears = new WeakMap(); // by port: who hears our messages, by the endpoint that it has bound or the link that it calls for

/** Has `hear` called with what comes by a port with our mark. Gives what ends that. The application does not see these then. */
function hearBy(port, key, hear) {
  let hearers = ears.get(port);
  if (!hearers) {
    hearers = new Map();
    // Node's Worker has no events of the DOM's kind.
    const isTarget = port.addEventListener !== undefined;
    const listener = (event) => {
      const data = isTarget ? event.data : event;
      if (data?.[MARK] === undefined) return;
      event.stopImmediatePropagation?.();
      for (const hear of [...hearers.values()]) hear(data[MARK], data.port);
    };
    ears.set(port, hearers);
    // Who captures is told first.
    port[isTarget ? 'addEventListener' : 'on']('message', listener, true);
    port.start?.();
    hearers.end = () => {
      ears.delete(port);
      port[isTarget ? 'removeEventListener' : 'off']('message', listener, true);
    };
  }
  hearers.set(key, hear);
  return () => hearers.delete(key) && hearers.size === 0 && hearers.end();
}

/** What leads from a worker to who has made it. */
export const own = { port: typeof DedicatedWorkerGlobalScope === 'function' ? globalThis : undefined };

/** A port that leads to another thread: what was given, or a worker's own. */
function portOf(given) {
  const port = given?.port ?? given ?? own.port;
  // A window hears elsewhere.
  if (typeof port?.postMessage !== 'function' || port.window === port || !(port.addEventListener ?? port.on)) {
    throw invalid(`port is a Worker, SharedWorker or MessagePort, not ${describe(given)}`);
  }
  return port;
}

/** Connects by a port. */
function connect(core, number, endpoint, { port }) {
  const link = linkBy(
    core,
    number,
    () => {
      deafen();
      ours.postMessage(WINDOW);
      return core.opened(number, 0, PROTOCOL, endpoint);
    },
    (why) => core.dialFailed(number, why),
  );
  let ours;
  const call = () => {
    const { port1, port2 } = new MessageChannel();
    link.by((ours = port1));
    port.postMessage({ [MARK]: endpoint, port: port2 }, [port2]);
  };
  call();
  const deafen = hearBy(port, number, (name, theirs) => name === endpoint && theirs === undefined && call());
  const { shut } = link;
  link.shut = () => {
    deafen();
    shut();
  };
  return link;
}

connect.check = (options) => ({ port: portOf(checkOptions(options).port) });

/** In a shared worker: the ports of those who use it, and who has bound a name for all of them. */
const clients = new Set();
const hosts = new Set();
const isShared = typeof SharedWorkerGlobalScope === 'function';
if (isShared) {
  addEventListener('connect', ({ ports: [port] }) => {
    clients.add(port);
    port.addEventListener('close', () => clients.delete(port));
    for (const host of hosts) host(port);
  });
}

/** Binds for who calls by one of the ports; in a shared worker, unless some are given, by those of all its clients. */
function listen(endpoint, listening, { port }) {
  const { core } = listening;
  core.check(endpoint);
  const isForAll = isShared && !port;
  const ports = isForAll ? clients : [port].flat().map(portOf);
  const closing = [];
  const host = (port) => {
    const hear = (name, theirs) => {
      if (name !== endpoint || theirs?.start === undefined) return;
      const link = linkBy(core, nextNumber(), () => {
        enter(link);
        return core.accepted(link.number, listening.listener, PROTOCOL, endpoint);
      });
      link.by(theirs);
      theirs.postMessage(WINDOW);
    };
    closing.push(hearBy(port, endpoint, hear));
    port.postMessage({ [MARK]: endpoint });
  };
  for (const port of ports) if (ears.get(port)?.has(endpoint)) throw new ZMQBindError('EADDRINUSE', `${endpoint} is bound`);
  for (const port of ports) host(port);
  if (isForAll) hosts.add(host);
  return {
    endpoint,
    close() {
      hosts.delete(host);
      for (const deafen of closing) deafen();
    },
  };
}

if (typeof MessageChannel === 'function') transports.set('port', { connect, listen });
