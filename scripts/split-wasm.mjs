// A wasm module sorted for a packer: what is alike stands together. The instructions without their numbers; the numbers of
// each instruction; the constants by the instruction that takes them, for an offset is like other offsets and a mask like
// other masks. LZMA makes a tenth less of that. src/web/unpack.wat is the way back.

const CODE_SECTION = 10;
/** Streams beside those of the 256 instructions, and of the constants by the 256 instructions that follow them. */
const [BEFORE, AFTER, LOCALS, CODE, STREAMS] = [512, 513, 514, 515, 516];
/** The size of a function in this many octets, whatever it is: who joins the streams writes it afterwards. */
const SIZE_OCTETS = 3;

/** What follows an instruction: by its kind, a number, an alignment and a number, or something rare. */
const NUMBER = [0x02, 0x03, 0x04, 0x0c, 0x0d, 0x10, 0x20, 0x21, 0x22, 0x23, 0x24, 0x3f, 0x40, 0x41, 0x42];
const isMemory = (instruction) => instruction >= 0x28 && instruction <= 0x3e;
const isConstant = (instruction) => instruction === 0x41 || instruction === 0x42;
const isBlock = (instruction) => instruction >= 0x02 && instruction <= 0x04;
const END = 0x0b;

/** The streams, one after the other, behind their lengths: the low octets of all, then the high octets of all. */
export function split(module) {
  const streams = Array.from({ length: STREAMS }, () => []);
  const source = new Source(module);
  streams[BEFORE].push(...source.take(8));
  let rest = streams[BEFORE];
  while (!source.isDone) {
    const from = source.at;
    const id = source.octet();
    const length = source.number();
    const end = source.at + length;
    if (id !== CODE_SECTION) {
      rest.push(...module.subarray(from, end));
    } else {
      const count = source.number();
      const sizes = Array.from({ length: count }, () => splitFunction(source, streams));
      const size = sizes.reduce((sum, one) => sum + SIZE_OCTETS + one, leb(count).length);
      streams[BEFORE].push(CODE_SECTION, ...leb(size), ...leb(count));
      rest = streams[AFTER];
    }
    source.at = end;
  }
  const lengths = streams.map(({ length }) => length);
  if (lengths.some((length) => length > 0xffff)) throw new Error('A stream of the module is longer than 65,535 octets. Give split-wasm.mjs and unpack.wat more room for lengths.');
  return Buffer.from([...lengths.map((length) => length & 0xff), ...lengths.map((length) => length >> 8), ...streams.flat()]);
}

/** Sorts a function into the streams; how many octets it takes. */
function splitFunction(source, streams) {
  const size = source.number();
  const end = source.at + size;
  const locals = source.at;
  for (let groups = source.number(); groups > 0; groups -= 1) {
    source.number();
    source.octet();
  }
  rare(streams[LOCALS], source.since(locals));
  while (source.at < end) {
    const instruction = source.octet();
    streams[CODE].push(instruction);
    const from = source.at;
    const own = streams[instruction];
    if (isMemory(instruction)) {
      // An alignment is a hint that no engine heeds; that of one octet is right for all.
      source.number();
      own.push(...source.numbers(1));
    } else if (NUMBER.includes(instruction)) {
      const number = source.numbers(1);
      (isConstant(instruction) ? streams[256 + source.octets[source.at]] : own).push(...number);
    } else if (instruction === 0x0e) {
      source.numbers(source.number() + 1);
      rare(own, source.since(from));
    } else if (instruction === 0x11) {
      rare(own, source.numbers(2));
    } else if (instruction === 0x43 || instruction === 0x44) {
      rare(own, source.take(instruction === 0x43 ? 4 : 8));
    } else if (instruction === 0xfc) {
      source.numbers([0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1][source.number()]);
      rare(own, source.since(from));
    } else if (instruction > 0xc4 || (instruction > 0x11 && instruction < 0x45 && instruction !== 0x1a && instruction !== 0x1b)) {
      throw new Error(`split-wasm.mjs does not know the instruction 0x${instruction.toString(16)}. Teach it, and unpack.wat.`);
    }
  }
  return size;
}

/** What is no mere number: as many octets as the first says. */
function rare(stream, octets) {
  if (octets.length > 0xff) throw new Error(`split-wasm.mjs found ${octets.length} octets in one piece. Give them more than one for their length.`);
  stream.push(octets.length, ...octets);
}

function leb(number) {
  return number < 0x80 ? [number] : [(number & 0x7f) | 0x80, ...leb(number >>> 7)];
}

class Source {
  at = 0;

  constructor(octets) {
    this.octets = octets;
  }

  get isDone() {
    return this.at >= this.octets.length;
  }

  octet() {
    return this.octets[this.at++];
  }

  number() {
    const low = this.octet();
    return low < 0x80 ? low : (low & 0x7f) + this.number() * 0x80;
  }

  since(from) {
    return this.octets.subarray(from, this.at);
  }

  take(length) {
    this.at += length;
    return this.since(this.at - length);
  }

  /** So many numbers as they are. */
  numbers(count) {
    const from = this.at;
    for (let left = count; left > 0; left -= 1) this.number();
    return this.since(from);
  }
}
