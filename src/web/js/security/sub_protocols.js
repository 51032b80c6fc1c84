// Sub-protocols by the mechanism that a socket's options ask for: what offers less security is none of its.

import { Core } from '../core.js';
import { MECHANISM } from '../numbers.js';
import { isKnown } from '../protocols.js';
import { PROTOCOLS } from '../websocket.js';

const NAMES = ['NULL', 'PLAIN', 'CURVE'];
const mechanismOf = (core) => NAMES[core.get(MECHANISM)];

// No runtime's WebSocket sends a slash, hence aliases. Whose mechanism is NULL may have bare ZWS 2.0, too.
Object.defineProperty(Core.prototype, 'offers', {
  get() {
    const name = mechanismOf(this);
    return name === 'NULL' ? PROTOCOLS : [`ZWS2.0-${name}`];
  },
});

/**
 * What may come to a port, as it was when that was first asked: a socket that is closed does not tell any more. `fits(protocol)`,
 * and all `names` for people to read.
 */
export function spoken(port) {
  return (port.spoken ??= spokenBy(mechanismOf(port.core)));
}

function spokenBy(name) {
  const names = [`ZWS2.0/${name}`, `ZWS2.0-${name}`];
  if (name === 'NULL') return { fits: isKnown, names: ['ZWS2.0', ...names].join(', ') };
  return { fits: (protocol) => names.includes(protocol), names: names.join(', ') };
}

/** The sub-protocol for who offers these: the first that fits, as in libzmq. */
export function choose(port, offered) {
  return offered.split(',').map((name) => name.trim()).find(spoken(port).fits);
}
