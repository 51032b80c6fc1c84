// Numbered messages and their tally, the same in every peer and in the tests: whoever sends a flood and whoever
// counts it must agree on its octets. `pyzmq.py` says the same in Python.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** CRC-32 (the one of zlib), continued from `crc`. */
export function crc32(bytes, crc = 0) {
  crc = ~crc;
  for (let at = 0; at < bytes.length; at++) crc = TABLE[(crc ^ bytes[at]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** The body of message `number`: four octets of big-endian number, then its low octet over and over, cut to `size`. */
export function numbered(number, size) {
  const body = new Uint8Array(Math.max(size, 4)).fill(number & 0xff);
  new DataView(body.buffer).setUint32(0, number);
  return body.subarray(0, size);
}

/** What a receiver of many messages reports instead of sending them all back. */
export class Tally {
  count = 0;
  octets = 0;
  /** Over each part's length (four octets, big-endian) and its body, so that it changes when parts or messages are joined, split, lost or swapped. */
  checksum = 0;
  /** The first and last message's number, and how often a number did not follow the one before it. */
  first = null;
  last = null;
  gaps = 0;

  add(parts) {
    const length = new Uint8Array(4);
    for (const part of parts) {
      new DataView(length.buffer).setUint32(0, part.length);
      this.checksum = crc32(part, crc32(length, this.checksum));
      this.octets += part.length;
    }
    const body = parts.at(-1);
    if (body.length >= 4) {
      const number = new DataView(body.buffer, body.byteOffset).getUint32(0);
      if (this.last !== null && number !== this.last + 1) this.gaps++;
      this.first ??= number;
      this.last = number;
    }
    this.count++;
  }
}
