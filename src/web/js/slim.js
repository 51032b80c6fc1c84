// The entry `zmq-wasm/slim`, for who brings the module.

import { isStarted, start } from '#module';

export * from './browser.js';

/** Starts the module once. A response is compiled while it comes in, where its server says what it is. */
export default async (source = new URL('zmq_wasm.wasm', import.meta.url)) => {
  let module = await source;
  if (isStarted()) return;
  if (typeof module === 'string' || module instanceof URL || module instanceof Request) module = await fetch(module);
  if (module instanceof Response) {
    if (!module.ok) throw new Error(`${module.url}: ${module.status} ${module.statusText}`);
    const isNamed = /^application\/wasm/.test(module.headers.get('content-type'));
    module = isNamed ? await WebAssembly.compileStreaming(module) : await module.arrayBuffer();
  }
  if (!(module instanceof WebAssembly.Module)) module = await WebAssembly.compile(module);
  start(module);
};

export function initSync({ module }) {
  start(module);
}
