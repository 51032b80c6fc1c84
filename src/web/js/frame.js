// Message parts: what they can be made from, Frame, MessageTracker, and text.

import { NotDone, ZMQError } from './host.js';
import { checkString, checkTimeout, describe, invalid } from './check.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** One part of a message, with what is known of the peer it came from. */
export class Frame {
  #bytes;
  #metadata;
  #settle;

  constructor(data = new Uint8Array(0), options = {}) {
    const { track = false, more = false } = options ?? {};
    this.#bytes = imageOf(data).subarray(1);
    this.#metadata = new Map();
    this.more = Boolean(more);
    this.routingId = 0;
    this.group = '';
    this.tracker = undefined;
    if (track) this.tracker = MessageTracker.until((settle) => (this.#settle = settle));
  }

  /** A frame around a received body, which is not copied. */
  static received(bytes, more, properties) {
    const frame = new Frame();
    frame.#bytes = bytes;
    frame.more = more;
    for (const [name, value] of Object.entries(properties)) frame.#metadata.set(name.toLowerCase(), value);
    return frame;
  }

  /** The socket has taken the frame's octets. */
  static sent(frame) {
    frame.#settle?.();
  }

  get bytes() {
    return this.#bytes;
  }

  get buffer() {
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return byteLength === buffer.byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
  }

  get length() {
    return this.#bytes.length;
  }

  get(property) {
    return this.#metadata.get(checkString(property, "a property's name").toLowerCase());
  }

  set(property, value) {
    checkString(property, "a property's name");
    if (property === 'routing_id' && Number.isInteger(value)) this.routingId = value;
    else if (property === 'group' && typeof value === 'string') this.group = value;
    else if (/^x-/i.test(property) && (typeof value === 'string' || typeof value === 'number')) {
      this.#metadata.set(property.toLowerCase(), String(value));
    } else {
      throw invalid(`a frame's property ${describe(property)} can't be set to ${describe(value)}`);
    }
  }

  toString(encoding) {
    return decode(this.#bytes, encoding);
  }
}

/** Tells when a sent message's memory is no longer needed. */
export class MessageTracker {
  #pending = new Set();
  #waiting = new Set();

  constructor(...towatch) {
    for (const item of towatch) {
      const tracker = item instanceof Frame ? item.tracker : item;
      if (!(tracker instanceof MessageTracker)) {
        throw invalid(`a MessageTracker watches trackers and tracked frames, not ${describe(item)}`);
      }
      if (!tracker.done) this.#await(tracker);
    }
  }

  #await(tracker) {
    this.#pending.add(tracker);
    tracker.#waiting.add(() => {
      this.#pending.delete(tracker);
      this.#check();
    });
  }

  #check() {
    if (!this.done) return;
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  get done() {
    return this.#pending.size === 0;
  }

  async wait(timeout = -1) {
    checkTimeout(timeout);
    if (this.done) return;
    await new Promise((resolve, reject) => {
      let timer;
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(done);
      if (timeout >= 0) {
        timer = setTimeout(() => {
          this.#waiting.delete(done);
          reject(new NotDone());
        }, timeout);
      }
    });
  }

  /** For Frame: a tracker that is done when the function handed to `begin` is called. */
  static until(begin) {
    const tracker = new MessageTracker();
    const event = Symbol('sent');
    tracker.#pending.add(event);
    begin(() => {
      tracker.#pending.delete(event);
      tracker.#check();
    });
    return tracker;
  }
}

/** Copies what a frame can be made from behind a place for the flag octet: a WebSocket message in the making. */
export function imageOf(data) {
  const bytes = bytesOf(data);
  const image = new Uint8Array(bytes.length + 1);
  image.set(bytes, 1);
  return image;
}

function bytesOf(data) {
  if (data instanceof Uint8Array) return data;
  if (typeof data === 'string') return encoder.encode(data);
  if (data instanceof Frame) return data.bytes;
  try {
    if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (data instanceof ArrayBuffer) return new Uint8Array(data);
  } catch {
    throw invalid('a message part can\'t be made from a detached ArrayBuffer');
  }
  throw invalid(`a message part is a Uint8Array, ArrayBuffer, view, string or Frame, not ${describe(data)}`);
}

/** Octets of an option, a topic or a routing id. */
export function octetsOf(data) {
  return bytesOf(data);
}

export function encode(text, encoding = 'utf-8') {
  if (typeof text !== 'string') throw invalid(`expected a string, not ${describe(text)}`);
  switch (label(encoding)) {
    case 'utf-8':
    case 'utf8':
      return encoder.encode(text);
    case 'ascii':
    case 'us-ascii':
      return narrow(text, 0x7f, encoding);
    case 'latin1':
    case 'latin-1':
    case 'iso-8859-1':
      return narrow(text, 0xff, encoding);
    case 'utf-16le':
      return new Uint8Array(Uint16Array.from(text, (_, at) => text.charCodeAt(at)).buffer);
    default:
      throw invalid(`text can't be encoded as ${describe(encoding)}: expected utf-8, ascii, latin1 or utf-16le`);
  }
}

function narrow(text, highest, encoding) {
  const octets = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > highest) throw invalid(`${describe(text[at])} has no place in ${encoding}`);
    octets[at] = unit;
  }
  return octets;
}

export function decode(bytes, encoding) {
  if (encoding === undefined) return decoder.decode(bytes);
  // The labels of the Encoding Standard make windows-1252 of these two.
  if (/^(latin-?1|iso-8859-1)$/.test(label(encoding))) {
    return Array.from(bytes, (octet) => String.fromCharCode(octet)).join('');
  }
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    throw invalid(`text can't be decoded as ${describe(encoding)}`);
  }
}

function label(encoding) {
  if (typeof encoding !== 'string') throw invalid(`an encoding is a string, not ${describe(encoding)}`);
  return encoding.toLowerCase();
}

/** Parses JSON, with a ZMQError where it is none. */
export function parseJson(bytes, reviver) {
  try {
    return JSON.parse(decoder.decode(bytes), reviver);
  } catch (cause) {
    throw Object.assign(new ZMQError('EINVAL', `the message is not JSON: ${cause.message}`), { cause });
  }
}

/** Writes JSON, with a ZMQError where a value has none. */
export function toJson(value, replacer, space) {
  let text;
  try {
    text = JSON.stringify(value, replacer, space);
  } catch (cause) {
    throw Object.assign(new ZMQError('EINVAL', `the value can't be written as JSON: ${cause.message}`), { cause });
  }
  if (text === undefined) throw invalid(`${describe(value)} can't be written as JSON`);
  return text;
}
