// A page, a REP and a PUB on one port of Deno.serve.
//   deno run --allow-net deno.js 8080         with zmq-wasm in deno.json: deno add npm:zmq-wasm
import { Context, PUB, REP } from 'zmq-wasm';

const context = new Context();
const questions = context.socket(REP);
const news = context.socket(PUB);
const sockets = { '/questions': questions, '/news': news };

const server = Deno.serve({ hostname: '127.0.0.1', port: Number(Deno.args[0]) }, (request, info) => {
  const socket = sockets[new URL(request.url).pathname];
  return socket === undefined ? new Response('This page could talk with the sockets.\n') : socket.upgrade(request, info);
});
console.log(`http://127.0.0.1:${server.addr.port}/`);

for await (const [question] of questions) {
  const name = new TextDecoder().decode(question);
  await news.sendString(`asked: ${name}`);
  await questions.sendString(`reply to ${name}`);
}
