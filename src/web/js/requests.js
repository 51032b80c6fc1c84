// request(): a message, and the promise of its own reply, among any number under way at once.
//
// A DEALER puts a number and an empty part in front, as libzmq's REQ does under REQ_CORRELATE, and knows the reply by
// them. What carries no number of this socket's goes to who receives. A REQ asks one thing at a time, and a CLIENT's
// messages have room for nothing else: there the next message is the reply to the oldest request.

import { Again, ZMQError } from './errors.js';
import { checkOptions, checkParts, checkSignal, checkTimeout } from './check.js';
import { CLIENT, DEALER, REQ } from './constants.js';
import { Waiter, promised } from './waiting.js';

const EMPTY = new Uint8Array(0);

export class Requests {
  #type;
  #calls;
  #sender;
  #receiver;
  /** Who waits for which reply, oldest first. Without a waiter: nobody wants the reply any more. */
  #waiting = new Map();
  #firstNumber = Math.floor(Math.random() * 2 ** 32);
  #issued = 0;

  constructor(type, calls, sender, receiver) {
    if (![REQ, DEALER, CLIENT].includes(type)) {
      throw new ZMQError('ENOTSUP', 'request() is for REQ, DEALER and CLIENT sockets');
    }
    this.#type = type;
    this.#calls = calls;
    this.#sender = sender;
    this.#receiver = receiver;
  }

  request(asked, options) {
    const { timeout = -1, signal } = checkOptions(options);
    const limit = checkTimeout(timeout);
    checkSignal(signal)?.throwIfAborted();
    const parts = checkParts(Array.isArray(asked) ? asked : [asked]);
    const waiter = new Waiter();
    const number = (this.#firstNumber + this.#issued) >>> 0;
    this.#issued += 1;
    const sending = new AbortController();
    const fail = (reason) => {
      waiter.release();
      waiter.reject(reason);
      sending.abort(reason);
      // Where replies are told by their order, this one must still be waited for.
      if (this.#type === DEALER) this.#waiting.delete(number);
      else if (this.#waiting.has(number)) this.#waiting.set(number, undefined);
      this.#calls.serve();
    };
    waiter.limit(limit, () => fail(new Again('no reply came in time')), signal ?? undefined, fail);
    const message = this.#type === DEALER ? [numbered(number), EMPTY, ...parts] : parts;
    const onSent = () => this.#waiting.set(number, waiter);
    promised(() => this.#sender.send(message, 0, { signal: sending.signal }, onSent)).catch(fail);
    return waiter.promise;
  }

  /** Whether a REQ must not ask yet: under REQ_RELAXED, asking would forget the request that is under way. */
  get isBusy() {
    return this.#type === REQ && [...this.#waiting.values()].some((waiter) => waiter !== undefined);
  }

  /** A message is sent. A REQ that could send waits for nothing older. */
  onSent() {
    if (this.#type === REQ) this.#waiting.clear();
  }

  /** Receives replies as they come: nobody else may be receiving. */
  collect() {
    if (this.#type === DEALER ? this.#issued > 0 : this.#waiting.size > 0) this.#receiver.collect();
  }

  /** Whether a message is a reply: then it is given to who waits for it, or to nobody. */
  take(message) {
    if (this.#type !== DEALER) {
      if (this.#waiting.size === 0) return false;
      const [oldest] = this.#waiting.keys();
      this.#end(oldest)?.resolve(message);
      return true;
    }
    const [first, delimiter] = message;
    if (first.length !== 4 || delimiter?.length !== 0) return false;
    const number = new DataView(first.buffer, first.byteOffset).getUint32(0);
    if ((number - this.#firstNumber) >>> 0 >= this.#issued) return false;
    this.#end(number)?.resolve(message.slice(2));
    return true;
  }

  /** The reply to the oldest request will not come: its peer has gone. */
  lose(error) {
    const [oldest] = this.#waiting.keys();
    this.#end(oldest)?.reject(error);
  }

  #end(number) {
    const waiter = this.#waiting.get(number);
    this.#waiting.delete(number);
    waiter?.release();
    return waiter;
  }

  /** The socket is closed, or its context terminated. */
  rejectAll(makeError) {
    for (const waiter of this.#waiting.values()) {
      waiter?.release();
      waiter?.reject(makeError());
    }
    this.#waiting.clear();
    this.#issued = 0;
  }
}

function numbered(number) {
  const octets = new Uint8Array(4);
  new DataView(octets.buffer).setUint32(0, number);
  return octets;
}
