// Z85 (RFC 32): octets as text, five characters for each four.

import { checkString, describe, invalid } from './check.js';

const DIGITS = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

export const z85 = {
  encode(bytes) {
    if (!(bytes instanceof Uint8Array) || bytes.length % 4 !== 0) {
      throw invalid(`Z85 encodes a Uint8Array whose length is a multiple of 4, not ${describe(bytes)}`);
    }
    const { buffer, byteOffset, length } = bytes;
    const view = new DataView(buffer, byteOffset, length);
    let text = '';
    for (let at = 0; at < length; at += 4) {
      const number = view.getUint32(at);
      for (let weight = 85 ** 4; weight >= 1; weight /= 85) text += DIGITS[Math.floor(number / weight) % 85];
    }
    return text;
  },

  decode(text) {
    if (checkString(text, 'Z85 text').length % 5 !== 0) {
      throw invalid(`Z85 text has a multiple of 5 characters, not ${text.length}`);
    }
    const bytes = new Uint8Array((text.length / 5) * 4);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < text.length; at += 5) {
      let number = 0;
      for (const character of text.slice(at, at + 5)) {
        const digit = DIGITS.indexOf(character);
        if (digit < 0) throw invalid(`${describe(character)} is no character of Z85`);
        number = number * 85 + digit;
      }
      if (number >= 2 ** 32) throw invalid(`${describe(text.slice(at, at + 5))} stands for more than four octets hold`);
      view.setUint32((at / 5) * 4, number);
    }
    return bytes;
  },
};
