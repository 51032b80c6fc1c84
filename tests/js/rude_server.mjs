// A WebSocket server that does to a client what no ZeroMQ peer should: by `ws`, and by bare HTTP where that is too well-bred.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const LAST = 0;

/** What is done on each connection once it is open, by name. */
const MANNERS = {
  'another sub-protocol': () => {},
  // Its client asks for TLS.
  'no TLS': () => {},
  'a text frame': (webSocket) => webSocket.send('text'),
  'an empty message': (webSocket) => webSocket.send(Buffer.alloc(0)),
  'code 1002': (webSocket) => webSocket.close(1002),
  'code 1008': (webSocket) => webSocket.close(1008, 'not you'),
  'code 1009': (webSocket) => webSocket.close(1009),
};

/** Serves on a port of the system's choice. Resolves with `{ endpoint, close() }`. */
export async function serveRudely(manner) {
  const server = createServer((_, response) => response.writeHead(403).end());
  if (manner !== '403 in place of 101') {
    const chosen = manner === 'another sub-protocol' ? 'chat' : 'ZWS2.0';
    // `ws` sends only what was offered.
    const webSockets = new WebSocketServer({ server, handleProtocols: () => false });
    webSockets.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${chosen}`));
    webSockets.on('connection', (webSocket) => {
      webSocket.on('error', () => {});
      // Its routing id, and then what it is here for.
      webSocket.once('message', () => {
        webSocket.send(Buffer.of(LAST));
        MANNERS[manner](webSocket);
      });
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `${manner === 'no TLS' ? 'wss' : 'ws'}://127.0.0.1:${server.address().port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
