// The package's entry for Deno.

import { transports } from '../links.js';
import { accept, letIn } from './accept.js';
import { listenTo } from './net.js';
import './parent.js';
import { addressOf, answer, answerAt, refuse, toBind } from './requests.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';

Object.assign(transports.get('ws'), { accept, upgrade, listen: listenTo(listen) });

/** `info` is what Deno.serve gives its handlers beside the request. */
function upgrade(port, request, info) {
  return answer(port, request, (protocol, headers) => {
    // It is not told any more when the request is answered.
    const peerAddress = peerOf(info);
    let upgraded;
    try {
      // It parses no sub-protocol with a slash, so it must not choose.
      upgraded = Deno.upgradeWebSocket(request);
    } catch (error) {
      return refuse(port, 400, error.message);
    }
    const { socket, response } = upgraded;
    for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
    letIn(port, socket, { protocol, peerAddress });
    return response;
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
  const serve = (request, info) => answerAt(path, port, request, () => upgrade(port, request, info));
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
