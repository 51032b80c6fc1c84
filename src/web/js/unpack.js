// The wasm module's way out of the default entry: base64, and below it LZMA1 with three literal context bits, as
// scripts/inline-wasm.mjs packs it. That is a sixth less than gzip makes of the module, and takes some milliseconds.
// Nothing that comes with the platform unpacks at once: DecompressionStream is asynchronous.

// Where the probabilities of each kind of bit begin. The kinds and all numbers below are the format's.
const IS_MATCH = 0, IS_REPEATED = 12, IS_OLDER = 24, IS_THIRD = 36, IS_FOURTH = 48, IS_LONG = 60;
const SLOT = 72, SPECIAL = 328, ALIGN = 443, LENGTH = 459, REPEATED_LENGTH = 733, LITERAL = 1007, COUNT = 7151;

/** Bits, each under a probability that learns from those before. */
class Bits {
  #packed;
  #at = 5;
  #probabilities = new Uint16Array(COUNT).fill(1024);
  // Of 32 bits without a sign, kept with one: so they are quick.
  #range = -1;
  #code;

  constructor(packed) {
    this.#packed = packed;
    this.#code = new DataView(packed.buffer).getInt32(1);
  }

  /** Divides the range: whether the code lies in the upper part. */
  #split(bound) {
    const one = this.#code >>> 0 >= bound >>> 0 ? 1 : 0;
    if (one === 1) {
      this.#code = (this.#code - bound) | 0;
      this.#range = (this.#range - bound) | 0;
    } else {
      this.#range = bound;
    }
    if (this.#range >>> 24 === 0) {
      this.#range <<= 8;
      this.#code = (this.#code << 8) | this.#packed[this.#at++];
    }
    return one;
  }

  bit(place) {
    const probability = this.#probabilities[place];
    const one = this.#split(Math.imul(this.#range >>> 11, probability));
    this.#probabilities[place] += one === 1 ? 0 - (probability >> 5) : (2048 - probability) >> 5;
    return one;
  }

  /** A number, its highest bit first. The probability of each bit is that of those before it. */
  number(place, bits) {
    let node = 1;
    for (let i = 0; i < bits; i += 1) node = node * 2 + this.bit(place + node);
    return node - (1 << bits);
  }

  /** A number, its lowest bit first. */
  reversed(place, bits) {
    let [node, number] = [1, 0];
    for (let i = 0; i < bits; i += 1) {
      const one = this.bit(place + node);
      node = node * 2 + one;
      number += one << i;
    }
    return number;
  }

  /** A number of whose bits nothing is known. */
  plain(bits) {
    let number = 0;
    for (let i = 0; i < bits; i += 1) {
      const half = this.#range >>> 1;
      this.#range = half * 2;
      number = number * 2 + this.#split(half);
    }
    return number;
  }

  matchLength(place) {
    if (this.bit(place) === 0) return 2 + this.number(place + 2, 3);
    return this.bit(place + 1) === 0 ? 10 + this.number(place + 10, 3) : 18 + this.number(place + 18, 8);
  }

  distance(matched) {
    const slot = this.number(SLOT + 64 * Math.min(matched - 2, 3), 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const low = (2 + (slot & 1)) << bits;
    if (slot < 14) return low + this.reversed(SPECIAL + low - slot, bits);
    return low + this.plain(bits - 4) * 16 + this.reversed(ALIGN, 4);
  }

  /** An octet. `other` is the one that a match would have gone on with, if a match was before it. */
  literal(before, other) {
    const place = LITERAL + 0x300 * (before >> 5);
    let node = 1;
    while (other !== undefined && node < 256) {
      const expected = (other >> 7) & 1;
      const one = this.bit(place + 256 + 256 * expected + node);
      node = node * 2 + one;
      other = one === expected ? other << 1 : undefined;
    }
    while (node < 256) node = node * 2 + this.bit(place + node);
    return node;
  }
}

/** The octets that were packed, `length` of them. */
export function unpack(text, length) {
  const bits = new Bits(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
  const out = new Uint8Array(length);
  let end = 0;
  /** What came before: literals, matches and their likes. */
  let state = 0;
  /** How far back the last four matches began, the newest first, each less one. */
  const distances = [0, 0, 0, 0];
  const copy = (octets) => {
    const from = distances[0] + 1;
    for (let i = 0; i < octets; i += 1, end += 1) out[end] = out[end - from];
  };
  while (end < length) {
    const afterLiteral = state < 7;
    if (bits.bit(IS_MATCH + state) === 0) {
      out[end] = bits.literal(end > 0 ? out[end - 1] : 0, afterLiteral ? undefined : out[end - distances[0] - 1]);
      end += 1;
      state -= state < 4 ? state : state < 10 ? 3 : 6;
    } else if (bits.bit(IS_REPEATED + state) === 0) {
      const matched = bits.matchLength(LENGTH);
      distances.unshift(bits.distance(matched));
      distances.pop();
      copy(matched);
      state = afterLiteral ? 7 : 10;
    } else {
      const which = bits.bit(IS_OLDER + state) && 1 + (bits.bit(IS_THIRD + state) && 1 + bits.bit(IS_FOURTH + state));
      if (which === 0 && bits.bit(IS_LONG + state) === 0) {
        copy(1);
        state = afterLiteral ? 9 : 11;
      } else {
        distances.unshift(...distances.splice(which, 1));
        copy(bits.matchLength(REPEATED_LENGTH));
        state = afterLiteral ? 8 : 11;
      }
    }
  }
  return out;
}
