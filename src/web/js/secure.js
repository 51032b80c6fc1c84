// The entry `zmq-wasm/secure`: the default one, with PLAIN and CURVE.

export * from './browser.js';
export { curveKeypair, curvePublic } from './security/keys.js';
