// ZMTP over WebSocket (ZWS 2.0, RFC 45): one binary message is one frame, its flag octet first.

import { imageOf, put, release, sizeOf } from './bodies.js';
import { NO_PEER, leave } from './links.js';
import { Whole, pieceLimit } from './whole.js';

/** How many octets a WebSocket may have unsent before its engine keeps the rest in its own queues. */
const WINDOW = 1 << 20;
/** As the engine counts: a frame costs this beside its body. */
const FRAME_OVERHEAD = 9;
/** Pauses between looks at a full WebSocket's `bufferedAmount`: no event tells that it drains. */
const SHORTEST_LOOK = 1;
const LONGEST_LOOK = 32;

/** What is offered, best first. `/` is not legal in a browser's sub-protocol, hence an alias that our listeners know. */
const PROTOCOLS = ['ZWS2.0-NULL', 'ZWS2.0'];

/** A link by a WebSocket that is being opened. */
function linkBy(core, number, webSocket) {
  let peer = NO_PEER;
  let credit = WINDOW;
  let timer;
  let isLooking = false;
  let isOver = false;
  /** What keeps messages whole, where that is needed. */
  let whole;

  const opened = () => {
    const { protocol, url } = webSocket;
    // Only our own listeners choose our alias: they take fragments.
    const limit = protocol === PROTOCOLS[0] ? 0 : pieceLimit(core.type);
    if (limit > 0) whole = new Whole(webSocket);
    peer = core.opened(number, limit, protocol, url);
    if (peer !== NO_PEER) core.writable(peer, WINDOW);
  };

  const received = (data) => {
    if (typeof data === 'string' || data.byteLength === 0) {
      core.badFrame(peer, typeof data === 'string');
      return;
    }
    const image = new Uint8Array(data);
    core.frame(peer, image[0], put(image), image.length - 1);
  };

  const detach = () => {
    isOver = true;
    clearTimeout(timer);
    webSocket.onopen = webSocket.onmessage = webSocket.onclose = webSocket.onerror = null;
  };

  const ended = (detail) => {
    if (!leave(link)) return;
    detach();
    whole?.drop();
    if (peer !== NO_PEER) {
      core.lost(peer, `the peer closed the WebSocket (${detail})`);
    } else {
      const why =
        `the WebSocket could not be opened (${detail}); a browser does not tell whether the server is down, ` +
        'refused the request, or knows no ZWS 2.0 sub-protocol';
      core.dialFailed(number, why);
    }
  };

  /** Tells the engine of the room that there is. While there is little, looks again after a pause. */
  const look = (pause) => {
    if (isOver) return;
    const unsent = webSocket.bufferedAmount + (whole?.unsent ?? 0);
    if (unsent > WINDOW / 2) {
      timer = setTimeout(look, pause, Math.min(pause * 2, LONGEST_LOOK));
      return;
    }
    isLooking = false;
    credit = WINDOW - unsent;
    core.writable(peer, credit);
  };

  const link = {
    number,

    transmit(flag, body) {
      credit -= sizeOf(body) + FRAME_OVERHEAD;
      if (credit <= 0 && !isLooking) {
        // Soon, but not now: it is the core that calls. Often the network has taken it all by then.
        isLooking = true;
        queueMicrotask(() => look(SHORTEST_LOOK));
      }
      if (whole !== undefined) {
        whole.send(flag, body);
        return;
      }
      webSocket.send(imageOf(body, flag));
      if (body !== 0) release(body);
    },

    shut() {
      detach();
      if (whole === undefined) webSocket.close();
      else whole.close();
    },
  };

  webSocket.binaryType = 'arraybuffer';
  webSocket.onopen = opened;
  webSocket.onmessage = ({ data }) => received(data);
  webSocket.onclose = ({ code, reason }) => ended(reason === '' ? `code ${code}` : `code ${code}: ${reason}`);
  // Some runtimes end a WebSocket by this event alone.
  webSocket.onerror = ({ message }) => ended(message || 'code 1006');
  return link;
}

/** Dials. */
export function connect(core, number, url, { protocols = PROTOCOLS, headers }) {
  // Only runtimes whose WebSocket takes an object in place of the list can send headers.
  return linkBy(core, number, new WebSocket(url, headers === undefined ? protocols : { protocols, headers }));
}
