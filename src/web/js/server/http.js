// bind('ws://…') in Node.js: an HTTP server, whose upgrades npm's `ws` carries out.

import { letIn } from './accept.js';
import { load } from './npm_ws.js';
import { addressOf, judge, nobodyAt, reaches, refuse, toBind } from './requests.js';

export async function listen(endpoint, port) {
  const { hostname, port: number, path } = toBind(port, endpoint);
  const [{ createServer }, { WebSocketServer }] = await Promise.all([
    import('node:http'),
    load("bind('ws://…') in Node.js"),
  ]);
  const { admission } = port;
  const { patience, longest } = admission;
  const server = createServer({
    headersTimeout: patience,
    requestTimeout: patience,
    connectionsCheckingInterval: patience,
  });
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    // 0 is no limit.
    maxPayload: longest === Infinity ? 0 : longest,
  });
  const protocols = new WeakMap();
  webSockets.on('headers', (lines, request) => lines.push(`Sec-WebSocket-Protocol: ${protocols.get(request)}`));

  /** What is wrong with a request, or the protocol for it. */
  const judged = ({ url, headers }, peerAddress) =>
    reaches(path, url) ? judge(port, (name) => headers[name], peerAddress, admission.origins) : { status: 404, reason: nobodyAt(url) };

  server.on('connection', (tcp) => admission.count(tcp));
  webSockets.on('wsClientError', (error, tcp) => answerBy(tcp, refuse(port, 400, error.message)));
  server.on('clientError', (error, tcp) => {
    port.refused(error.message);
    tcp.destroy();
  });
  server.on('request', (request, response) => {
    const { status = 426, reason = 'a WebSocket needs Connection: Upgrade' } = judged(request, peerOf(request.socket));
    answerBy(response.socket, refuse(port, status, reason));
  });
  server.on('upgrade', async (request, tcp, head) => {
    // Else a client that has gone would end the program.
    tcp.on('error', () => {});
    const peerAddress = peerOf(tcp);
    const { protocol, status, reason } = judged(request, peerAddress);
    const refusal = protocol === undefined
      ? refuse(port, status, reason)
      : await admission.authorize(() => requestOf(request), peerAddress);
    if (refusal !== undefined) return answerBy(tcp, refusal);
    // `ws` refuses a sub-protocol with a slash, so it must not see any.
    delete request.headers['sec-websocket-protocol'];
    protocols.set(request, protocol);
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

function peerOf({ remoteAddress, remotePort }) {
  return remoteAddress === undefined ? '' : addressOf(remoteAddress, remotePort);
}

/** A request of node:http's as the web has it. */
function requestOf({ url, headers: { host = 'localhost' }, rawHeaders }) {
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at], rawHeaders[at + 1]);
  return new Request(new URL(url, `http://${host}`), { headers });
}

/**
 * Answers by what the web has for that. Nobody else watches a connection that was to be upgraded: one whose client never ends its
 * side would stay.
 */
async function answerBy(tcp, response) {
  const own = [...response.headers].filter(([name]) => !/^(connection|content-length|transfer-encoding)$/.test(name));
  const lines = own.map(([name, value]) => `${name}: ${value}`);
  const body = new Uint8Array(await response.arrayBuffer());
  const head = [`HTTP/1.1 ${response.status} ${response.statusText}`, ...lines, `content-length: ${body.length}`, 'connection: close'];
  tcp.write(`${head.join('\r\n')}\r\n\r\n`);
  tcp.end(body, () => tcp.destroy());
}
