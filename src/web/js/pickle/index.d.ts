// Python's pickles, data only: the module that Socket.sendPyobj() and recvPyobj() load when they are first called.
//
//   import { dumps, loads, Tuple } from 'zmq-wasm/pickle';
//
// What Python has, and what it is here:
//
//   None                          null; undefined is sent as None
//   bool                          boolean
//   int                           number, or bigint where a number can't hold it exactly
//   float                         number. A number is sent as int if it is a safe integer, and as float otherwise: so
//                                 2.0 arrives as 2 and goes back as the int 2, unless it is sent as new Float(2)
//   str                           string, with lone surrogates too
//   bytes, bytearray              Uint8Array, ByteArray; an ArrayBuffer or any other view is sent as bytes
//   list, tuple                   Array, Tuple
//   dict                          an object when all keys are str (also when there are none), otherwise a Map
//   set, frozenset                Set, FrozenSet
//   datetime with a time zone     Date: the same instant, in UTC, to the millisecond; what is below is cut off
//   date, time, naive datetime    Plain: its ISO 8601 text; Python's `fold` is not kept
//   timedelta                     TimeDelta
//
// An object's keys are its own properties, `__proto__` too, and it has JavaScript's order: numbers first. Maps and
// Sets compare as JavaScript does: Tuples, FrozenSets, bytes and dates are found by identity only, and what is equal in
// Python (1, 1.0, True) becomes one key there. A value that several refer to stays one, and lists and dicts may contain
// themselves. There is no limit to depth. Subclasses of these, and all else, are not data.

/**
 * Python's tuple. It works as the Array that it is.
 * @example
 * await socket.sendPyobj(Tuple.of('oslo', -3.5));   // ('oslo', -3.5)
 */
export class Tuple<T = unknown> extends Array<T> {
  /**
   * A tuple of these, of whatever kinds.
   * @example
   * const tuple = Tuple.of('oslo', -3.5);
   */
  static of<T extends unknown[]>(...items: T): Tuple<T[number]>;
}

/**
 * Python's frozenset. Python can use it, like a Tuple and other than a Set, as a key or as an element of a set.
 * @example
 * await socket.sendPyobj(new Map([[new FrozenSet(['a', 'b']), 1]]));   // {frozenset({'a', 'b'}): 1}
 */
export class FrozenSet<T = unknown> extends Set<T> {}

/**
 * Python's bytearray. Any other Uint8Array is bytes.
 * @example
 * await socket.sendPyobj(ByteArray.of(1, 2, 3));   // bytearray(b'\x01\x02\x03')
 */
export class ByteArray extends Uint8Array {}

/**
 * A number that is sent as a float, even where it is integral.
 * @throws ZMQError EINVAL for what is no number
 * @example
 * await socket.sendPyobj([2, new Float(2)]);   // [2, 2.0]
 */
export class Float {
  /** @example const two = new Float(2); */
  constructor(value: number);
  /** The number. @example console.log(new Float(2).valueOf() + 1); */
  valueOf(): number;
}

/**
 * Python's date, time, or datetime without a time zone, each as its ISO 8601 text. It stands for no instant, so it is
 * no Date.
 * @throws ZMQError EINVAL for any other text, and for a day or a time that there is not
 * @example
 * await socket.sendPyobj(new Plain('2026-02-28'));             // datetime.date(2026, 2, 28)
 * await socket.sendPyobj(new Plain('23:59:59.5'));             // datetime.time(23, 59, 59, 500000)
 * await socket.sendPyobj(new Plain('2026-02-28T23:59:59'));    // datetime.datetime(2026, 2, 28, 23, 59, 59)
 * new Date(`${await socket.recvPyobj()}`);                     // a naive datetime, taken as local time
 */
export class Plain {
  /** @example const day = new Plain('2026-02-28'); */
  constructor(iso: string);
  /** Year (1 to 9999), month (1 to 12) and day, if it has a date. @example console.log(new Plain('2026-02-28').date); */
  readonly date: [number, number, number] | undefined;
  /** Hour, minute, second and microsecond, if it has a time. @example console.log(new Plain('23:59').time); */
  readonly time: [number, number, number, number] | undefined;
  /** As Python's isoformat(). @example console.log(new Plain('23:59').toString()); */
  toString(): string;
  /** The same. @example JSON.stringify({ at: new Plain('23:59') }); */
  toJSON(): string;
}

/**
 * Python's timedelta: seconds are brought between 0 and 86,399, microseconds between 0 and 999,999, as Python does.
 * @throws ZMQError EINVAL for what is not integral, and beyond 999,999,999 days
 * @example
 * await socket.sendPyobj(new TimeDelta(0, -1));     // datetime.timedelta(days=-1, seconds=86399)
 * new TimeDelta(0, 90).milliseconds;                // 90000
 */
export class TimeDelta {
  /** @example const minute = new TimeDelta(0, 60); */
  constructor(days?: number, seconds?: number, microseconds?: number);
  /** Whole days, also less than none. @example console.log(new TimeDelta(1).days); */
  readonly days: number;
  /** Seconds beside the days, 0 to 86,399. @example console.log(new TimeDelta(0, 60).seconds); */
  readonly seconds: number;
  /** Microseconds beside the seconds, 0 to 999,999. @example console.log(new TimeDelta(0, 0, 5).microseconds); */
  readonly microseconds: number;
  /** The whole of it, rounded as numbers are. @example console.log(new TimeDelta(0, 90).milliseconds); */
  readonly milliseconds: number;
}

/**
 * Writes a value as a pickle that Python reads.
 * @param protocol 0 to 5, or -1 for the highest; default 4, as in Python 3.8 to 3.13
 * @throws ZMQError EINVAL for what is no data (functions, symbols, objects of classes not named above), for a tuple or
 * set that contains itself, for a key or an element of a set that Python can't hash, and for ints of more than
 * 4300 digits in the protocols 0 and 1
 * @example
 * dumps({ city: 'Oslo', at: new Date(), readings: Tuple.of(1.5, 2n ** 64n) });
 */
export function dumps(value: unknown, protocol?: number): Uint8Array;

/**
 * Reads a pickle of any protocol from 0 to 5. Nothing in it is ever run: a pickle that names a class or function that
 * is no data is refused. Octets behind its end are ignored, as in Python.
 * @throws ZMQError EINVAL: 'the pickle names os.system, which is not data', 'the pickle is cut short', …
 * @example
 * loads(Uint8Array.of(0x80, 4, 0x4b, 42, 0x2e));   // 42
 */
export function loads(data: Uint8Array | ArrayBuffer | ArrayBufferView): unknown;
