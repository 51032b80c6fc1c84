// Text and octets on their way to wasm and back.

import { make } from './bodies.js';

let said = [];

/** Octets that belong to what wasm calls, or gives, next. */
export function say(octets) {
  said.push(octets.slice());
}

/** What was said. */
export function heard() {
  const all = said;
  said = [];
  return all;
}

/** Names and values in turn. */
export function fromPairs(pairs) {
  const object = {};
  for (let at = 0; at < pairs.length; at += 2) object[text(pairs[at])] = text(pairs[at + 1]);
  return object;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Octets as text, for people to read: what is no UTF-8 is replaced. */
export function text(octets) {
  return decoder.decode(octets);
}

/** Text on its way to wasm: a body and its length. */
export function words(string) {
  return handed(encoder.encode(string));
}

/** Octets on their way to wasm: a body and its length. */
export function handed(octets) {
  return [make(octets), octets.length];
}
