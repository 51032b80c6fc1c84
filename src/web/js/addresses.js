// What is in front of a draft type's one part in the core, and beside it in JavaScript: a routing id or a group.

import { DISH, PEER, RADIO, SERVER } from './constants.js';
import { describe, invalid } from './check.js';
import { Frame } from './frame.js';
import { decode, encode } from './text.js';

const isNumbered = (type) => type === SERVER || type === PEER;

/** Whether what such a socket receives begins with an address. */
export function isAddressed(type) {
  return isNumbered(type) || type === DISH;
}

/** What goes in front of a message that begins with `part`, which may be a Frame that says whom it is for. */
export function addressOf(type, part, options) {
  const frame = part instanceof Frame ? part : undefined;
  if (type === RADIO) return [encode(options.group ?? frame?.group ?? '')];
  if (!isNumbered(type)) return [];
  const routingId = options.routingId ?? frame?.routingId ?? 0;
  if (!Number.isInteger(routingId) || routingId < 0 || routingId > 0xffffffff) {
    throw invalid(`a routing id is an integer of 32 bits, not ${describe(routingId)}`);
  }
  const octets = new DataView(new ArrayBuffer(4));
  octets.setUint32(0, routingId);
  return [octets];
}

/** Tells a received frame the address that came with it. */
export function readAddress(type, frame, octets) {
  if (type === DISH) frame.group = decode(octets);
  else frame.routingId = new DataView(octets.buffer, octets.byteOffset).getUint32(0);
}
