// The wasm module as text that JavaScript can carry: sorted, packed by LZMA, and base64 of that. gzip then finds six bits in
// each character and nothing else to save. src/web/js/unpack.js is the way back.
import { execFileSync } from 'node:child_process';
import { split } from './split-wasm.mjs';

/** What `unpack` takes: the text, and how long it is before it is joined. */
export function pack(module) {
  const input = split(module);
  const lzma = ['--format=raw', '--lzma1=preset=9e,lc=1,lp=0,pb=0', '--stdout'];
  return { text: execFileSync('xz', lzma, { input, maxBuffer: 2 ** 30 }).toString('base64'), length: input.length };
}
