// Arguments from outside, each refused with a sentence that names it.

import { ZMQError } from './errors.js';

export function invalid(message) {
  return new ZMQError('EINVAL', message);
}

/** A value, short enough for a sentence. */
export function describe(value) {
  if (typeof value === 'string') return value.length > 80 ? `"${value.slice(0, 80)}…"` : `"${value}"`;
  if (typeof value === 'bigint') return `${value}n`;
  if (value === null || ['number', 'boolean', 'undefined'].includes(typeof value)) return String(value);
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  const name = Object.prototype.toString.call(value).slice(8, -1);
  return Array.isArray(value) ? 'an array' : `an object (${name})`;
}

export function checkString(value, what) {
  if (typeof value !== 'string') throw invalid(`${what} is a string, not ${describe(value)}`);
  return value;
}

export function checkFunction(value, what) {
  if (typeof value !== 'function') throw invalid(`${what} is a function, not ${describe(value)}`);
  return value;
}

/** The parts of a multipart message. */
export function checkParts(message) {
  if (!Array.isArray(message) || message.length === 0) {
    throw invalid(`a multipart message is a list of at least one part, not ${describe(message)}`);
  }
  return message;
}

/** Milliseconds, or -1 (also null, as in Python's None) for no limit. */
export function checkTimeout(value) {
  if (value === null) return -1;
  if (typeof value !== 'number' || Number.isNaN(value) || value < -1) {
    throw invalid(`a timeout is -1 or a number of milliseconds, not ${describe(value)}`);
  }
  return value === Infinity ? -1 : value;
}

/** An integer made of the given bits. */
export function checkBits(value, bits, what) {
  if (!Number.isInteger(value) || value < 0 || value > bits || (value & ~bits) !== 0) {
    throw invalid(`${what} can't be ${describe(value)}`);
  }
  return value;
}

/** Milliseconds as the option LINGER has them; undefined and null leave it as it is. */
export function checkLinger(value) {
  if (value === undefined || value === null) return undefined;
  if (!Number.isInteger(value) || value < -1 || value >= 2 ** 31) {
    throw invalid(`linger is -1 or a number of milliseconds, not ${describe(value)}`);
  }
  return value;
}

/** What connect() takes beside an endpoint. */
export function checkConnect(options) {
  if (options === undefined || options === null) return undefined;
  const { protocols, headers } = checkOptions(options);
  const isList = Array.isArray(protocols) && protocols.every((name) => typeof name === 'string');
  if (protocols !== undefined && !isList) {
    throw invalid(`protocols are a list of sub-protocols, not ${describe(protocols)}`);
  }
  if (headers !== undefined && typeof document !== 'undefined') {
    throw new ZMQError('ENOTSUP', "a page's WebSocket can't send headers: use the path, a query or a cookie");
  }
  return { protocols, headers };
}

const NONE = Object.freeze({});

export function checkOptions(value) {
  if (value === undefined || value === null) return NONE;
  if (typeof value !== 'object') throw invalid(`options are an object, not ${describe(value)}`);
  return value;
}

/** The signal among options, if there is one and it is not aborted yet. */
export function signalOf(options) {
  if (options === NONE) return undefined;
  const signal = checkSignal(options.signal);
  signal?.throwIfAborted();
  return signal;
}

export function checkSignal(signal) {
  if (signal === undefined || signal === null) return undefined;
  if (typeof signal !== 'object' || typeof signal.addEventListener !== 'function' || !('aborted' in signal)) {
    throw invalid(`signal is an AbortSignal, not ${describe(signal)}`);
  }
  return signal;
}
