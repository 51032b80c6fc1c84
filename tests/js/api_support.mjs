// What the tests of the JavaScript API share. They run over inproc://: no network, no peers, any runtime.

import assert from 'node:assert/strict';
import * as zmq from '../../pkg/zmq-wasm.js';

export { zmq };

let names = 0;

/** An inproc:// endpoint that nobody has used. */
export function fresh() {
  return `inproc://test-${++names}`;
}

/** A context that is gone when the test `t` is over, whatever the test left open. */
export function contextFor(t) {
  const context = new zmq.Context();
  t.after(() => context.destroy(0));
  return context;
}

/** Two connected sockets of `context`: the first is bound. Types are names. */
export async function pair(context, bound, connected, options = [{}, {}]) {
  const endpoint = fresh();
  const a = context.socket(zmq[bound], { linger: 0, ...options[0] });
  const b = context.socket(zmq[connected], { linger: 0, ...options[1] });
  await a.bind(endpoint);
  b.connect(endpoint);
  return [a, b];
}

/** For assert.throws and assert.rejects: an error of the contract with this code, this class, and words that match. */
export function failsWith(code, { Class = zmq.ZMQError, message = /\w+ \w+/ } = {}) {
  return (error) => {
    assert.ok(error instanceof Class, `a ${Class.name}, not ${error?.stack ?? error}`);
    assert.ok(error instanceof zmq.ZMQError && error instanceof Error, 'a ZMQError and an Error');
    assert.equal(error.code, code, error.stack);
    assert.ok(Number.isInteger(error.errno) && error.errno > 0, `errno ${error.errno}`);
    assert.match(error.message, message);
    return true;
  };
}

/** Fails when the call throws instead of giving a promise; then as assert.rejects. */
export async function rejects(call, code, options) {
  let promise;
  assert.doesNotThrow(() => (promise = call()), 'a call that promises does not throw');
  assert.ok(promise instanceof Promise, 'a promise');
  await assert.rejects(promise, failsWith(code, options));
}

export function throws(call, code, options) {
  assert.throws(call, failsWith(code, options));
}

/** Whether a promise is still pending after everything that was ready to run has run. */
export async function isPending(promise) {
  let pending = true;
  const settled = () => (pending = false);
  promise.then(settled, settled);
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
  return pending;
}

export const text = (bytes) => new TextDecoder().decode(bytes);
export const texts = (parts) => parts.map(text);
