// The few classes and functions that Python's own pickler names for plain data, and what stands for each.

import { invalid } from '../check.js';
import { isoText } from './iso.js';
import { toLatin1 } from './text.js';
import { ByteArray, FrozenSet, Plain, TimeDelta, Tuple } from './types.js';

/** A name that a pickle has loaded. It is no value: only REDUCE does something with it. */
export class Name {
  constructor(name, make) {
    this.name = name;
    this.make = make;
  }
}

/** Python's timezone: no value either, only a part of a datetime. */
export class Zone {
  constructor(offset) {
    this.offset = offset;
  }
}

export function refuse(name) {
  const short = name.length > 100 ? `${name.slice(0, 100)}…` : name;
  return invalid(`the pickle names ${short}, which is not data`);
}

/** What `name` stands for. Nothing is ever looked up outside of this table. */
export function named(name) {
  // Protocols 0 to 2 use Python 2's name of the module.
  const make = MAKERS.get(name.replace(/^__builtin__\./, 'builtins.'));
  if (make === undefined) throw refuse(name);
  return new Name(name, make);
}

const MAKERS = new Map([
  ['_codecs.encode', encoded],
  ['builtins.bytes', (args) => (args.length === 0 ? new Uint8Array(0) : undefined)],
  ['builtins.bytearray', byteArray],
  ['builtins.set', ([items]) => setOf(Set, items)],
  ['builtins.frozenset', ([items]) => setOf(FrozenSet, items)],
  ['datetime.timedelta', timeDelta],
  ['datetime.timezone', ([offset]) => (offset instanceof TimeDelta ? new Zone(offset) : undefined)],
  ['datetime.date', ([state]) => (isState(state, 4) ? new Plain(isoText(dateOf(state))) : undefined)],
  ['datetime.time', time],
  ['datetime.datetime', dateTime],
]);

/** Bytes as protocols 0 to 2 have them: text, and the name of the encoding. */
function encoded([text, encoding]) {
  return typeof text === 'string' && ['latin1', 'latin-1'].includes(encoding) ? toLatin1(text) : undefined;
}

function byteArray(args) {
  if (args.length === 0) return new ByteArray(0);
  const octets = args[0] instanceof Uint8Array ? args[0] : encoded(args);
  return octets && new ByteArray(octets);
}

function setOf(Type, items) {
  return Array.isArray(items) ? addTo(new Type(), items) : undefined;
}

/** Adds what Python would: it refuses elements that can change. */
export function addTo(set, items) {
  for (const item of items) set.add(checkKey(item));
  return set;
}

/** A value that may be a key or an element of a set, as far as it shows without looking into it. */
export function checkKey(value) {
  if (isChangeable(value)) throw invalid('the pickle has a list, dict, set or bytearray where Python needs something hashable');
  return value;
}

/** What a value was made as. The class of [] is another than Array where globals are shared, as Next.js has it at the edge. */
export function typeOf(value) {
  return Array.isArray(value) && !(value instanceof Tuple) ? Array : value?.constructor;
}

/** True for Python's list, dict, set and bytearray, as they are made here. */
function isChangeable(value) {
  return [Array, Map, Set, ByteArray].includes(typeOf(value));
}

function timeDelta(parts) {
  return parts.length === 3 && parts.every(Number.isSafeInteger) ? new TimeDelta(...parts) : undefined;
}

function time(args) {
  const [state] = args;
  if (!isState(state, 6)) return undefined;
  if (args.length > 1) throw invalid('the pickle has a time with a zone; only datetimes can have one');
  return new Plain(isoText(undefined, timeOf(state)));
}

function dateTime(args) {
  const [state, zone] = args;
  if (!isState(state, 10)) return undefined;
  const date = dateOf(state);
  const time = timeOf(state.subarray(4));
  // Both check that there is such a day.
  const plain = new Plain(isoText(date, time));
  if (args.length === 1) return plain;
  if (!(zone instanceof Zone)) return undefined;
  const instant = new Date(0);
  instant.setUTCFullYear(date[0], date[1] - 1, date[2]);
  instant.setUTCHours(...time.slice(0, 3));
  // What is left below a millisecond has no place in a Date.
  const microseconds = time[3] - zone.offset.microseconds;
  const seconds = zone.offset.days * 86_400 + zone.offset.seconds;
  return new Date(instant.getTime() - seconds * 1000 + Math.floor(microseconds / 1000));
}

const isState = (state, length) => state instanceof Uint8Array && state.length === length;

/** The month's highest bit is Python's `fold`. */
const dateOf = (state) => [(state[0] << 8) | state[1], state[2] & 0x7f, state[3]];
const timeOf = ([hour, minute, second, high, middle, low]) => [
  hour & 0x7f, minute, second, (high << 16) | (middle << 8) | low,
];
