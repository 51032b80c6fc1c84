// The wasm module's way out of the default entry: base64, and below it what src/web/unpack.wat undoes. It takes some
// milliseconds.

/** Where in its memory there is room. */
const FREE = 0x4000;
const PAGE = 0x10000;

/** With a loop, which takes a third of the time that Uint8Array.from does before it is compiled. */
function octets(text) {
  const characters = atob(text);
  const found = new Uint8Array(characters.length);
  for (let i = 0; i < found.length; i += 1) found[i] = characters.charCodeAt(i);
  return found;
}

/** The module that was packed into `text`, `length` octets before it was joined. `unpacker` is what undoes it, as base64. */
export function unpack(unpacker, text, length) {
  const { memory, unpack: run } = new WebAssembly.Instance(new WebAssembly.Module(octets(unpacker))).exports;
  const packed = octets(text);
  const to = FREE + packed.length + 1;
  // Joined it is longer, by an octet for each alignment and at most three for the size of each function: well below twice.
  memory.grow(Math.ceil((to + 3 * length) / PAGE));
  new Uint8Array(memory.buffer).set(packed, FREE);
  return new Uint8Array(memory.buffer, to + length, run(FREE, to, to + length) - to - length);
}
