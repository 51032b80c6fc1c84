// The package by the entry that this runtime would choose.

const entry = globalThis.Deno ? 'deno' : globalThis.Bun ? 'bun' : globalThis.process ? 'node' : 'zmq-wasm';
export const zmq = await import(`../../pkg/${entry}.js`);
