// A page, a REP and a PUB on one port of Bun.serve.
//   bun add zmq-wasm
//   bun run bun.js 8080
import { Context, PUB, REP, websocket } from 'zmq-wasm';

const context = new Context();
const questions = context.socket(REP);
const news = context.socket(PUB);
const sockets = { '/questions': questions, '/news': news };

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: process.argv[2],
  fetch(request, server) {
    const socket = sockets[new URL(request.url).pathname];
    return socket === undefined ? new Response('This page could talk with the sockets.\n') : socket.upgrade(request, server);
  },
  websocket,
});
console.log(server.url.href);

for await (const [question] of questions) {
  const name = new TextDecoder().decode(question);
  await news.sendString(`asked: ${name}`);
  await questions.sendString(`reply to ${name}`);
}
