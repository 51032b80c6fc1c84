// Text and JSON, and the octets they become.

import { ZMQError } from './errors.js';
import { describe, invalid } from './check.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Names as Python and the Encoding Standard have them, made one: utf_8 and UTF8, latin_1, utf-16-le. */
function label(encoding) {
  if (typeof encoding !== 'string') throw invalid(`an encoding is a string, not ${describe(encoding)}`);
  const name = encoding.toLowerCase().replaceAll('_', '-');
  if (/^(latin-?1|iso-?8859-1|l1)$/.test(name)) return 'latin1';
  return name.replace(/^u(tf)?-?(8|16)-?([lb]e)?$/, 'utf-$2$3').replace(/^us-/, '');
}

export function encode(text, encoding = 'utf-8') {
  if (typeof text !== 'string') throw invalid(`expected a string, not ${describe(text)}`);
  switch (label(encoding)) {
    case 'utf-8':
      return encoder.encode(text);
    case 'ascii':
      return narrow(text, 0x7f, encoding);
    case 'latin1':
      return narrow(text, 0xff, encoding);
    case 'utf-16le':
      return wide(text, true);
    case 'utf-16be':
      return wide(text, false);
    default:
      throw invalid(`text can't be encoded as ${describe(encoding)}: expected utf-8, ascii, latin1, utf-16le or utf-16be`);
  }
}

function wide(text, isLittle) {
  const octets = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at += 1) octets.setUint16(at * 2, text.charCodeAt(at), isLittle);
  return new Uint8Array(octets.buffer);
}

function narrow(text, highest, encoding) {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > highest) throw invalid(`${describe(text[at])} has no place in ${encoding}`);
    octets[at] = unit;
  }
  return octets;
}

/** Octets that stand for nothing become U+FFFD. A byte order mark is a character like others, as in Python. */
export function decode(bytes, encoding) {
  if (encoding === undefined) return decoder.decode(bytes);
  const name = label(encoding);
  // The labels of the Encoding Standard make windows-1252 of this one.
  if (name === 'latin1') return Array.from(bytes, (octet) => String.fromCharCode(octet)).join('');
  try {
    return new TextDecoder(name, { ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(`text can't be decoded as ${describe(encoding)}`);
  }
}

/** Parses JSON, with a ZMQError where it is none. */
export function parseJson(bytes, reviver) {
  try {
    return JSON.parse(decoder.decode(bytes), reviver);
  } catch (cause) {
    throw Object.assign(new ZMQError('EINVAL', `the message is not JSON: ${cause.message}`), { cause });
  }
}

/** Writes JSON, with a ZMQError where a value has none. */
export function toJson(value, replacer, space) {
  let text;
  try {
    text = JSON.stringify(value, replacer, space);
  } catch (cause) {
    throw Object.assign(new ZMQError('EINVAL', `the value can't be written as JSON: ${cause.message}`), { cause });
  }
  if (text === undefined) throw invalid(`${describe(value)} can't be written as JSON`);
  return text;
}
