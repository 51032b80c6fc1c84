// What wasm does with byte streams. It reads their chunks, which stay here as bodies, has the frames' own bodies cut out of
// them, and writes frames, of which it gives the header. Its numbers come as signed ones: what may be large is made unsigned.

import { put, release, replace, viewOf } from '../bodies.js';
import { linkOf } from '../links.js';

/** Up to this many octets are copied: that is as quick as a view, and keeps no chunk alive. */
const SHORT = 64;
/** How far ahead of its octets the length of a frame is believed. */
const TRUST = 1 << 16;

/** A body of so many octets from `at` of a chunk on. */
export function cut(chunk, at, length) {
  const octets = viewOf(chunk);
  return put(length > SHORT ? octets.subarray(at, at + length) : octets.slice(at, at + length), 0);
}

/** A body that is to have so many octets. */
export function begin(length) {
  return put(new Uint8Array(Math.min(length >>> 0, TRUST)), 0);
}

/** Puts octets of a chunk behind the `filled` ones of a body that was begun: it grows with what has come. */
export function append(body, filled, length, chunk, at, count) {
  let octets = viewOf(body);
  const needed = filled + count;
  if (needed > octets.length) {
    const larger = new Uint8Array(Math.min(length >>> 0, Math.max(needed, 2 * octets.length)));
    larger.set(octets.subarray(0, filled));
    octets = larger;
    replace(body, octets);
  }
  octets.set(viewOf(chunk).subarray(at, at + count), filled);
}

export function write(number, size, first, second, third, body) {
  const link = linkOf(number);
  if (link !== undefined) return link.write(size, first, second, third, body);
  if (body !== 0) release(body);
  return false;
}

export function finish(number, patience) {
  linkOf(number)?.finish(patience);
}
