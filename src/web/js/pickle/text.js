// Python's text in octets. Unlike JavaScript's encoders, Python's pickles keep lone surrogates.

import { invalid } from '../check.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8, with lone surrogates as three octets each. */
export function toUtf8(text) {
  if (!/\p{Cs}/u.test(text)) return encoder.encode(text);
  const pieces = text.split(/(\p{Cs})/u).map((piece) => {
    const unit = /^\p{Cs}$/u.test(piece) ? piece.charCodeAt(0) : 0;
    return unit === 0 ? encoder.encode(piece) : [0xed, 0x80 | ((unit >> 6) & 0x3f), 0x80 | (unit & 0x3f)];
  });
  const octets = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    octets.set(piece, at);
    at += piece.length;
  }
  return octets;
}

export function fromUtf8(octets) {
  try {
    return decoder.decode(octets);
  } catch {
    return fromUtf8WithSurrogates(octets);
  }
}

function fromUtf8WithSurrogates(octets) {
  let text = '';
  let begin = 0;
  try {
    // In UTF-8, ED is a first octet only; followed by A0 or more it is a surrogate.
    for (let at = octets.indexOf(0xed); at >= 0; at = octets.indexOf(0xed, at + 1)) {
      const [second, third] = [octets[at + 1], octets[at + 2]];
      if (!(second >= 0xa0 && second < 0xc0 && third >= 0x80 && third < 0xc0)) continue;
      text += decoder.decode(octets.subarray(begin, at));
      text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
      begin = at + 3;
    }
    return text + decoder.decode(octets.subarray(begin));
  } catch {
    throw invalid('the pickle has a str that is not UTF-8');
  }
}

/** One character for each octet. */
export function fromLatin1(octets) {
  const CHUNK = 8192; // as many arguments as every engine takes
  let text = '';
  for (let at = 0; at < octets.length; at += CHUNK) {
    text += String.fromCharCode.apply(null, octets.subarray(at, at + CHUNK));
  }
  return text;
}

/** One octet for each character, or undefined where one has no place in an octet. */
export function toLatin1(text) {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0xff) return undefined;
    octets[at] = unit;
  }
  return octets;
}

/** Protocol 0's text, `raw-unicode-escape`, on one line. */
export function toEscaped(text) {
  const hex = (number, width) => number.toString(16).padStart(width, '0');
  return text.replace(/[\0\n\r\x1a\\]|[^\0-\xff]/gu, (character) => {
    const point = character.codePointAt(0);
    return point > 0xffff ? `\\U${hex(point, 8)}` : `\\u${hex(point, 4)}`;
  });
}

export function fromEscaped(line) {
  // A pair of backslashes stands as it is, and begins no escape.
  return line.replace(/\\\\|\\u([\da-fA-F]{4})|\\U([\da-fA-F]{8})|\\[uU]/g, (whole, short, long) => {
    if (whole === '\\\\') return whole;
    const point = parseInt(short ?? long, 16);
    if (!(point <= 0x10ffff)) throw invalid('the pickle has a str with a broken escape');
    return String.fromCodePoint(point);
  });
}

const ESCAPES = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\n': '' };

/** Python 2's str in quotes, with escapes. */
export function fromQuoted(line) {
  const quoted = /^(['"])(.*)\1$/s.exec(line);
  if (quoted === null) throw invalid('the pickle has a str without its quotes');
  return quoted[2].replace(/\\(x[\da-f]{2}|[0-7]{1,3}|.)/gis, (_, escape) => {
    if (/^x./.test(escape)) return String.fromCharCode(parseInt(escape.slice(1), 16));
    if (/^[0-7]/.test(escape)) return String.fromCharCode(parseInt(escape, 8) & 0xff);
    return ESCAPES[escape] ?? (/["'\\]/.test(escape) ? escape : `\\${escape}`);
  });
}
