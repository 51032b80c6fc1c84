// What the wasm module imports, by the names that src/web/host.rs has for it. It hands over octets as their place in its
// memory and their number; to who is called they are a view, which holds until wasm is called again.

import { memory } from '#module';
import { make as makeBody, read as readBody } from './bodies.js';
import { fail as failWith } from './errors.js';
import { pause as pauseLink } from './links.js';
import { say as sayOctets } from './words.js';

export { release, retain } from './bodies.js';
export { canPing, open, ping, shut, transmit } from './links.js';
export { emit, finished, now, ready, setTimer } from './sockets.js';

export const octets = (at, length) => new Uint8Array(memory.buffer, at, length);

export const read = (body, from, at, length) => readBody(body, from, octets(at, length));
export const make = (at, length) => makeBody(octets(at, length));
export const say = (at, length) => sayOctets(octets(at, length));
export const fail = (errno, at, length) => failWith(errno, octets(at, length));
export const pause = (link, on) => pauseLink(link, on !== 0);
