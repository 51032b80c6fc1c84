// A REP and a PUB in Node.js, each on a port of its own, for browsers and for any ZeroMQ peer with the WebSocket transport.
//   npm install zmq-wasm ws
//   node node.mjs 5555 5556
import { Context, PUB, REP } from 'zmq-wasm';

const [questionsPort, newsPort] = process.argv.slice(2);
const context = new Context();
const questions = context.socket(REP);
const news = context.socket(PUB);
console.log('questions:', await questions.bind(`ws://127.0.0.1:${questionsPort}`));
console.log('news:', await news.bind(`ws://127.0.0.1:${newsPort}`));

for await (const [question] of questions) {
  const name = new TextDecoder().decode(question);
  await news.sendString(`asked: ${name}`);
  await questions.sendString(`reply to ${name}`);
}
