// Ten requests at once on one REQ socket. Each task gets the reply to its own.
//   node ten_requests.mjs ws://127.0.0.1:5555
import { Context, REQ } from '../../pkg/zmq-wasm.js';

const [endpoint = 'ws://127.0.0.1:5555'] = process.argv.slice(2);
const context = new Context();
const socket = context.socket(REQ);
socket.connect(endpoint);

async function ask(number) {
  await socket.sendString(`request ${number}`);
  return socket.recvString();
}

const replies = await Promise.all(Array.from({ length: 10 }, (_, number) => ask(number)));
for (const reply of replies) console.log(reply);
await context.destroy();
// libzmq does not answer a WebSocket's CLOSE, and Node would wait for it.
process.exit();
