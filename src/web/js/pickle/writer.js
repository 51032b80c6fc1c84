// Writes pickles, at each protocol as Python's own pickler does. It never calls itself, so values may be nested
// as deeply as they like, and may contain themselves.

import { describe, invalid } from '../check.js';
import {
  ADDITEMS, APPEND, APPENDS, BINBYTES, BINFLOAT, BINGET, BININT, BININT1, BININT2, BINPUT, BINUNICODE, BYTEARRAY8,
  DICT, EMPTY_DICT, EMPTY_LIST, EMPTY_SET, EMPTY_TUPLE, FLOAT, FROZENSET, GET, GLOBAL, INT, LIST, LONG, LONG1, LONG4,
  LONGEST_DECIMAL, LONG_BINGET, LONG_BINPUT, MARK, MEMOIZE, NEWFALSE, NEWTRUE, NONE, PROTO, PUT, REDUCE, SETITEM, SETITEMS,
  SHORT_BINBYTES, SHORT_BINUNICODE, STACK_GLOBAL, STOP, TUPLE, TUPLE1, UNICODE,
} from './opcodes.js';
import { Zone } from './data.js';
import { Sink } from './sink.js';
import { fromLatin1, toEscaped, toUtf8 } from './text.js';
import { ByteArray, Float, FrozenSet, Plain, TimeDelta, Tuple } from './types.js';

/** Something to be done when what was put on the list behind it is done. A class of its own: no user's value is one. */
class Step {
  constructor(run) {
    this.run = run;
  }
}

export class Writer {
  #protocol;
  #sink = new Sink();
  /** What is still to be written, the next one last: values and steps. */
  #todo = [];
  /** Each object that was written: its place in the reader's memory, and whether Python can hash it. */
  #memo = new Map();
  /** Tuples and frozensets that are begun: they can't contain themselves. */
  #open = new Set();

  constructor(protocol) {
    this.#protocol = protocol;
  }

  write(value) {
    if (this.#protocol >= 2) this.#sink.octets([PROTO, this.#protocol]);
    this.#todo.push(value);
    while (this.#todo.length > 0) {
      const next = this.#todo.pop();
      if (next instanceof Step) next.run();
      else this.#value(next);
    }
    this.#sink.u8(STOP);
    return this.#sink.finish();
  }

  /** What is to be done once everything that is planned after this is done. */
  #after(run) {
    this.#todo.push(new Step(run));
  }

