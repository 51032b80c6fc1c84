// The module `zmq-wasm/pickle`. Sockets load it when they are first asked for a pickle; where it is imported
// by name, it is there for them already.

import { ZMQError, shared } from '../errors.js';
import { describe, invalid } from '../check.js';
import { DEFAULT_PROTOCOL } from '../constants.js';
import { HIGHEST_PROTOCOL } from './opcodes.js';
import { read } from './reader.js';
import * as types from './types.js';
import { Writer } from './writer.js';

/** Python's pickle.dumps(), for data. */
function serialize(value, protocol = DEFAULT_PROTOCOL) {
  if (!Number.isInteger(protocol) || protocol > HIGHEST_PROTOCOL) {
    throw invalid(`a pickle's protocol is 0 to ${HIGHEST_PROTOCOL}, or -1 for the highest, not ${describe(protocol)}`);
  }
  return orZMQError('the value can\'t be pickled', () => new Writer(protocol < 0 ? HIGHEST_PROTOCOL : protocol).write(value));
}

/** Python's pickle.loads(), for data. */
function deserialize(data) {
  return orZMQError('the pickle can\'t be read', () => read(octetsOf(data)));
}

function octetsOf(data) {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw invalid(`a pickle is a Uint8Array, ArrayBuffer or view, not ${describe(data)}`);
}

/** What the engine's own limits (the length of a BigInt, the size of a Map) or a user's getters throw is told as ours. */
function orZMQError(what, call) {
  try {
    return call();
  } catch (cause) {
    if (cause instanceof ZMQError) throw cause;
    throw Object.assign(invalid(`${what}: ${cause?.message ?? describe(cause)}`), { cause });
  }
}

const own = { ...types, dumps: serialize, loads: deserialize };

// A bundler may rename them; people who read a console shall not see that.
for (const [name, item] of Object.entries(own)) Object.defineProperty(item, 'name', { value: name });

// However many copies of this module a program has, all give what the first has: a Tuple is a Tuple.
export const { ByteArray, Float, FrozenSet, Plain, TimeDelta, Tuple, dumps, loads } = (shared.pickle ??= own);
