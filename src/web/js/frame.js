// Message parts: what they can be made from, Frame, and MessageTracker.

import { NotDone } from './errors.js';
import { checkOptions, checkString, checkTimeout, describe, invalid } from './check.js';
import { decode, encode } from './text.js';

// What sending and receiving need of a Frame, and nobody else: set by the class, which alone can see inside.
/** A frame around a received body, which is not copied. */
export let receivedFrame;
/** Has a part that is made from a frame tell the frame when its memory is no longer needed. */
export let frameFreed;
/** A tracker that is done when the function handed to `begin` is called. */
export let trackerUntil;

const NO_BYTES = new Uint8Array(0);

/** One part of a message, with what is known of the peer it came from. */
export class Frame {
  #bytes;
  #metadata = new Map();
  #more;
  #tracker;
  #onFree;

  static {
    receivedFrame = (bytes, more, properties, track) => {
      const frame = new Frame(NO_BYTES, { more });
      frame.#bytes = bytes;
      // Its memory is the receiver's already.
      if (track) frame.#tracker = new MessageTracker();
      for (const [name, value] of Object.entries(properties)) frame.#metadata.set(name.toLowerCase(), value);
      return frame;
    };
    frameFreed = (frame, part) => {
      const { onFree } = part;
      if (frame.#onFree === undefined) return;
      part.onFree = () => {
        onFree?.();
        frame.#onFree();
      };
    };
  }

  constructor(data = NO_BYTES, options) {
    const { track = false, more = false } = checkOptions(options);
    this.#bytes = data === NO_BYTES ? data : imageOf(bytesOf(data)).subarray(1);
    this.#more = Boolean(more);
    this.routingId = 0;
    this.group = '';
    if (track) this.#tracker = trackerUntil((free) => (this.#onFree = free));
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

  get more() {
    return this.#more;
  }

  get tracker() {
    return this.#tracker;
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

  static {
    trackerUntil = (begin) => {
      const tracker = new MessageTracker();
      tracker.#pending.add(tracker);
      begin(() => {
        tracker.#pending.delete(tracker);
        tracker.#check();
      });
      return tracker;
    };
  }

  constructor(...towatch) {
    for (const item of towatch) {
      const tracker = item instanceof Frame ? item.tracker : item;
      if (!(tracker instanceof MessageTracker)) {
        throw invalid(`a MessageTracker watches trackers and tracked frames, not ${describe(item)}`);
      }
      if (!tracker.done) this.#watch(tracker);
    }
  }

  #watch(tracker) {
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
    const limit = checkTimeout(timeout);
    if (this.done) return;
    await new Promise((resolve, reject) => {
      let timer;
      const done = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(done);
      if (limit >= 0) {
        timer = setTimeout(() => {
          this.#waiting.delete(done);
          reject(new NotDone());
        }, Math.min(limit, 2 ** 31 - 1));
      }
    });
  }
}

/** A part to be sent: a copy behind a place for the flag octet, or the caller's own memory where that is given away. */
export function partOf(data, isLent) {
  const bytes = bytesOf(data);
  // A WebSocket takes no memory that others may change or that may shrink.
  const { buffer } = bytes;
  return isLent && buffer instanceof ArrayBuffer && !buffer.resizable
    ? { image: bytes, start: 0, onFree: undefined, handOver: undefined }
    : { image: imageOf(bytes), start: 1, onFree: undefined, handOver: undefined };
}

function imageOf(bytes) {
  const image = new Uint8Array(bytes.length + 1);
  image.set(bytes, 1);
  return image;
}

function bytesOf(data) {
  if (typeof data === 'string') return encode(data);
  if (data instanceof Frame) return data.bytes;
  try {
    // What is detached has no length either.
    if (data instanceof Uint8Array && data.length > 0) return data;
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