  /** Writes these next, in this order. */
  #next(values) {
    for (let at = values.length - 1; at >= 0; at -= 1) this.#todo.push(values[at]);
  }

  #value(value) {
    switch (typeof value) {
      case 'undefined': return this.#sink.u8(NONE);
      case 'boolean': return this.#bool(value);
      case 'bigint': return this.#int(value);
      case 'string': return this.#text(value);
      case 'number': return Number.isSafeInteger(value) && !Object.is(value, -0) ? this.#int(BigInt(value)) : this.#float(value);
      case 'object': return value === null ? this.#sink.u8(NONE) : this.#object(value);
      default: throw invalid(`${describe(value)} is not data that can be pickled`);
    }
  }

  // ---- Scalars ------------------------------------------------------------------------------------

  #bool(value) {
    if (this.#protocol >= 2) this.#sink.u8(value ? NEWTRUE : NEWFALSE);
    else this.#line(INT, value ? '01' : '00');
  }

  #int(value) {
    const sink = this.#sink;
    const isShort = value >= -0x8000_0000n && value <= 0x7fff_ffffn;
    if (this.#protocol === 0 || (this.#protocol === 1 && !isShort)) return this.#decimal(value, isShort);
    const number = Number(value);
    if (value >= 0n && value <= 0xffn) sink.octets([BININT1, number]);
    else if (value >= 0n && value <= 0xffffn) sink.octets([BININT2, number & 0xff, number >> 8]);
    else if (isShort) sink.u8(BININT).u32(number >>> 0);
    else this.#long(value);
  }

  #decimal(value, isShort) {
    // So many bits have so many digits at least; the text of a longer one would take too long.
    const digits = BigInt.asIntN(LONGEST_DECIMAL * 4, value) === value ? String(value) : undefined;
    if (digits === undefined || digits.replace('-', '').length > LONGEST_DECIMAL) {
      throw invalid(`protocols 0 and 1 have no ints of more than ${LONGEST_DECIMAL} digits`);
    }
    if (isShort) this.#line(INT, digits);
    else this.#line(LONG, `${digits}L`);
  }

  #long(value) {
    // One bit more than the magnitude has, for the sign.
    const bits = (value < 0n ? ~value : value).toString(16).length * 4 + 1;
    let length = Math.ceil(bits / 8);
    if (BigInt.asIntN((length - 1) * 8, value) === value) length -= 1;
    const hex = BigInt.asUintN(length * 8, value).toString(16).padStart(length * 2, '0');
    const octets = new Uint8Array(length);
    for (let at = 0; at < length; at += 1) octets[length - 1 - at] = parseInt(hex.slice(at * 2, at * 2 + 2), 16);
    if (length < 0x100) this.#sink.octets([LONG1, length]);
    else this.#sink.u8(LONG4).u32(length);
    this.#sink.octets(octets);
  }

  #float(value) {
    if (this.#protocol >= 1) this.#sink.u8(BINFLOAT).f64(value);
    else this.#line(FLOAT, Object.is(value, -0) ? '-0.0' : String(value));
  }

  #text(value) {
    if (this.#protocol === 0) return this.#line(UNICODE, toEscaped(value));
    const octets = toUtf8(value);
    if (this.#protocol >= 4 && octets.length < 0x100) this.#sink.octets([SHORT_BINUNICODE, octets.length]);
    else this.#sink.u8(BINUNICODE).u32(octets.length);
    this.#sink.octets(octets);
  }

  /** An opcode, its argument in Latin-1, and the end of the line. */
  #line(code, text) {
    this.#sink.u8(code).latin1(text).u8(0x0a);
  }

  // ---- Objects ------------------------------------------------------------------------------------

  #object(value) {
    const known = this.#memo.get(value);
    if (known !== undefined) return this.#placed(known.place, GET, BINGET, LONG_BINGET);
    if (value instanceof Tuple) return this.#tuple(value);
    if (Array.isArray(value)) return this.#list(value);
    if (value instanceof FrozenSet) return this.#frozenSet(value);
    if (value instanceof Set) return this.#set(value);
    if (value instanceof Map) return this.#dict(value, value);
    if (value instanceof Float) return this.#float(value.valueOf());
    if (value instanceof Date) return this.#date(value);
    if (value instanceof TimeDelta) return this.#timeDelta(value);
    if (value instanceof Plain) return this.#plain(value);
    if (value instanceof ByteArray) return this.#byteArray(value);
    if (value instanceof Zone) return this.#reduce('datetime.timezone', [value.offset], value, true);
    if (ArrayBuffer.isView(value)) return this.#bytes(value, new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof ArrayBuffer) return this.#bytes(value, new Uint8Array(value));
    const prototype = Object.getPrototypeOf(value);
    if (prototype === null || Object.getPrototypeOf(prototype) === null) return this.#dict(value, Object.entries(value));
    throw invalid(`${describe(value)} is not data that can be pickled`);
  }

  /** Remembers an object that was just written. */
  #memoize(value, isHashable) {
    const place = this.#memo.size;
    this.#memo.set(value, { place, isHashable });
    if (this.#protocol >= 4) this.#sink.u8(MEMOIZE);
    else this.#placed(place, PUT, BINPUT, LONG_BINPUT);
  }

  #placed(place, text, short, long) {
    if (this.#protocol === 0) this.#line(text, String(place));
    else if (place < 0x100) this.#sink.octets([short, place]);
    else this.#sink.u8(long).u32(place);
  }

  #tuple(tuple) {
    const { length } = tuple;
    if (length === 0 && this.#protocol >= 1) return this.#sink.u8(EMPTY_TUPLE);
    const isShort = this.#protocol >= 2 && length <= 3;
    if (!isShort) this.#sink.u8(MARK);
    this.#enter(tuple, () => {
      this.#sink.u8(isShort ? TUPLE1 + length - 1 : TUPLE);
      this.#memoize(tuple, tuple.every((item) => this.#isHashable(item)));
    });
    this.#next(tuple);
  }

  /** Begins something that Python makes when it has all that is in it: `run` ends it. */
  #enter(value, run) {
    if (this.#open.has(value)) throw invalid('a Tuple or Set that contains itself can\'t be pickled');
    this.#open.add(value);
    this.#after(() => {
      this.#open.delete(value);
      run();
    });
  }

  #list(list) {
    if (this.#protocol === 0) this.#sink.u8(MARK).u8(LIST);
    else this.#sink.u8(EMPTY_LIST);
    this.#memoize(list, false);
    this.#fill(list, 1, APPEND, APPENDS);
  }

  #dict(object, entries) {
    if (this.#protocol === 0) this.#sink.u8(MARK).u8(DICT);
    else this.#sink.u8(EMPTY_DICT);
    this.#memoize(object, false);
    const keys = Array.from(entries, ([key]) => key);
    this.#after(() => this.#checkKeys(keys));
    this.#fill(Array.from(entries).flat(), 2, SETITEM, SETITEMS);
  }

  #set(set) {
    if (this.#protocol < 4) {
      this.#after(() => this.#checkKeys(set));
      this.#reduce('builtins.set', [[...set]], set, false);
      return;
    }
    this.#sink.u8(EMPTY_SET);
    this.#memoize(set, false);
    this.#after(() => this.#checkKeys(set));
    this.#fill([...set], 1, ADDITEMS, ADDITEMS);
  }

  #frozenSet(set) {
    if (this.#protocol < 4) {
      this.#after(() => this.#checkKeys(set));
      this.#reduce('builtins.frozenset', [[...set]], set, true);
      return;
    }
    this.#sink.u8(MARK);
    this.#enter(set, () => {
      this.#checkKeys(set);
      this.#sink.u8(FROZENSET);
      this.#memoize(set, true);
    });
    this.#next([...set]);
  }

  /** Adds items to the container that was just begun: all at once, or in protocol 0 one (or one pair) after the other. */
  #fill(items, size, single, many) {
    if (items.length === 0) return;
    if (this.#protocol === 0) {
      for (let at = items.length - size; at >= 0; at -= size) {
        this.#after(() => this.#sink.u8(single));
        this.#next(items.slice(at, at + size));
      }
      return;
    }
    this.#sink.u8(MARK);
    this.#after(() => this.#sink.u8(many));
    this.#next(items);
  }

  /** Python would refuse these when it reads them. */
  #checkKeys(keys) {
    for (const key of keys) {
      if (!this.#isHashable(key)) {
        throw invalid(`${describe(key)} can't be a key or an element in Python, which needs something hashable: a Tuple, a FrozenSet`);
      }
    }
  }

  /** Of a value that was written. What is not remembered has no parts. */
  #isHashable(value) {
    return this.#memo.get(value)?.isHashable ?? true;
  }

  // ---- What Python's pickler too writes as a call ----------------------------------------------------

  #reduce(callee, args, value, isHashable) {
    this.#global(callee);
    this.#enter(value, () => {
      this.#sink.u8(REDUCE);
      this.#memoize(value, isHashable);
    });
    this.#todo.push(Tuple.from(args));
  }

  #global(callee) {
    const [module, name] = callee.split('.');
    if (this.#protocol >= 4) {
      this.#text(module);
      this.#text(name);
      this.#sink.u8(STACK_GLOBAL);
    } else {
      // Protocols 0 to 2 are for Python 2 too.
      this.#line(GLOBAL, this.#protocol < 3 && module === 'builtins' ? '__builtin__' : module);
      this.#sink.latin1(name).u8(0x0a);
    }
  }

  #bytes(value, octets) {
    if (this.#protocol < 3) {
      if (octets.length === 0) this.#reduce('builtins.bytes', [], value, true);
      else this.#reduce('_codecs.encode', [fromLatin1(octets), 'latin1'], value, true);
      return;
    }
    if (octets.length < 0x100) this.#sink.u8(SHORT_BINBYTES).u8(octets.length);
    else this.#sink.u8(BINBYTES).u32(octets.length);
    this.#sink.octets(octets);
    this.#memoize(value, true);
  }

  #byteArray(value) {
    if (this.#protocol < 5) {
      const octets = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
      this.#reduce('builtins.bytearray', octets.length === 0 ? [] : [octets], value, false);
      return;
    }
    this.#sink.u8(BYTEARRAY8).u32(value.length).u32(0).octets(value);
    this.#memoize(value, false);
  }

  #timeDelta(value) {
    this.#reduce('datetime.timedelta', [value.days, value.seconds, value.microseconds], value, true);
  }

  #date(value) {
    const date = [value.getUTCFullYear(), value.getUTCMonth() + 1, value.getUTCDate()];
    if (!(date[0] >= 1 && date[0] <= 9999)) throw invalid('a Date outside of the years 1 to 9999 can\'t be pickled');
    const time = [value.getUTCHours(), value.getUTCMinutes(), value.getUTCSeconds(), value.getUTCMilliseconds() * 1000];
    this.#reduce('datetime.datetime', [state(date, time), UTC], value, true);
  }

  #plain(value) {
    const { date, time } = value;
    const kind = date === undefined ? 'time' : time === undefined ? 'date' : 'datetime';
    this.#reduce(`datetime.${kind}`, [state(date, time)], value, true);
  }
}

const UTC = new Zone(new TimeDelta());

/** What Python makes a date, a time or a datetime of. */
function state(date, time) {
  const octets = [];
  if (date !== undefined) octets.push(date[0] >> 8, date[0] & 0xff, date[1], date[2]);
  if (time !== undefined) octets.push(time[0], time[1], time[2], time[3] >> 16, (time[3] >> 8) & 0xff, time[3] & 0xff);
  return Uint8Array.from(octets);
}
