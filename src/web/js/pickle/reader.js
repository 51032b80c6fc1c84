// Reads pickles: a machine with a stack, as Python's, but one that can only make data. It never calls itself, so
// a pickle may be nested as deeply as it likes; and an operation makes nothing larger than what it reads or takes.

import { invalid } from '../check.js';
import { Name, Zone, addTo, checkKey, named, refuse, typeOf } from './data.js';
import {
  ADDITEMS, APPEND, APPENDS, BINBYTES, BINBYTES8, BINFLOAT, BINGET, BININT, BININT1, BININT2, BINPERSID, BINPUT, BINSTRING,
  BINUNICODE, BINUNICODE8, BUILD, BYTEARRAY8, DICT, DUP, EMPTY_DICT, EMPTY_LIST, EMPTY_SET, EMPTY_TUPLE, EXT1, EXT2, EXT4,
  FLOAT, FRAME, FROZENSET, GET, GLOBAL, HIGHEST_PROTOCOL, INST, INT, LIST, LONG, LONG1, LONG4, LONG_BINGET, LONG_BINPUT, MARK,
  MEMOIZE, NEWFALSE, NEWOBJ, NEWOBJ_EX, NEWTRUE, NEXT_BUFFER, NONE, OBJ, PERSID, POP, POP_MARK, PROTO, PUT, READONLY_BUFFER,
  REDUCE, SETITEM, SETITEMS, SHORT_BINBYTES, SHORT_BINSTRING, SHORT_BINUNICODE, STACK_GLOBAL, STOP, STRING, TUPLE, TUPLE1,
  TUPLE2, TUPLE3, UNICODE,
} from './opcodes.js';
import { Source } from './source.js';
import { fromEscaped, fromLatin1, fromQuoted, fromUtf8 } from './text.js';
import { ByteArray, FrozenSet, Tuple } from './types.js';

/** The value that a pickle holds. Octets behind its end are ignored, as Python does. */
export function read(octets) {
  const source = new Source(octets);
  const stack = [];
  const marks = []; // how high the stack was at each MARK: what lies below the last is out of reach
  const memo = new Map();
  let copied = 0; // items and octets that calls were given to copy

  const push = (value) => void stack.push(value);
  const isBare = () => stack.length === (marks.at(-1) ?? 0);
  const top = () => {
    if (isBare()) throw invalid('the pickle takes from an empty stack');
    return stack.at(-1);
  };
  const pop = () => {
    const value = top();
    stack.length -= 1;
    return value;
  };
  /** All above the last MARK. */
  const popMark = () => {
    if (marks.length === 0) throw invalid('the pickle ends a list that it has not begun');
    return stack.splice(marks.pop());
  };
  const tuple = (length) => {
    const items = [];
    while (items.length < length) items.unshift(pop());
    push(Tuple.from(items));
  };
  /** What is on top, which must be of this type. */
  const container = (Type) => {
    const value = top();
    if (typeOf(value) !== Type) throw invalid('the pickle adds to something that takes no items');
    return value;
  };
  const append = (items) => {
    const list = container(Array);
    for (const item of items) list.push(item);
  };
  const put = (place) => void memo.set(place, top());
  const get = (place) => {
    if (!memo.has(place)) throw invalid('the pickle refers to something that it does not have');
    push(memo.get(place));
  };

  for (;;) {
    const at = source.position;
    const code = source.u8();
    switch (code) {
      case PROTO: {
        const protocol = source.u8();
        if (protocol > HIGHEST_PROTOCOL) throw invalid(`the pickle is of protocol ${protocol}; known are 0 to ${HIGHEST_PROTOCOL}`);
        break;
      }
      case FRAME: source.check(source.u64()); break;
      case STOP: return settle(pop());

      case NONE: push(null); break;
      case NEWTRUE: push(true); break;
      case NEWFALSE: push(false); break;
      case INT: push(source.boolOrInt()); break;
      case LONG: push(source.int()); break;
      case BININT: push(source.i32()); break;
      case BININT1: push(source.u8()); break;
      case BININT2: push(source.u16()); break;
      case LONG1: push(source.long(source.u8())); break;
      case LONG4: push(source.long(source.i32())); break;
      case FLOAT: push(source.float()); break;
      case BINFLOAT: push(source.f64()); break;

      case UNICODE: push(fromEscaped(source.line())); break;
      case BINUNICODE: push(fromUtf8(source.bytes(source.u32()))); break;
      case SHORT_BINUNICODE: push(fromUtf8(source.bytes(source.u8()))); break;
      case BINUNICODE8: push(fromUtf8(source.bytes(source.u64()))); break;
      case STRING: push(ascii(fromQuoted(source.line()))); break;
      case BINSTRING: push(ascii(fromLatin1(source.bytes(source.u32())))); break;
      case SHORT_BINSTRING: push(ascii(fromLatin1(source.bytes(source.u8())))); break;
      case BINBYTES: push(source.bytes(source.u32())); break;
      case SHORT_BINBYTES: push(source.bytes(source.u8())); break;
      case BINBYTES8: push(source.bytes(source.u64())); break;
      case BYTEARRAY8: push(new ByteArray(source.bytes(source.u64()).buffer)); break;

      case MARK: marks.push(stack.length); break;
      case EMPTY_TUPLE: push(new Tuple()); break;
      case TUPLE: push(Tuple.from(popMark())); break;
      case TUPLE1: tuple(1); break;
      case TUPLE2: tuple(2); break;
      case TUPLE3: tuple(3); break;
      case EMPTY_LIST: push([]); break;
      case LIST: push(popMark()); break;
      case APPEND: append([pop()]); break;
      case APPENDS: append(popMark()); break;
      case EMPTY_DICT: push(new Map()); break;
      case DICT: push(setItems(new Map(), popMark())); break;
      case SETITEM: {
        const value = pop();
        const key = pop();
        setItems(container(Map), [key, value]);
        break;
      }
      case SETITEMS: {
        const items = popMark();
        setItems(container(Map), items);
        break;
      }
      case EMPTY_SET: push(new Set()); break;
      case ADDITEMS: {
        const items = popMark();
        addTo(container(Set), items);
        break;
      }
      case FROZENSET: push(addTo(new FrozenSet(), popMark())); break;

      case POP:
        if (isBare() && marks.length > 0) marks.pop();
        else pop();
        break;
      case POP_MARK: popMark(); break;
      case DUP: push(top()); break;
      case PUT: put(source.int()); break;
      case BINPUT: put(source.u8()); break;
      case LONG_BINPUT: put(source.u32()); break;
      case MEMOIZE: put(memo.size); break;
      case GET: get(source.int()); break;
      case BINGET: get(source.u8()); break;
      case LONG_BINGET: get(source.u32()); break;

      case GLOBAL: push(named(dotted(source))); break;
      case STACK_GLOBAL: {
        const name = pop();
        const module = pop();
        if (typeof module !== 'string' || typeof name !== 'string') throw invalid('the pickle names something by no text');
        push(named(`${module}.${name}`));
        break;
      }
      case REDUCE: {
        const args = pop();
        const callee = pop();
        if (!(callee instanceof Name) || !(args instanceof Tuple)) throw invalid('the pickle calls something that is not data');
        // Who is honest makes something of an item once, or of bytes twice: first those and then a bytearray.
        copied += args[0]?.length ?? 0;
        if (copied > octets.length * 2) throw invalid('the pickle makes too much of the same');
        push(made(callee, args));
        break;
      }
      case INST: throw refuse(dotted(source));
      case NEWOBJ: case NEWOBJ_EX: case OBJ: case BUILD:
        throw invalid('the pickle makes an object of a class, which is not data');
      case EXT1: throw refuse(`extension ${source.u8()}`);
      case EXT2: throw refuse(`extension ${source.u16()}`);
      case EXT4: throw refuse(`extension ${source.i32()}`);
      case PERSID: throw refuse(`the persistent object ${source.line()}`);
      case BINPERSID: {
        const id = pop();
        throw refuse(typeof id === 'string' ? `the persistent object ${id}` : 'a persistent object');
      }
      case NEXT_BUFFER: case READONLY_BUFFER: throw invalid('the pickle refers to a buffer outside of it');
      default: throw invalid(`octet ${at} of the pickle, 0x${code.toString(16).padStart(2, '0')}, is no opcode`);
    }
  }
}

