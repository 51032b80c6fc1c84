// The wasm module as text that JavaScript can carry: sorted, packed by LZMA, and the bits of that as characters.
// src/web/js/unpack.js is the way back.
import { execFileSync } from 'node:child_process';
import { split } from './split-wasm.mjs';

/** What `unpack` takes: the text, and how long it is before it is joined. */
export function pack(module) {
  const input = split(module);
  const lzma = ['--format=raw', '--lzma1=preset=9e,lc=1,lp=0,pb=0', '--stdout'];
  return { text: characters(execFileSync('xz', lzma, { input, maxBuffer: 2 ** 30 })), length: input.length };
}

/** The characters from # up to ~, without the backslash: none that a string must escape. */
const ALPHABET = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i)).filter((character) => character !== '\\');
/** How many of them take 6 bits; the others take 7. So they are all that 7 bits can be, and gzip can take them for no less. */
const SHORT = 128 - ALPHABET.length;

/** Octets as text. gzip makes of it what the octets were, and not a thirtieth more as of base64, where it finds likes. */
function characters(octets) {
  const bits = Array.from(octets, (octet) => octet.toString(2).padStart(8, '0')).join('').concat('0000000');
  let text = '';
  for (let at = 0; at < octets.length * 8;) {
    const seven = Number.parseInt(bits.slice(at, at + 7), 2);
    const isShort = seven >> 1 < SHORT;
    text += ALPHABET[isShort ? seven >> 1 : seven - SHORT];
    at += isShort ? 6 : 7;
  }
  return text;
}
