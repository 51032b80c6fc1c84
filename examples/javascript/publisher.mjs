// A publisher of two topics, ten times a second.
//   node publisher.mjs ws://127.0.0.1:5556     where a SUB is bound
import { Context, PUB } from '../../pkg/zmq-wasm.js';

const [endpoint = 'ws://127.0.0.1:5556'] = process.argv.slice(2);
const socket = new Context().socket(PUB);
socket.connect(endpoint);

let number = 0;
setInterval(async () => {
  number += 1;
  // Who is not subscribed to a topic does not get it; who comes late has missed what was before.
  for (const topic of ['weather', 'sports']) await socket.sendMultipart([topic, `${topic} report ${number}`]);
}, 100);
