// The wasm module's way out of the default entry, which src/web/unpack.wat knows. It takes some milliseconds.

/** Where in its memory there is room. */
const FREE = 0x4000;
const PAGE = 0x10000;

/** The module that was packed into `text`, `length` octets before it was joined. `unpacker` is what undoes it, as base64. */
export function unpack(unpacker, text, length) {
  const module = new WebAssembly.Module(Uint8Array.from(atob(unpacker), (character) => character.charCodeAt(0)));
  const { memory, unpack: run } = new WebAssembly.Instance(module).exports;
  const from = FREE + text.length + 1;
  const to = from + length;
  // Joined it is longer, by an octet for each alignment and at most three for the size of each function: well below twice.
  memory.grow(Math.ceil((to + 2 * length) / PAGE));
  new TextEncoder().encodeInto(text, new Uint8Array(memory.buffer, FREE));
  return new Uint8Array(memory.buffer, to, run(FREE, from, to) - to);
}
