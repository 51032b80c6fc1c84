// The module `zmq-wasm/auth`: who may come, by the usual rules, as pyzmq's zmq.auth has it. A handler of ZAP's (RFC 27), which the
// sockets of a context ask about each peer.

import { checkString, describe, invalid } from '../check.js';
import { z85 } from '../z85.js';
import { checkKey, keysIn } from './certificates.js';

export { loadCertificate } from './certificates.js';

/** In place of keys: whoever has one. In place of a domain: any that has no rules of its own. */
export const CURVE_ALLOW_ANY = '*';
const ANY_DOMAIN = '*';

const HANDLER = 'inproc://zeromq.zap.01';
const VERSION = '1.0';
/** As the package's main module has it, of which there may be several: the context tells which. */
const ROUTER = 6;

const OK = [200, 'OK'];
const FAILED = [500, 'Internal error'];
const refused = (why) => [400, why];

const decoder = new TextDecoder();

export class Authenticator {
  #context;
  #handler;
  #allowed = new Set();
  #denied = new Set();
  /** By domain: passwords by name. */
  #passwords = new Map();
  /** By domain: who tells whether a key is good. */
  #keys = new Map();

  constructor(context) {
    if (typeof context?.socket !== 'function') throw invalid(`an Authenticator is for a Context, not ${describe(context)}`);
    this.#context = context;
  }

  async start() {
    if (this.#handler !== undefined) throw invalid('this Authenticator was started already');
    const handler = this.#context.socket(ROUTER, { linger: 0, routerMandatory: false });
    this.#handler = handler;
    try {
      await handler.bind(HANDLER);
    } catch (error) {
      this.stop();
      throw error;
    }
    this.#serve(handler);
  }

  stop() {
    this.#handler?.close();
    this.#handler = undefined;
  }

  [Symbol.dispose ?? Symbol()]() {
    this.stop();
  }

  allow(...addresses) {
    for (const address of addresses) this.#allowed.add(checkString(address, 'an address'));
  }

  deny(...addresses) {
    for (const address of addresses) this.#denied.add(checkString(address, 'an address'));
  }

  configurePlain(domain = ANY_DOMAIN, passwords = {}) {
    if (passwords === null || typeof passwords !== 'object') {
      throw invalid(`passwords are an object or a Map, by name, not ${describe(passwords)}`);
    }
    const entries = passwords instanceof Map ? [...passwords] : Object.entries(passwords);
    for (const [name, password] of entries) {
      checkString(name, 'a name');
      checkString(password, 'a password');
    }
    this.#passwords.set(checkString(domain, 'a domain'), new Map(entries));
  }

  async configureCurve(domain = ANY_DOMAIN, keys = CURVE_ALLOW_ANY) {
    checkString(domain, 'a domain');
    this.#keys.set(domain, await judgeOf(keys));
  }

  async #serve(handler) {
    try {
      // Each as soon as it can be: a callback that takes its time holds up nobody else.
      for await (const request of handler) this.#answer(handler, request);
    } catch {
      // The context was ended.
    }
  }

  async #answer(handler, [from, delimiter, version, id, ...request]) {
    let [[status, reason], user] = [FAILED];
    try {
      [[status, reason], user = ''] = text(version) === VERSION ? await this.#decide(request) : [refused('Invalid version')];
    } catch (error) {
      console.error('zmq-wasm/auth:', error);
    }
    const reply = [VERSION, id, String(status), reason, status === 200 ? user : '', ''];
    // Who asked may have gone, and so may the handler.
    if (!handler.closed) handler.sendMultipart([from, delimiter, ...reply]).catch(() => {});
  }

  async #decide([domainOctets, addressOctets, , mechanism, ...proofs]) {
    const [domain, address] = [text(domainOctets), text(addressOctets)];
    const isAllowed = this.#allowed.size > 0 ? this.#allowed.has(address) : !this.#denied.has(address);
    if (!isAllowed) return [refused('Address not allowed')];
    switch (text(mechanism)) {
      case 'NULL':
        return [OK, 'anonymous'];
      case 'PLAIN': {
        const [name, password] = proofs.map(text);
        const passwords = ofDomain(this.#passwords, domain);
        if (passwords === undefined) return [refused('No passwords defined')];
        return isSame(passwords.get(name), password) ? [OK, name] : [refused('Invalid username or password')];
      }
      case 'CURVE': {
        const key = z85.encode(proofs[0].slice());
        const isGood = await ofDomain(this.#keys, domain)?.(domain, key);
        return isGood === true ? [OK, key] : [refused('Unknown key')];
      }
      default:
        return [refused('Security mechanism not supported')];
    }
  }
}

/** What tells whether a key is good, from what a user gives. */
async function judgeOf(keys) {
  if (typeof keys === 'function') return keys;
  if (keys === CURVE_ALLOW_ANY) return () => true;
  const isList = typeof keys === 'object' && typeof keys?.[Symbol.iterator] === 'function';
  if (typeof keys !== 'string' && !isList) {
    throw invalid(`keys are "*", the path of a directory, a list of keys in Z85, or a function, not ${describe(keys)}`);
  }
  const known = new Set(isList ? [...keys].map(checkKey) : await keysIn(keys));
  return (_, key) => known.has(key);
}

const ofDomain = (rules, domain) => rules.get(domain) ?? rules.get(ANY_DOMAIN);

const text = (octets) => decoder.decode(octets);

/** Whether these are the same, in a time that does not tell where they differ. */
function isSame(known, given) {
  if (known === undefined || known.length !== given.length) return false;
  let difference = 0;
  for (let at = 0; at < known.length; at += 1) difference |= known.charCodeAt(at) ^ given.charCodeAt(at);
  return difference === 0;
}
