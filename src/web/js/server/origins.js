// Which pages may connect: the rule about the header Origin, by which browsers tell where a page is from. A browser lets any page
// open a WebSocket anywhere, its user's own machine included, and sends the cookies of that host along. The same in Rust, with
// the reasons: src/native/http/origin.rs.

import { describe, invalid } from '../check.js';

/** A host, or with its scheme and port a whole origin. */
const ENTRY = /^(?:[a-z][a-z\d+.-]*:\/\/[^/?#@, *]+|\[[\da-f:.]+\]|[^:/?#@, *]+)$/i;

/** Checks what a user lists. */
export function checkOrigins(origins = []) {
  const list = typeof origins === 'string' ? [origins] : origins;
  if (typeof list?.[Symbol.iterator] !== 'function') throw invalid(`origins are a list, not ${describe(origins)}`);
  return new Set(Array.from(list, checkOrigin));
}

function checkOrigin(origin) {
  const isOne = ['*', 'null', 'file://'].includes(origin) || (typeof origin === 'string' && ENTRY.test(origin));
  if (!isOne) throw invalid(`an origin is written as https://app.example, app.example (for any scheme and port), null, or *, not ${describe(origin)}`);
  return origin.toLowerCase();
}

/** Why a request with these headers, from this address, is refused; undefined if it is not. */
export function refuseOrigin(listed, origin, host, peerAddress) {
  if (origin === undefined || origin === null || listed.has('*')) return undefined;
  const theirs = origin.trim().toLowerCase();
  if (listed.has(theirs)) return undefined;
  const [, authority] = /^[^:]+:\/\/(.+)$/.exec(theirs) ?? [];
  const [page, here] = [authority, host?.toLowerCase()].map((name) => name && nameOf(name));
  if (page && (listed.has(page) || listed.has(`[${page}]`))) return undefined;
  // Of a name that its owner has lead here, a page would be of the same host (DNS rebinding).
  const isSame = isLoopback(nameOf(peerAddress)) ? isLoopback(page) && isLoopback(here) : page === here;
  return page && isSame ? undefined : `pages of ${theirs} may not connect to ${host || 'no host'}: their origin is not listed here`;
}

/** A host without its port. */
export function nameOf(authority) {
  const [, bracketed, name] = /^(?:\[(.*)\]|([^:]*))(?::\d*)?$/.exec(authority) ?? [];
  return bracketed ?? name ?? authority;
}

export function isLoopback(name) {
  return /^(?:(?:::ffff:)?127\.\d+\.\d+\.\d+|::1|(?:.*\.)?localhost)$/.test(name ?? '');
}
