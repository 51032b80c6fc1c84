// ZMTP over WebSocket (ZWS 2.0, RFC 45): one binary message is one frame, its flag octet first.

import { imageOf, put, release, sizeOf } from './bodies.js';
import { NO_PEER, enter, leave, shut } from './links.js';
import { Whole, pieceLimit } from './whole.js';

/** How many octets a WebSocket may have unsent before its engine keeps the rest in its own queues. */
const WINDOW = 1 << 20;
/** As the engine counts: a frame costs this beside its body. */
const FRAME_OVERHEAD = 9;
/** Pauses between looks at a full WebSocket's `bufferedAmount`: no event tells that it drains. */
const SHORTEST_LOOK = 1;
const LONGEST_LOOK = 32;

/** What is offered, best first, where there is no other mechanism than NULL. `/` is not legal in a browser's sub-protocol, hence an alias that our listeners know. */
export const PROTOCOLS = ['ZWS2.0-NULL', 'ZWS2.0'];

export const OPEN = 1;

/** What a peer means by the codes with which it refuses what we sent (RFC 6455, 7.4.1). */
const MEANINGS = { 1002: ', a protocol error', 1008: ', against its policy', 1009: ', a message too big for it' };

/**
 * A link by a WebSocket that is open or will be. `begin(limit, protocol)` then tells the core and gives the peer's number;
 * `fail(detail)` tells that it never was.
 */
export function linkBy(core, number, webSocket, begin, fail, given) {
  let peer = NO_PEER;
  let credit = WINDOW;
  let timer;
  let isLooking = false;
  let isOver = false;
  /** What keeps messages whole, where that is needed. */
  let whole;

  const opened = () => {
    // Some can't be closed before they are open.
    if (isOver) return webSocket.close();
    const protocol = given ?? webSocket.protocol;
    // Only our own listeners choose our alias: they take fragments.
    const limit = protocol[6] === '-' ? 0 : pieceLimit(core.type);
    if (limit > 0) whole = new Whole(webSocket);
    peer = begin(limit, protocol);
    if (peer === NO_PEER) shut(number);
    else core.writable(peer, WINDOW);
  };

  const received = (data) => {
    if (isOver) return;
    if (!(data.byteLength > 0)) {
      core.badFrame(peer, typeof data === 'string');
      return;
    }
    const image = new Uint8Array(data);
    core.frame(peer, image[0], put(image), image.length - 1);
  };

  const detach = () => {
    isOver = true;
    clearTimeout(timer);
  };

  const ended = (detail, what = 'the peer closed the WebSocket') => {
    if (!leave(link)) return;
    detach();
    whole?.drop();
    if (peer !== NO_PEER) core.lost(peer, `${what} (${detail})`);
    else fail(detail);
  };

  /** Tells the engine of the room that there is. While there is little, looks again after a pause. */
  const look = (pause) => {
    if (isOver) return;
    const unsent = (webSocket.bufferedAmount ?? 0) + (whole?.unsent ?? 0);
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
    webSocket,

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
      try {
        webSocket.send(imageOf(body, flag));
      } catch (error) {
        // Some throw when they are closed already and have not told yet.
        queueMicrotask(() => ended(String(error)));
      }
      if (body !== 0) release(body);
    },

    shut() {
      detach();
      if (whole === undefined) webSocket.close();
      else whole.close();
    },

    /** Ends it because nobody will be here to listen. */
    desert(detail) {
      ended(detail, 'the WebSocket was closed');
      webSocket.close();
    },
  };

  enter(link);
  webSocket.binaryType = 'arraybuffer';
  const listeners = {
    open: opened,
    message: ({ data }) => received(data),
    close: ({ code, reason }) => ended(`code ${code}${MEANINGS[code] ?? ''}${reason && ': '}${reason ?? ''}`),
    // Some runtimes end a WebSocket by this event alone.
    error: ({ message }) => ended(message || 'code 1006'),
  };
  for (const type in listeners) {
    // A stand-in may have no more than the older way.
    if (webSocket.addEventListener) webSocket.addEventListener(type, listeners[type]);
    else webSocket[`on${type}`] = listeners[type];
  }
  if (webSocket.readyState === OPEN) opened();
  return link;
}

/** Dials. */
export function connect(core, number, url, { protocols = core.offers ?? PROTOCOLS, headers }) {
  // Only runtimes whose WebSocket takes an object in place of the list can send headers.
  const webSocket = new WebSocket(url, headers === undefined ? protocols : { protocols, headers });
  const begin = (limit, protocol) => core.opened(number, limit, protocol, webSocket.url);
  const fail = (detail) => {
    const tls = url.startsWith('wss') ? 'speaks no TLS that it trusts, ' : '';
    const why =
      `the WebSocket could not be opened (${detail}); a browser does not tell whether the server is down, ${tls}` +
      'refused the request, or knows no ZWS 2.0 sub-protocol';
    core.dialFailed(number, why);
  };
  return linkBy(core, number, webSocket, begin, fail);
}
