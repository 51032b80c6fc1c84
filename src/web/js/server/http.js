// bind('ws://…') in Node.js: an HTTP server, whose upgrades npm's `ws` carries out.

import { HANDSHAKE_IVL, MAXMSGSIZE } from '../numbers.js';
import { letIn } from './accept.js';
import { load } from './npm_ws.js';
import { addressOf, judge, nobodyAt, reaches, refusalHeaders, toBind } from './requests.js';

/** Milliseconds for a request where HANDSHAKE_IVL sets no limit. */
const LIMIT = 30_000;

export async function listen(endpoint, port) {
  const { hostname, port: number, path } = toBind(port, endpoint);
  const [{ STATUS_CODES, createServer }, { WebSocketServer }] = await Promise.all([
    import('node:http'),
    load("bind('ws://…') in Node.js"),
  ]);
  const patience = port.core.get(HANDSHAKE_IVL) || LIMIT;
  const server = createServer({
    headersTimeout: patience,
    requestTimeout: patience,
    connectionsCheckingInterval: patience,
  });
  const most = port.core.get(MAXMSGSIZE);
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // The flag octet is not the frame's; 0 is no limit.
    maxPayload: most < 0 ? 0 : most + 1,
  });
  const protocols = new WeakMap();
  webSockets.on('headers', (lines, request) => lines.push(`Sec-WebSocket-Protocol: ${protocols.get(request)}`));

  /** What is wrong with a request, or the protocol for it. */
  const judged = ({ url, headers: sent }) =>
    reaches(path, url) ? judge(port, (name) => sent[name]) : { status: 404, reason: nobodyAt(url) };
  const headers = { ...refusalHeaders, Connection: 'close' };
  const refuse = (tcp, status, reason) => {
    port.refused(reason);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    const answer = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', `${reason}\n`].join('\r\n');
    // Nobody else watches a connection that was to be upgraded: one whose client never ends its side would stay.
    tcp.end(answer, () => tcp.destroy());
  };

  webSockets.on('wsClientError', (error, tcp) => refuse(tcp, 400, error.message));
  server.on('clientError', (error, tcp) => {
    port.refused(error.message);
    tcp.destroy();
  });
  server.on('request', (request, response) => {
    const { status = 426, reason = 'a WebSocket needs Connection: Upgrade' } = judged(request);
    port.refused(reason);
    response.writeHead(status, headers).end(`${reason}\n`);
  });
  server.on('upgrade', (request, tcp, head) => {
    const { protocol, status, reason } = judged(request);
    // Else a client that has gone would end the program.
    tcp.on('error', () => {});
    if (protocol === undefined) return refuse(tcp, status, reason);
    // `ws` refuses a sub-protocol with a slash, so it must not see any.
    delete request.headers['sec-websocket-protocol'];
    protocols.set(request, protocol);
    const { remoteAddress, remotePort } = tcp;
    const peerAddress = remoteAddress === undefined ? '' : addressOf(remoteAddress, remotePort);
    webSockets.handleUpgrade(request, tcp, head, (webSocket) => letIn(port, webSocket, { protocol, peerAddress }));
  });
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: hostname, port: number }, resolve);
  });
  // Such as too many open files, while one listens.
  server.on('error', ({ message }) => port.refused(message));
  const address = server.address();
  return { endpoint: `ws://${addressOf(address.address, address.port)}${path}`, close: () => void server.close() };
}
