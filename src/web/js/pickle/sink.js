// A pickle in the making: octets that grow.

export class Sink {
  #octets = new Uint8Array(256);
  #length = 0;

  /** Makes room, and gives where it begins. */
  #room(length) {
    const begin = this.#length;
    this.#length += length;
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#octets.length * 2));
      larger.set(this.#octets.subarray(0, begin));
      this.#octets = larger;
    }
    return begin;
  }

  u8(value) {
    const begin = this.#room(1);
    this.#octets[begin] = value;
    return this;
  }

  u32(value) {
    return this.octets([value & 0xff, (value >>> 8) & 0xff, (value >>> 16) & 0xff, value >>> 24]);
  }

  /** A float, its first octet first. */
  f64(value) {
    const octets = new Uint8Array(8);
    new DataView(octets.buffer).setFloat64(0, value);
    return this.octets(octets);
  }

  octets(octets) {
    const begin = this.#room(octets.length);
    this.#octets.set(octets, begin);
    return this;
  }

  latin1(text) {
    const begin = this.#room(text.length);
    for (let at = 0; at < text.length; at += 1) this.#octets[begin + at] = text.charCodeAt(at);
    return this;
  }

  finish() {
    return this.#octets.slice(0, this.#length);
  }
}
