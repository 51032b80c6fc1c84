// Bodies of messages, which must not enter wasm: it knows them by numbers, and counts references.
//
// A body is kept as the WebSocket message it came in or will go out in: the flag octet, then the body.
// So a received body is a view on the WebSocket's own buffer, and one to be sent is copied once. A body that its sender
// gave away is kept as it is, and only copied where it leaves by a WebSocket.

const images = [new Uint8Array(1)]; // 0 is the empty body that the engine makes; it is never released
const starts = [1]; // where the body begins: behind the flag octet, or at 0 where there is no place for one
const references = [1];
const free = [];
const onFree = new Map();
/** Buffers that a receiver has, while others still wait for theirs. */
const seen = new WeakSet();
/** Octets from which on to give a buffer to another thread costs less than to copy it. */
const WORTH_GIVING = 8192;

/** Stores an image (flag octet and body) and gives its number, with one reference. */
export function put(image, start = 1) {
  const body = free.length > 0 ? free.pop() : images.length;
  images[body] = image;
  starts[body] = start;
  references[body] = 1;
  return body;
}

/** The length of a body. */
export function sizeOf(body) {
  return images[body].length - starts[body];
}

/** The body behind this flag octet, as a WebSocket message. The reference stays with the caller. */
export function imageOf(body, flag) {
  if (starts[body] === 0) makeRoom(body);
  const image = images[body];
  image[0] = flag;
  return image;
}

/** A place for the flag octet: the one octet before a body that fills the rest of its buffer, as a received body does. */
function makeRoom(body) {
  const { buffer, byteOffset, length } = images[body];
  const fits = byteOffset === 1 && buffer.byteLength === length + 1;
  const image = new Uint8Array(fits ? buffer : length + 1);
  if (!fits) image.set(images[body], 1);
  images[body] = image;
  starts[body] = 1;
}

/** Up to this many octets are copied one by one, which is quicker than by a view. */
const TINY = 64;

/** Copies a body to where there is room for it. The reference stays with the caller. */
export function copyTo(octets, at, body) {
  const image = images[body];
  const shift = at - starts[body];
  if (image.length > TINY) octets.set(viewOf(body), at);
  else for (let from = starts[body]; from < image.length; from += 1) octets[shift + from] = image[from];
}

/** Puts another image in the place of a body's that has grown. */
export function replace(body, image) {
  images[body] = image;
}

/** Any value that wasm keeps and gives back has its place among the bodies. */
export function valueOf(number) {
  return images[number];
}

/** Has `call` called when the body is no longer needed. */
export function whenFree(body, call) {
  onFree.set(body, call);
}

/** A view on a body. The reference stays with the caller. */
export function viewOf(body) {
  return starts[body] === 0 ? images[body] : images[body].subarray(starts[body]);
}

/** The body with this number, as a view; gives the reference back. */
export function take(body) {
  const view = viewOf(body);
  if (references[body] > 1) seen.add(view.buffer);
  if (body !== 0) release(body);
  return view;
}

/**
 * The body for another thread. Its buffer, or a copy's, is entered in `buffers` where it shall go along: a buffer that holds
 * nothing else and that nobody here needs any more. The reference stays with the caller.
 */
export function handOver(body, buffers) {
  // Of what is detached there is no view either; it is found out when it is sent.
  const view = images[body].length === 0 ? images[body] : viewOf(body);
  const { buffer, byteOffset, length } = view;
  const isWhole = byteOffset < 2 && byteOffset + length === buffer.byteLength;
  const isFree = isWhole && references[body] === 1 && !seen.has(buffer);
  const isGiven = length >= WORTH_GIVING;
  const handed = isWhole && (isFree || !isGiven) ? view : view.slice();
  if (isGiven) buffers.add(handed.buffer);
  return handed;
}

export function retain(body) {
  references[body] += 1;
}

export function release(body) {
  references[body] -= 1;
  if (references[body] === 0) {
    images[body] = undefined;
    free.push(body);
    if (onFree.size > 0) {
      const call = onFree.get(body);
      onFree.delete(body);
      call?.();
    }
  }
}

export function read(body, at, dst) {
  const from = at + starts[body];
  dst.set(images[body].subarray(from, from + dst.length));
}

export function make(src) {
  const image = new Uint8Array(src.length + 1);
  image.set(src, 1);
  return put(image);
}

/** How many bodies are held. For tests: nothing may stay when every message is read. */
export function bodiesHeld() {
  return images.length - 1 - free.length;
}
