// The package's entry for Bun.

import { ZMQError } from '../errors.js';
import { transports } from '../links.js';
import { MAXMSGSIZE } from '../numbers.js';
import { accept, letIn } from './accept.js';
import { Upgraded, websocket } from './bun_websockets.js';
import { listenTo } from './net.js';
import './parent.js';
import { addressOf, answer, answerAt, refuse, toBind } from './requests.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';
export { websocket };

Object.assign(transports.get('ws'), { accept, upgrade, listen: listenTo(listen) });

function upgrade(port, request, server) {
  if (typeof server?.upgrade !== 'function') {
    throw new ZMQError('EINVAL', 'upgrade() takes the server too, which Bun.serve gives to fetch(request, server)');
  }
  return answer(port, request, (protocol, headers) => {
    // It is not told any more when the request is answered.
    const peer = server.requestIP(request);
    const data = new Upgraded();
    let isUpgraded;
    try {
      isUpgraded = server.upgrade(request, { headers, data });
    } catch (error) {
      throw new ZMQError('EINVAL', `${error.message}: Bun.serve({ fetch, websocket }), with the websocket of this package`);
    }
    if (!isUpgraded) return refuse(port, 400, 'this is no request for a WebSocket of version 13');
    letIn(port, data, { protocol, peerAddress: peer === null ? '' : addressOf(peer.address, peer.port) });
    // Bun sends its own answer, whatever it is given.
    return new Response();
  });
}

async function listen(endpoint, port) {
  const { path, ...address } = toBind(port, endpoint);
  const most = port.core.get(MAXMSGSIZE);
  const server = Bun.serve({
    ...address,
    fetch: (request) => answerAt(path, port, request, () => upgrade(port, request, server)),
    // The flag octet is not the frame's.
    websocket: most < 0 ? websocket : { ...websocket, maxPayloadLength: most + 1 },
  });
  return { endpoint: `ws://${addressOf(server.hostname, server.port)}${path}`, close: () => void server.stop() };
}
