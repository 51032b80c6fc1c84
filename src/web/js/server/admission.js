// Whom a listener lets in: what bind() takes beside an endpoint of ws://, tcp:// or ipc://.

import { checkFunction, describe, invalid } from '../check.js';
import { HANDSHAKE_IVL, MAXMSGSIZE } from '../numbers.js';
import { checkOrigins, isLoopback } from './origins.js';
import { refuse } from './requests.js';

/** Milliseconds for what comes before ZMTP where HANDSHAKE_IVL sets no limit. */
const PATIENCE = 30_000;
/** As in Rust. Of this machine's own addresses any number may come from one: a proxy may be there. */
const MAX_CONNECTIONS = 16_384;
const MAX_CONNECTIONS_PER_ADDRESS = 1024;
/** Octets of a WebSocket's message where MAXMSGSIZE sets no limit. */
const MAX_MSG_SIZE = 64 * 1024 * 1024;

const LATE = Symbol('late');

export class Admission {
  #port;
  #most;
  #mostPerAddress;
  #authorize;
  #all = 0;
  #byAddress = new Map();

  constructor(port, { origins, maxConnections, maxConnectionsPerAddress, maxMsgSize, authorize }) {
    this.#port = port;
    this.origins = checkOrigins(origins);
    this.#most = checkLimit(maxConnections, MAX_CONNECTIONS, 'maxConnections');
    this.#mostPerAddress = checkLimit(maxConnectionsPerAddress, undefined, 'maxConnectionsPerAddress');
    this.#authorize = authorize === undefined ? undefined : checkFunction(authorize, 'authorize');
    // Requests may come when the socket is closed, and does not tell any more.
    this.patience = port.core.get(HANDSHAKE_IVL) || PATIENCE;
    const most = port.core.get(MAXMSGSIZE);
    const byDefault = checkLimit(maxMsgSize, MAX_MSG_SIZE, 'maxMsgSize') + 1;
    /** Octets of a WebSocket's message, of which one is the flag's. */
    this.longest = most < 0 ? byDefault : most + 1;
    /** Where the engine has no limit to tell of. */
    this.longestByDefault = most < 0 ? byDefault : Infinity;
  }

  /** Why nobody else is let in from this address; undefined if there is room. */
  against(address) {
    const there = this.#byAddress.get(address) ?? 0;
    const isHere = address === '' || isLoopback(address);
    const each = this.#mostPerAddress ?? (isHere ? Infinity : MAX_CONNECTIONS_PER_ADDRESS);
    if (this.#all >= this.#most) return `there are ${this.#all} connections already, as many as there may be`;
    return there < each ? undefined : `there are ${there} connections from ${address} already, as many as there may be from one address`;
  }

  /** Counts a connection. Gives what ends that. */
  enter(address) {
    const count = (by) => {
      this.#all += by;
      const there = (this.#byAddress.get(address) ?? 0) + by;
      if (there > 0) this.#byAddress.set(address, there);
      else this.#byAddress.delete(address);
    };
    count(1);
    return () => count(-1);
  }

  /** The same for a connection of node:net's, which is ended if there is no room. Tells whether there is. */
  count(tcp) {
    // It is unknown of one that is gone already, and the same for all who come by ipc.
    const address = tcp.remoteAddress ?? '';
    const reason = this.against(address);
    if (reason === undefined) {
      tcp.once('close', this.enter(address));
      return true;
    }
    this.#port.refused(reason);
    tcp.destroy();
    return false;
  }

  /** Whether the application lets a request become a WebSocket: nothing, or the Response that says no. `make` gives the Request. */
  async authorize(make, peerAddress) {
    if (this.#authorize === undefined) return undefined;
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, this.patience, LATE)));
    try {
      const answer = await Promise.race([this.#authorize(make(), { peerAddress }), late]);
      if (answer === true) return undefined;
      if (answer === LATE) return refuse(this.#port, 503, 'deciding about it took longer than HANDSHAKE_IVL');
      if (typeof answer?.status !== 'number') return refuse(this.#port, 403, 'not authorized');
      this.#port.refused(`not authorized: ${answer.status}`);
      return answer;
    } catch (error) {
      console.error('zmq-wasm: authorize:', error);
      return refuse(this.#port, 500, 'deciding about it has failed');
    } finally {
      clearTimeout(timer);
    }
  }
}

function checkLimit(value, byDefault, name) {
  if (value === undefined) return byDefault;
  if (!(Number.isInteger(value) || value === Infinity) || value < 0) {
    throw invalid(`${name} is a number from 0 on, or Infinity, not ${describe(value)}`);
  }
  return value;
}
