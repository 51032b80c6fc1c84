// The wasm module's way out of the default entry: base64, and below it LZMA1 with three literal context bits, as
// scripts/inline-wasm.mjs packs it. That is a sixth less than gzip makes of the module, and takes some milliseconds.
// Nothing that comes with the platform unpacks at once: DecompressionStream is asynchronous. It runs once, before any
// compiler has seen it, hence a function with variables of its own: with an object's fields it takes twice as long.

// Where the probabilities of each kind of bit begin. The kinds and all numbers below are the format's.
const IS_MATCH = 0, IS_REPEATED = 12, IS_OLDER = 24, IS_THIRD = 36, IS_FOURTH = 48, IS_LONG = 60;
const SLOT = 72, SPECIAL = 328, ALIGN = 443, LENGTH = 459, REPEATED_LENGTH = 733, LITERAL = 1007, COUNT = 7151;

/** No octet. */
const NONE = -1;

/** The octets that were packed, `length` of them. */
export function unpack(text, length) {
  const packed = atob(text);
  let at = 5;
  // Of 32 bits without a sign, kept with one: so they are quick.
  let range = -1;
  let code = 0;
  for (let i = 1; i < at; i += 1) code = (code << 8) | packed.charCodeAt(i);
  const probabilities = new Uint16Array(COUNT).fill(1024);

  const refill = () => {
    range <<= 8;
    code = (code << 8) | packed.charCodeAt(at);
    at += 1;
  };

  /** A bit, under a probability that learns from those before. */
  const bit = (place) => {
    const probability = probabilities[place];
    const bound = Math.imul(range >>> 11, probability);
    const one = code >>> 0 >= bound >>> 0 ? 1 : 0;
    if (one === 1) {
      code = (code - bound) | 0;
      range = (range - bound) | 0;
      probabilities[place] = probability - (probability >> 5);
    } else {
      range = bound;
      probabilities[place] = probability + ((2048 - probability) >> 5);
    }
    if (range >>> 24 === 0) refill();
    return one;
  };

  /** A number, its highest bit first. The probability of each bit is that of those before it. */
  const number = (place, bits) => {
    let node = 1;
    for (let i = 0; i < bits; i += 1) node = node * 2 + bit(place + node);
    return node - (1 << bits);
  };

  /** A number, its lowest bit first. */
  const reversed = (place, bits) => {
    let node = 1;
    let found = 0;
    for (let i = 0; i < bits; i += 1) {
      const one = bit(place + node);
      node = node * 2 + one;
      found += one << i;
    }
    return found;
  };

  /** A number of whose bits nothing is known. */
  const plain = (bits) => {
    let found = 0;
    for (let i = 0; i < bits; i += 1) {
      range >>>= 1;
      const one = code >>> 0 >= range ? 1 : 0;
      if (one === 1) code = (code - range) | 0;
      found = found * 2 + one;
      if (range >>> 24 === 0) refill();
    }
    return found;
  };

  const matchLength = (place) => {
    if (bit(place) === 0) return 2 + number(place + 2, 3);
    return bit(place + 1) === 0 ? 10 + number(place + 10, 3) : 18 + number(place + 18, 8);
  };

  const distance = (matched) => {
    const slot = number(SLOT + 64 * Math.min(matched - 2, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const low = (2 + (slot & 1)) << bits;
    if (slot < 14) return low + reversed(SPECIAL + low - slot, bits);
    return low + plain(bits - 4) * 16 + reversed(ALIGN, 4);
  };

  /** An octet. `other` is the one that a match would have gone on with, if a match was before it. */
  const literal = (before, other) => {
    const place = LITERAL + 0x300 * (before >> 5);
    let node = 1;
    while (other !== NONE && node < 256) {
      const expected = (other >> 7) & 1;
      const one = bit(place + 256 + 256 * expected + node);
      node = node * 2 + one;
      other = one === expected ? other << 1 : NONE;
    }
    while (node < 256) node = node * 2 + bit(place + node);
    return node;
  };

  const out = new Uint8Array(length);
  let end = 0;
  /** What came before: literals, matches and their likes. */
  let state = 0;
  /** How far back the last four matches began, the newest first, each less one. */
  const distances = [0, 0, 0, 0];
  /** Puts one in front of those up to this place. */
  const bring = (newest, place) => {
    for (let i = place; i > 0; i -= 1) distances[i] = distances[i - 1];
    distances[0] = newest;
  };
  const copy = (octets) => {
    const from = distances[0] + 1;
    for (let i = 0; i < octets; i += 1, end += 1) out[end] = out[end - from];
  };
  while (end < length) {
    const afterLiteral = state < 7;
    if (bit(IS_MATCH + state) === 0) {
      out[end] = literal(end > 0 ? out[end - 1] : 0, afterLiteral ? NONE : out[end - distances[0] - 1]);
      end += 1;
      state -= state < 4 ? state : state < 10 ? 3 : 6;
    } else if (bit(IS_REPEATED + state) === 0) {
      const matched = matchLength(LENGTH);
      bring(distance(matched), 3);
      copy(matched);
      state = afterLiteral ? 7 : 10;
    } else {
      const which = bit(IS_OLDER + state) && 1 + (bit(IS_THIRD + state) && 1 + bit(IS_FOURTH + state));
      if (which === 0 && bit(IS_LONG + state) === 0) {
        copy(1);
        state = afterLiteral ? 9 : 11;
      } else {
        bring(distances[which], which);
        copy(matchLength(REPEATED_LENGTH));
        state = afterLiteral ? 8 : 11;
      }
    }
  }
  return out;
}
