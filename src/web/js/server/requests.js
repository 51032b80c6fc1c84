// Requests for a WebSocket, whichever server they come to.

import { ZMQError } from '../errors.js';
import { IPV6 } from '../numbers.js';
import { choose, spoken } from '../security/sub_protocols.js';

/** Whether a request, whose headers `header` gives by their names, is let in at a port: `{ protocol }`, or `{ status, reason }`. */
export function judge(port, header) {
  if (!/(^|[\s,])websocket([\s,]|$)/i.test(header('upgrade') ?? '')) {
    return { status: 426, reason: 'this is a ZeroMQ socket: ask for a WebSocket with the sub-protocol ZWS2.0' };
  }
  const offered = header('sec-websocket-protocol') ?? 'none';
  const protocol = choose(port, offered);
  if (protocol !== undefined) return { protocol };
  return { status: 400, reason: `of the sub-protocols offered (${offered}) none is known here: ${spoken(port).names}` };
}

/** What tells a client that it is not let in. */
export const refusalHeaders = { 'Content-Type': 'text/plain; charset=utf-8', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' };

/** The same as a Response; the socket hears of it too. */
export function refuse(port, status, reason) {
  port.refused(reason);
  return new Response(`${reason}\n`, { status, headers: refusalHeaders });
}

/** Answers a Request: by `start(protocol, headers)`, which makes it a WebSocket, or by the reason why not. */
export function answer(port, request, start) {
  if (typeof request?.headers?.get !== 'function') throw new ZMQError('EINVAL', "upgrade() takes the server's Request");
  const { protocol, status, reason } = judge(port, (name) => request.headers.get(name));
  if (protocol === undefined) return refuse(port, status, reason);
  return start(protocol, { 'Sec-WebSocket-Protocol': protocol });
}

/** The same for a socket that is bound to a path. */
export function answerAt(path, port, request, upgrade) {
  const { pathname, search } = new URL(request.url);
  const asked = pathname + search;
  return reaches(path, asked) ? upgrade() : refuse(port, 404, nobodyAt(asked));
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
