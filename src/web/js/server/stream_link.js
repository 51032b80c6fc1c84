// A link that carries octets: what wasm writes in one turn leaves in one go, as far as there is room, and what comes goes to
// wasm chunk by chunk. How octets are sent and received is for those who extend it.

import { copyTo, put, release, sizeOf, viewOf } from '../bodies.js';
import { NO_PEER, leave } from '../links.js';
import { words } from '../words.js';
import { streamAccepted, streamEnded, streamOpened, streamRead } from '#module';

/** How many octets may be unsent before the engine keeps the rest in its own queues. */
const WINDOW = 1 << 20;
/** As the engine counts: a frame costs this beside its body. */
const FRAME_OVERHEAD = 9;
/** So much is sent before the turn ends. */
const BATCH = 1 << 18;
/** Bodies up to this length are copied, to leave together with their neighbours. */
const SHORT = 4096;
/** What wasm gives a header by, of which the header is a part. */
const HEADER = 12;
/** How much room for headers and short bodies there is at first, and at the most. */
const SMALLEST = 256;
const LARGEST = 1 << 14;

export class StreamLink {
  #core;
  #peer = NO_PEER;
  #defer;
  #isDeferred = false;
  #isOver = false;
  /** Where headers and short bodies gather: what lies from `start` to `end` is not in `pieces` yet. */
  #octets = new Uint8Array(SMALLEST);
  #start = 0;
  #end = 0;
  #pieces = [];
  #gathered = 0;
  /** Long bodies among the pieces. */
  #bodies = [];
  /** Those of what is being sent, by sending. */
  #sending = new Set();
  #unsent = 0;
  #credit = WINDOW;

  /** `defer` calls a function when the turn is over. */
  constructor(core, number, defer) {
    this.#core = core;
    this.number = number;
    this.#defer = defer;
  }

  get isOver() {
    return this.#isOver;
  }

  // ---- For those who extend it --------------------------------------------------------------------
  // They have `send(pieces, done)`, which sends octets and calls `done` when they are on their way or never will be, and not
  // at once; `pause(on)`; `end(patience)`, which ends the connection behind all that was sent, if that takes no longer; and
  // `destroy()`, which ends it now.

  /** The connection that was dialled is up. */
  opened(address) {
    if (this.#isOver) return;
    this.#welcome(streamOpened(this.#core.socketNumber, this.number, ...words(address)));
  }

  /** A listener has let the connection in. */
  accepted(listener, address) {
    this.#welcome(streamAccepted(this.#core.socketNumber, this.number, listener, ...words(address)));
  }

  #welcome(peer) {
    this.#peer = peer;
    if (peer !== NO_PEER) this.#core.writable(peer, WINDOW);
  }

  /** A chunk has come, whose memory is no longer used for anything else. */
  received(chunk) {
    if (!this.#isOver) streamRead(this.#core.socketNumber, this.#peer, put(chunk, 0), chunk.length);
  }

  /** Nothing else will come. */
  ended(reason) {
    if (this.#isOver) return;
    if (this.#peer !== NO_PEER) {
      streamEnded(this.#core.socketNumber, this.#peer, ...words(reason));
    } else if (leave(this)) {
      this.#isOver = true;
      this.#core.dialFailed(this.number, reason);
    }
  }

  /** The connection is no more. */
  closed() {
    for (const bodies of this.#sending) letGo(bodies);
    letGo(this.#bodies);
  }

  // ---- For wasm -----------------------------------------------------------------------------------

  write(size, first, second, third, body) {
    const length = sizeOf(body);
    const isShort = length <= SHORT;
    this.#makeRoom(HEADER + (isShort ? length : 0));
    const octets = this.#octets;
    let end = this.#end;
    if (size > 0) {
      put32(octets, end, first);
      if (size > 4) {
        put32(octets, end + 4, second);
        put32(octets, end + 8, third);
      }
      end += size;
    }
    if (!isShort) {
      this.#end = end;
      this.#cut();
      this.#pieces.push(viewOf(body));
      this.#bodies.push(body);
    } else {
      copyTo(octets, end, body);
      this.#end = end + length;
      if (body !== 0) release(body);
    }
    this.#gathered += size + length;
    this.#credit -= length + FRAME_OVERHEAD;
    if (this.#gathered >= BATCH) {
      this.#flush();
    } else if (!this.#isDeferred) {
      this.#isDeferred = true;
      this.#defer(this.#onTurn);
    }
    return this.#unsent > 0;
  }

  finish(patience) {
    if (!leave(this)) return;
    this.#flush();
    this.#isOver = true;
    this.end(patience);
  }

  shut() {
    this.#isOver = true;
    this.destroy();
  }

  // ---- Sending ------------------------------------------------------------------------------------

  #onTurn = () => {
    this.#isDeferred = false;
    if (!this.#isOver) this.#flush();
  };

  #makeRoom(needed) {
    if (this.#octets.length - this.#end >= needed) return;
    this.#cut();
    // What is in use stays as it is until it is sent.
    this.#octets = new Uint8Array(Math.max(Math.min(2 * this.#octets.length, LARGEST), needed));
    this.#start = this.#end = 0;
  }

  /** Makes a piece of what has gathered. */
  #cut() {
    if (this.#start === this.#end) return;
    this.#pieces.push(this.#octets.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  #flush() {
    this.#cut();
    if (this.#pieces.length === 0) return;
    const [pieces, bodies, count] = [this.#pieces, this.#bodies, this.#gathered];
    this.#pieces = [];
    this.#bodies = [];
    this.#gathered = 0;
    this.#unsent += count;
    this.#sending.add(bodies);
    this.send(pieces, () => {
      this.#unsent -= count;
      this.#sending.delete(bodies);
      letGo(bodies);
      this.#grant();
    });
  }

  /** Tells the engine of the room that there is. */
  #grant() {
    if (this.#isOver || this.#credit > WINDOW / 2) return;
    const room = WINDOW - this.#unsent - this.#gathered;
    if (room <= WINDOW / 2) return;
    this.#credit = room;
    this.#core.writable(this.#peer, room);
  }
}

function put32(octets, at, word) {
  octets[at] = word >>> 24;
  octets[at + 1] = word >>> 16;
  octets[at + 2] = word >>> 8;
  octets[at + 3] = word;
}

/** Gives references back, once. */
function letGo(bodies) {
  for (const body of bodies.splice(0)) release(body);
}
