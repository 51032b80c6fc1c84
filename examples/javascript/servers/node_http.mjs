// A page, a REP and a PUB on one port of an HTTP server of your own in Node.js, by the package `ws`.
//   npm install zmq-wasm ws
//   node node_http.mjs 8080
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Context, PUB, REP, chooseProtocol } from 'zmq-wasm';

const context = new Context();
const questions = context.socket(REP);
const news = context.socket(PUB);
const sockets = { '/questions': questions, '/news': news };

const server = createServer((request, response) => response.end('This page could talk with the sockets.\n'));
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
webSockets.on('headers', (headers, request) => headers.push(`Sec-WebSocket-Protocol: ${request.protocol}`));

server.on('upgrade', (request, tcp, head) => {
  const socket = sockets[request.url];
  const protocol = chooseProtocol(request.headers['sec-websocket-protocol']);
  if (socket === undefined || protocol === undefined) return tcp.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  // libzmq's sub-protocols have a slash, which `ws` refuses: it must not see them.
  delete request.headers['sec-websocket-protocol'];
  request.protocol = protocol;
  webSockets.handleUpgrade(request, tcp, head, (webSocket) =>
    socket.accept(webSocket, { protocol, peerAddress: tcp.remoteAddress }),
  );
});

server.listen(process.argv[2], '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));

for await (const [question] of questions) {
  const name = new TextDecoder().decode(question);
  await news.sendString(`asked: ${name}`);
  await questions.sendString(`reply to ${name}`);
}
