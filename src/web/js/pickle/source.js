// A pickle's octets, taken one item after the other. No length in it is believed beyond the octets there are.

import { invalid } from '../check.js';
import { LONGEST_DECIMAL } from './opcodes.js';
import { fromLatin1 } from './text.js';

const HEX = '0123456789abcdef';

export class Source {
  #octets;
  #view;
  #at = 0;

  constructor(octets) {
    this.#octets = octets;
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  /** How many octets were taken. */
  get position() {
    return this.#at;
  }

  /** Checks that so many octets are left. */
  check(length) {
    if (length > this.#octets.length - this.#at) throw invalid('the pickle is cut short');
  }

  #skip(length) {
    this.check(length);
    const begin = this.#at;
    this.#at += length;
    return begin;
  }

  u8() {
    return this.#octets[this.#skip(1)];
  }

  u16() {
    return this.#view.getUint16(this.#skip(2), true);
  }

  u32() {
    return this.#view.getUint32(this.#skip(4), true);
  }

  i32() {
    return this.#view.getInt32(this.#skip(4), true);
  }

  /** A length; one that is too large to be exact is too large all the same. */
  u64() {
    return Number(this.#view.getBigUint64(this.#skip(8), true));
  }

  f64() {
    return this.#view.getFloat64(this.#skip(8));
  }

  /** A copy: what a message gives away must not hold the whole message. */
  bytes(length) {
    const begin = this.#skip(length);
    return this.#octets.slice(begin, this.#at);
  }

  /** What is left of the line, one character for each octet. */
  line() {
    const begin = this.#at;
    const end = this.#octets.indexOf(0x0a, begin);
    this.#skip(end < 0 ? Infinity : end + 1 - begin);
    return fromLatin1(this.#octets.subarray(begin, end));
  }

  /** Protocols 0 and 1 have bools as ints of two digits. */
  boolOrInt() {
    const line = this.line();
    return /^0[01]$/.test(line) ? line === '01' : this.int(line);
  }

  int(line = this.line()) {
    const [, digits] = /^\s*([+-]?\d+)L?\s*$/.exec(line) ?? [];
    if (digits === undefined) throw invalid('the pickle has an int that is no number');
    if (digits.length > LONGEST_DECIMAL) throw invalid(`the pickle has an int of more than ${LONGEST_DECIMAL} digits`);
    return exact(BigInt(digits));
  }

  /** An int in two's complement, little-endian. */
  long(length) {
    if (length < 0) throw invalid('the pickle has an int of negative length');
    if (length === 0) return 0;
    const begin = this.#skip(length);
    // As octets, so that a long int takes no more than twice its length on the way.
    const digits = new Uint8Array(length * 2);
    for (let at = 0; at < length; at += 1) {
      const octet = this.#octets[begin + length - 1 - at];
      digits[at * 2] = HEX.charCodeAt(octet >> 4);
      digits[at * 2 + 1] = HEX.charCodeAt(octet & 15);
    }
    const hex = fromLatin1(digits);
    return exact(BigInt.asIntN(length * 8, BigInt(`0x${hex}`)));
  }

  float() {
    const line = this.line().trim().toLowerCase();
    const [, sign, word] = /^([+-]?)(inf|infinity|nan)$/.exec(line) ?? [];
    if (word !== undefined) return word === 'nan' ? NaN : Number(`${sign}Infinity`);
    if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/.test(line)) throw invalid('the pickle has a float that is no number');
    return Number(line);
  }
}

/** A number where that can hold the int exactly. */
function exact(int) {
  const number = Number(int);
  return Number.isSafeInteger(number) ? number : int;
}
