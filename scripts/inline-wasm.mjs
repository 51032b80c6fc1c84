// Bytes as a JavaScript string literal that gzip likes.
//
// Base64 spreads every byte over two characters in a way that depends on its place, so gzip no longer sees that
// two functions are alike: a wasm file weighs a third more. Here a byte is always written alike. The 87 commonest
// bytes are one character each, the others a prefix and a character, all of them printable ASCII that no quoting
// style escapes. So gzip gets within about 1 % of the bare file, and no minifier, charset or inline <script> can hurt it.

const EXCLUDED = '"\'`\\$<';
const DIGITS = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).filter((c) => !EXCLUDED.includes(c)).join('');
const SINGLES = 87;
// The two digits that are left are the prefixes: 87 + 2 * 87 >= 256.

/** @returns {{text: string, common: string}} what `decode` takes; `common` is a bit per byte value, in hexadecimal */
export function encode(bytes) {
  const uses = new Array(256).fill(0);
  for (const byte of bytes) uses[byte]++;
  const byUse = [...uses.keys()].sort((a, b) => uses[b] - uses[a]);
  const isCommon = new Set(byUse.slice(0, SINGLES));

  let common = '';
  for (let byte = 0; byte < 256; byte += 4) {
    common += [0, 1, 2, 3].reduce((nibble, i) => nibble * 2 + isCommon.has(byte + i), 0).toString(16);
  }
  const written = [];
  order(common).forEach((byte, place) => {
    const prefix = place < SINGLES ? '' : DIGITS[SINGLES - 1 + Math.floor(place / SINGLES)];
    written[byte] = prefix + DIGITS[place % SINGLES];
  });
  return { text: Array.from(bytes, (byte) => written[byte]).join(''), common };
}

/** The other way. Ships inside the package. */
export function decode(text, common) {
  const bytes = order(common);
  const places = [];
  for (let i = 0; i < DIGITS.length; i++) places[DIGITS.charCodeAt(i)] = i;
  const out = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length;) {
    let place = places[text.charCodeAt(i++)];
    if (place >= SINGLES) place = (place - SINGLES + 1) * SINGLES + places[text.charCodeAt(i++)];
    out[length++] = bytes[place];
  }
  return out.subarray(0, length);
}

// Common byte values first, each kind in rising order.
function order(common) {
  const kinds = [[], []];
  for (let byte = 0; byte < 256; byte++) kinds[1 - ((parseInt(common[byte >> 2], 16) >> (3 - (byte & 3))) & 1)].push(byte);
  return kinds.flat();
}
