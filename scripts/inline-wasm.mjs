// The wasm module as text that JavaScript can carry: packed by LZMA, and base64 of that. gzip then finds six bits in each
// character and nothing else to save. src/web/js/unpack.js is the way back.
import { execFileSync } from 'node:child_process';

/** What `unpack` takes. */
export function pack(bytes) {
  const lzma = ['--format=raw', '--lzma1=preset=9e,lc=3,lp=0,pb=0', '--stdout'];
  return execFileSync('xz', lzma, { input: bytes, maxBuffer: 2 ** 30 }).toString('base64');
}
