// What this is, where it runs, and what it can do there.

import { ZMQError } from './errors.js';
import { checkString } from './check.js';
import { schemesFor } from './links.js';

/** This package's version; the bundler fills it in. */
export const version = PACKAGE_VERSION;

/** The ZMTP revision that is spoken. */
export function zmqVersion() {
  return '3.1';
}

/** In this order: some of the later words are true of the earlier runtimes too. */
function runtime() {
  const { navigator, process, Bun, Deno } = globalThis;
  if (navigator?.userAgent === 'Cloudflare-Workers') return 'workerd';
  if (Deno) return 'deno';
  if (Bun) return 'bun';
  if (process?.versions?.node) return 'node';
  const scope = /(Dedicated|Shared|Service)WorkerGlobalScope/.exec(String(globalThis));
  if (scope) return { Dedicated: 'worker', Shared: 'shared-worker', Service: 'service-worker' }[scope[1]];
  return typeof document === 'undefined' ? 'unknown' : 'page';
}

/** What this module has: servers' has more. */
export const mechanisms = ['NULL'];

export function capabilities() {
  return { runtime: runtime(), connect: schemesFor('connect'), bind: schemesFor('listen'), mechanisms: [...mechanisms] };
}

export function has(capability) {
  const name = checkString(capability, 'a capability').toLowerCase();
  const { connect } = capabilities();
  return connect.includes(name) || mechanisms.includes(name.toUpperCase()) || name === 'draft';
}

export function curveKeypair() {
  throw noCurve();
}

export function curvePublic() {
  throw noCurve();
}

function noCurve() {
  return new ZMQError('ENOTSUP', 'CURVE is in zmq-wasm/secure');
}
