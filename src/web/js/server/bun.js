// The package's entry for Bun.

import { ZMQError } from '../errors.js';
import { transports } from '../links.js';
import { accept, letIn } from './accept.js';
import { Upgraded, websocket } from './bun_websockets.js';
import { listenTo } from './net.js';
import { nameOf } from './origins.js';
import './parent.js';
import { addressOf, answer, answerAt, refuse, toBind } from './requests.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';
export { websocket };

Object.assign(transports.get('ws'), { accept, upgrade, listen: listenTo(listen) });

function upgrade(port, request, server, options) {
  if (typeof server?.upgrade !== 'function') {
    throw new ZMQError('EINVAL', 'upgrade() takes the server too, which Bun.serve gives to fetch(request, server)');
  }
  const peerAddress = peerOf(request, server);
  return answer(port, request, peerAddress, options, starting(port, request, server, peerAddress));
}

/** It is not told any more when the request is answered. */
function peerOf(request, server) {
  const peer = server.requestIP(request);
  return peer === null ? '' : addressOf(peer.address, peer.port);
}

/** What makes a request a WebSocket of a port's. */
function starting(port, request, server, peerAddress) {
  return (protocol, headers) => {
    const data = new Upgraded();
    let isUpgraded;
    try {
      isUpgraded = server.upgrade(request, { headers, data });
    } catch (error) {
      throw new ZMQError('EINVAL', `${error.message}: Bun.serve({ fetch, websocket }), with the websocket of this package`);
    }
    if (!isUpgraded) return refuse(port, 400, 'this is no request for a WebSocket of version 13');
    letIn(port, data, { protocol, peerAddress, release: port.admission?.enter(nameOf(peerAddress)) });
    // Bun sends its own answer, whatever it is given.
    return new Response();
  };
}

async function listen(endpoint, port) {
  const { path, ...address } = toBind(port, endpoint);
  const { longest } = port.admission;
  const server = Bun.serve({
    ...address,
    fetch(request) {
      const peerAddress = peerOf(request, server);
      return answerAt(path, port, request, peerAddress, starting(port, request, server, peerAddress));
    },
    websocket: { ...websocket, maxPayloadLength: Math.min(longest, websocket.maxPayloadLength) },
  });
  return { endpoint: `ws://${addressOf(server.hostname, server.port)}${path}`, close: () => void server.stop() };
}
