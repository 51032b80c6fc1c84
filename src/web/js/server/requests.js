// Requests for a WebSocket, whichever server they come to.

import { checkOptions } from '../check.js';
import { ZMQError } from '../errors.js';
import { IPV6 } from '../numbers.js';
import { choose, spoken } from '../security/sub_protocols.js';
import { checkOrigins, nameOf, refuseOrigin } from './origins.js';

/**
 * Whether a request from this address, whose headers `header` gives by their names, is let in at a port: `{ protocol }`, or
 * `{ status, reason }`.
 */
export function judge(port, header, peerAddress, origins) {
  if (!/(^|[\s,])websocket([\s,]|$)/i.test(header('upgrade') ?? '')) {
    return { status: 426, reason: 'this is a ZeroMQ socket: ask for a WebSocket with the sub-protocol ZWS2.0' };
  }
  const offered = header('sec-websocket-protocol') ?? 'none';
  const protocol = choose(port, offered);
  if (protocol === undefined) {
    return { status: 400, reason: `of the sub-protocols offered (${offered}) none is known here: ${spoken(port).names}` };
  }
  const reason = refuseOrigin(origins, header('origin'), header('host'), peerAddress);
  return reason === undefined ? { protocol } : { status: 403, reason };
}

/** What tells a client that it is not let in. */
const refusalHeaders = { 'Content-Type': 'text/plain; charset=utf-8', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };

/** The same as a Response; the socket hears of it too. */
export function refuse(port, status, reason) {
  port.refused(reason);
  return new Response(`${reason}\n`, { status, headers: refusalHeaders });
}

const headerOf = (request) => (name) => request.headers.get(name);

/** Answers a Request: by `start(protocol, headers)`, which makes it a WebSocket, or by the reason why not. */
export function answer(port, request, peerAddress, options, start) {
  if (typeof request?.headers?.get !== 'function') throw new ZMQError('EINVAL', "upgrade() takes the server's Request");
  const verdict = judge(port, headerOf(request), peerAddress, checkOrigins(checkOptions(options).origins));
  return carryOut(port, verdict, start);
}

/** The same for a socket that is bound to a path, and whose application may have a word in it. */
export async function answerAt(path, port, request, peerAddress, start) {
  const { pathname, search } = new URL(request.url);
  const asked = pathname + search;
  if (!reaches(path, asked)) return refuse(port, 404, nobodyAt(asked));
  const { admission } = port;
  const verdict = judge(port, headerOf(request), peerAddress, admission.origins);
  const refusal = verdict.protocol === undefined ? undefined : await admission.authorize(() => request, peerAddress);
  const full = admission.against(nameOf(peerAddress));
  if (full !== undefined) return refuse(port, 503, full);
  return refusal ?? carryOut(port, verdict, start);
}

function carryOut(port, { protocol, status, reason }, start) {
  return protocol === undefined ? refuse(port, status, reason) : start(protocol, { 'Sec-WebSocket-Protocol': protocol });
}

export const nobodyAt = (asked) => `no socket is bound to ${asked}`;

/** Whether who asks for this path means the one bound: libzmq's clients ask for no more than the last segment. */
export function reaches(path, asked) {
  const names = [path, path.slice(path.lastIndexOf('/'))];
  return path === '/' || names.includes(asked) || names.includes(asked.split('?')[0]);
}

/** Where a ws:// endpoint, which is sound, says that one shall listen. */
export function toBind(port, endpoint) {
  // Requests may come when the socket is closed.
  spoken(port);
  const [, name, number = '80', rest] = /^ws:\/\/(\[[^\]]*\]|[^:/?]+)(?::([^/?]*))?(.*)$/.exec(endpoint);
  const anywhere = port.core.get(IPV6) ? '::' : '0.0.0.0';
  const hostname = name === '*' ? anywhere : name.replace(/^\[|\]$/g, '');
  return { hostname, port: number === '*' ? 0 : Number(number), path: rest.startsWith('/') ? rest : `/${rest}` };
}

/** An address and a port, as endpoints have them. */
export function addressOf(hostname, port) {
  return `${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`;
}
