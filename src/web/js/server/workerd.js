// The package's entry for Cloudflare Workers.

import './cloudflare.js';
import { transports } from '../links.js';
import { accept as acceptAny, letIn } from './accept.js';
import { Hibernating, newRecord, recordOf, suffices } from './hibernation.js';
import { answer } from './requests.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';

Object.assign(transports.get('ws'), { accept, upgrade });

/** Of a Durable Object's state, one that it has accepted before it was put to sleep is known by what was kept with it. */
function accept(port, webSocket, options) {
  const record = recordOf(webSocket);
  if (record === undefined) return acceptAny(port, webSocket, options);
  if (suffices(record)) return keep(port, webSocket, record);
  // Its peer connects again.
  webSocket.close(1012);
  port.refused('the object was put to sleep in the middle of a message, or while more was subscribed to than is kept');
}

/** `state` is a Durable Object's, if the connection is to outlive the object's sleep. */
function upgrade(port, request, state, options) {
  const peerAddress = request?.headers?.get?.('cf-connecting-ip') ?? '';
  return answer(port, request, peerAddress, options, (protocol, headers) => {
    const [client, server] = Object.values(new WebSocketPair());
    if (typeof state?.acceptWebSocket === 'function') {
      state.acceptWebSocket(server);
      keep(port, server, newRecord(protocol, peerAddress));
    } else {
      server.accept();
      letIn(port, server, { protocol, peerAddress });
    }
    return new Response(null, { status: 101, webSocket: client, headers });
  });
}

function keep(port, webSocket, record) {
  const hibernating = new Hibernating(webSocket, record, port.core.type);
  letIn(port, hibernating, record);
  hibernating.wake();
}
