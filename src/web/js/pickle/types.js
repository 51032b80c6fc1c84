// What Python has and JavaScript lacks: types that a value keeps on its way through a page and back.

import { describe, invalid } from '../check.js';
import { isoText, parseIso } from './iso.js';

/** Python's tuple. */
export class Tuple extends Array {}

/** Python's frozenset. */
export class FrozenSet extends Set {}

/** Python's bytearray; a Uint8Array that is none of these is bytes. */
export class ByteArray extends Uint8Array {}

/** A number that is sent as a float, even where it is integral. */
export class Float {
  #value;

  constructor(value) {
    if (typeof value !== 'number') throw invalid(`a Float is made of a number, not ${describe(value)}`);
    this.#value = value;
  }

  valueOf() {
    return this.#value;
  }
}

/** Python's timedelta, brought to 0 <= seconds < 86,400 and 0 <= microseconds < 1,000,000 as Python does. */
export class TimeDelta {
  constructor(days = 0, seconds = 0, microseconds = 0) {
    if (![days, seconds, microseconds].every(Number.isSafeInteger)) {
      throw invalid('a TimeDelta is made of whole days, seconds and microseconds');
    }
    const carry = Math.floor(microseconds / 1e6);
    this.days = days + Math.floor((seconds + carry) / 86_400);
    this.seconds = modulo(seconds + carry, 86_400);
    this.microseconds = modulo(microseconds, 1e6);
    if (Math.abs(this.days) > 999_999_999) throw invalid(`a TimeDelta can't have ${this.days} days`);
    Object.freeze(this);
  }

  get milliseconds() {
    return (this.days * 86_400 + this.seconds) * 1000 + this.microseconds / 1000;
  }
}

/** Python's date, time or datetime, each without a zone: its ISO 8601 text. */
export class Plain {
  #date;
  #time;

  constructor(iso) {
    const { date, time } = (typeof iso === 'string' && parseIso(iso)) || {};
    if (date === undefined && time === undefined) {
      throw invalid(`a Plain is made of a date, a time, or both with a T between, not of ${describe(iso)}`);
    }
    this.#date = date;
    this.#time = time;
  }

  /** [year, month, day], where it has a date. */
  get date() {
    return this.#date?.slice();
  }

  /** [hour, minute, second, microsecond], where it has a time. */
  get time() {
    return this.#time?.slice();
  }

  toString() {
    return isoText(this.#date, this.#time);
  }

  toJSON() {
    return this.toString();
  }
}

function modulo(number, divisor) {
  return ((number % divisor) + divisor) % divisor;
}
