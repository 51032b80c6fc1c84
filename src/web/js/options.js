// Socket options by name: what SocketOptions lists, each with libzmq's number and its kind.

import * as constants from './constants.js';
import { describe, invalid } from './check.js';
import { decode, octetsOf } from './frame.js';

/** Names of the properties, with the kind of value that JavaScript sees. */
const NAMED = {
  routingId: 'bytes', linger: 'number', reconnectIvl: 'number', reconnectIvlMax: 'number', maxmsgsize: 'number',
  sndhwm: 'number', rcvhwm: 'number', rcvtimeo: 'number', sndtimeo: 'number', lastEndpoint: 'text',
  routerMandatory: 'boolean', immediate: 'boolean', xpubVerbose: 'boolean', mechanism: 'number',
  probeRouter: 'boolean', reqCorrelate: 'boolean', reqRelaxed: 'boolean', conflate: 'boolean',
  routerHandover: 'boolean', connectRoutingId: 'bytes', handshakeIvl: 'number', xpubNodrop: 'boolean',
  xpubManual: 'boolean', xpubWelcomeMsg: 'bytes', invertMatching: 'boolean', heartbeatIvl: 'number',
  heartbeatTtl: 'number', heartbeatTimeout: 'number', xpubVerboser: 'boolean', sendFragmented: 'boolean',
  events: 'number', rcvmore: 'boolean',
};

/** xpubWelcomeMsg -> XPUB_WELCOME_MSG */
function constantName(name) {
  return name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

const BY_NAME = new Map();
const KINDS = new Map([
  [constants.SUBSCRIBE, 'bytes'],
  [constants.UNSUBSCRIBE, 'bytes'],
  [constants.TYPE, 'number'],
]);
const TEXTS = new Map([
  [constants.SUBSCRIBE, 'SUBSCRIBE'],
  [constants.UNSUBSCRIBE, 'UNSUBSCRIBE'],
  [constants.TYPE, 'TYPE'],
]);
for (const [name, kind] of Object.entries(NAMED)) {
  const text = constantName(name);
  const number = constants[text];
  BY_NAME.set(name, number);
  KINDS.set(number, kind);
  TEXTS.set(number, text);
}

/** The number of an option, checked. */
export function optionNumber(option) {
  if (!KINDS.has(option)) throw invalid(`there is no option ${describe(option)}`);
  return option;
}

/** The number of an option given by its property's name. */
export function optionByName(name) {
  const number = BY_NAME.get(name);
  if (number === undefined) throw invalid(`there is no option ${describe(name)}`);
  return number;
}

/** Sets an option of a socket's core to whatever JavaScript has. */
export function setOption(core, option, value) {
  const kind = KINDS.get(optionNumber(option));
  if (kind === 'bytes' || kind === 'text') {
    if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
      throw invalid(`option ${TEXTS.get(option)} takes a string or octets, not ${describe(value)}`);
    }
    core.setBytes(option, octetsOf(value));
    return;
  }
  const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw invalid(`option ${TEXTS.get(option)} takes an integer${kind === 'boolean' ? ' or a boolean' : ''}, not ${describe(value)}`);
  }
  core.setNumber(option, number);
}

/** Defines each option as a property of the class. */
export function defineProperties(prototype) {
  for (const [name, number] of BY_NAME) {
    const kind = KINDS.get(number);
    const get = function () {
      const value = this.get(number);
      if (kind === 'boolean') return value === 1;
      return kind === 'text' ? decode(value) : value;
    };
    const set = function (value) {
      this.set(number, value);
    };
    Object.defineProperty(prototype, name, { configurable: true, enumerable: false, get, set });
  }
}
