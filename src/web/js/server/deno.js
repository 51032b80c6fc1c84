// The package's entry for Deno.

import { transports } from '../links.js';
import { accept, closeBy, letIn } from './accept.js';
import { listenTo } from './net.js';
import { nameOf } from './origins.js';
import './parent.js';
import { addressOf, answer, answerAt, refuse, toBind } from './requests.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';

Object.assign(transports.get('ws'), { accept, upgrade, listen: listenTo(listen) });

/** `info` is what Deno.serve gives its handlers beside the request. */
function upgrade(port, request, info, options) {
  const peerAddress = peerOf(info);
  return answer(port, request, peerAddress, options, starting(port, request, peerAddress));
}

/** What makes a request a WebSocket of a port's. */
function starting(port, request, peerAddress) {
  return (protocol, headers) => {
    let upgraded;
    try {
      // It parses no sub-protocol with a slash, so it must not choose.
      upgraded = Deno.upgradeWebSocket(request);
    } catch (error) {
      return refuse(port, 400, error.message);
    }
    const { socket, response } = upgraded;
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    const { admission } = port;
    if (admission !== undefined) bound(socket, admission.longestByDefault);
    letIn(port, socket, { protocol, peerAddress, release: admission?.enter(nameOf(peerAddress)) });
    return response;
  };
}

/** Deno has no limit to a message: what is too long goes no further. */
function bound(socket, longest) {
  socket.addEventListener('message', (event) => {
    if (!(event.data.byteLength > longest)) return;
    event.stopImmediatePropagation();
    closeBy(socket, 1009);
  });
}

function peerOf(info) {
  const { hostname, port } = info?.remoteAddr ?? {};
  return hostname === undefined ? '' : addressOf(hostname, port);
}

/** When the servers that were told to stop have stopped. */
let stopped;

async function listen(endpoint, port) {
  const { path, ...address } = toBind(port, endpoint);
  const serve = (request, info) => {
    // It is not told any more when the request is answered.
    const peerAddress = peerOf(info);
    return answerAt(path, port, request, peerAddress, starting(port, request, peerAddress));
  };
  // A port that was given up a moment ago is free only then.
  await stopped;
  const stopping = new AbortController();
  // Without onListen, it prints where it listens.
  const { addr, finished } = Deno.serve({ ...address, signal: stopping.signal, onListen() {} }, serve);
  const close = () => {
    stopping.abort();
    stopped = Promise.allSettled([stopped, finished]).then(() => {});
  };
  return { endpoint: `ws://${addressOf(addr.hostname, addr.port)}${path}`, close };
}
