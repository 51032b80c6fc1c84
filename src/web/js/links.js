// Connections, which wasm knows by numbers, and the transports that make them.
//
// A link has `transmit(flag, body)`, which takes over one reference to the body, and `shut()`, which lets out what was
// handed over before and ends the connection; nothing more is heard of it then; and, where the transport can stop reading
// and go on, `pause(on)`. In its turn it tells its socket's core:
// `opened` or `accepted`, and then what comes; or `dialFailed`; and `lost` when it ends by itself. It never does so while
// one of these functions runs, for it is the core that calls them.

import { release, valueOf } from './bodies.js';
import { ZMQError } from './errors.js';
import { coreOf } from './sockets.js';
import { heard, text } from './words.js';

const links = new Map(); // by number
let lastLink = 0;

/** What `opened` and `accepted` give in place of a peer's number when the connection is not wanted. */
export const NO_PEER = -1;

/**
 * What this entry of the package brings along, by scheme: `connect(core, number, url, options)` begins to dial and gives a
 * link (its property `check`, if there is one, makes the options from what connect() was given), `listen(endpoint, port,
 * options)` is bind(); of 'ws', `accept(port, webSocket, options)` and `upgrade(port, request, server)` are what Socket has by
 * these names. See listening.js.
 */
export const transports = new Map();

/** Schemes that some entry has a transport for. Of all others, wasm knows. */
const SCHEMES = ['ws', 'wss', 'tcp', 'ipc', 'port'];

/** What to do instead, where there is no transport. */
const ADVICE = {
  connect: 'let the service bind ws:// too, or a proxy before it',
  listen: 'let the other side bind, and connect to it',
};

/** The function `connect` or `listen` of an endpoint's transport. None for inproc, and where wasm knows what is wrong. */
export function transportOf(core, endpoint, deed) {
  const scheme = schemeOf(endpoint);
  const found = transports.get(scheme)?.[deed];
  if (found !== undefined || !SCHEMES.includes(scheme)) return found;
  core.check(endpoint);
  const can = `this runtime can ${deed === 'listen' ? 'bind' : deed} ${schemesFor(deed).join(', ')} only: ${ADVICE[deed]}`;
  throw new ZMQError('EPROTONOSUPPORT', `${endpoint}: ${can}`);
}

/** What can be connected to, or bound. */
export function schemesFor(deed) {
  return [...[...transports.keys()].filter((scheme) => transports.get(scheme)[deed]), 'inproc'];
}

function schemeOf(endpoint) {
  return endpoint.slice(0, Math.max(endpoint.indexOf(':'), 0));
}

/** A number for a link. */
export function nextNumber() {
  return (lastLink += 1);
}

/** Makes a link known to wasm, before it is told of it. */
export function enter(link) {
  links.set(link.number, link);
}

/** A link has ended. Tells whether it was there until now. */
export function leave(link) {
  return links.delete(link.number);
}

/** Ends those links that would go on while the program stands still. */
export function desertAll(detail) {
  for (const link of [...links.values()]) link.desert?.(detail);
}

/** The link with this number, if it is there. */
export function linkOf(number) {
  return links.get(number);
}

export function open(socket, options) {
  const url = text(heard()[0]);
  const core = coreOf(socket);
  const number = nextNumber();
  try {
    enter(transports.get(schemeOf(url)).connect(core, number, url, options === 0 ? {} : valueOf(options)));
  } catch (error) {
    queueMicrotask(() => core.dialFailed(number, String(error)));
  }
  return number;
}

export function transmit(number, flag, body) {
  const link = links.get(number);
  if (link !== undefined) link.transmit(flag, body);
  else if (body !== 0) release(body);
}

/** Where a transport can't be told to wait, more comes than is wanted. */
export function pause(number, on) {
  links.get(number)?.pause?.(on);
}

/** Whether a link's WebSocket sends PINGs and tells of PONGs: servers' do. */
export function canPing(number) {
  const { webSocket } = links.get(number);
  return typeof webSocket?.ping === 'function' && typeof webSocket.on === 'function';
}

export function ping(number) {
  links.get(number)?.webSocket.ping();
}

export function shut(number) {
  const link = links.get(number);
  if (link === undefined) return;
  links.delete(number);
  link.shut();
}