/** The module and the name of a class or function, in two lines. */
function dotted(source) {
  const module = source.line();
  return `${module}.${source.line()}`;
}

/** Python 2's str, which Python 3 too takes only where it is ASCII. */
function ascii(text) {
  if (/[^\0-\x7f]/.test(text)) throw invalid("the pickle has a str of Python 2's that is not ASCII");
  return text;
}

function setItems(dict, items) {
  if (items.length % 2 !== 0) throw invalid('the pickle has a key without a value');
  for (let at = 0; at < items.length; at += 2) dict.set(checkKey(items[at]), items[at + 1]);
  return dict;
}

function made(callee, args) {
  const value = callee.make(args);
  if (value === undefined) throw invalid(`the pickle calls ${callee.name} as no data is made`);
  return value;
}

/**
 * Gives what the machine has made its final form: a dict with only text for keys becomes an object. That can't be known
 * earlier: keys may follow when others refer to the dict already.
 */
function settle(root) {
  const finals = new Map(); // each container that can be reached, and what it becomes
  const found = [];
  const final = (value) => {
    if (value instanceof Name) throw refuse(value.name);
    if (value instanceof Zone) throw refuse('datetime.timezone');
    if (!(Array.isArray(value) || value instanceof Map || value instanceof Set)) return value;
    if (!finals.has(value)) {
      finals.set(value, value instanceof Map && hasTextKeys(value) ? {} : value);
      found.push(value);
    }
    return finals.get(value);
  };
  final(root);
  // It grows while it is walked.
  for (const container of found) {
    const object = finals.get(container);
    if (Array.isArray(container)) {
      for (let at = 0; at < container.length; at += 1) container[at] = final(container[at]);
    } else if (container instanceof Set) {
      container.forEach(final); // what is hashable stays as it is
    } else {
      for (const [key, value] of container) {
        if (object === container) container.set(final(key), final(value));
        else setProperty(object, key, final(value));
      }
    }
  }
  return final(root);
}

function hasTextKeys(dict) {
  for (const key of dict.keys()) if (typeof key !== 'string') return false;
  return true;
}

/** As JSON.parse does: the object's own property, whatever its name. */
function setProperty(object, key, value) {
  if (key === '__proto__') {
    Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true });
  } else {
    object[key] = value;
  }
}
