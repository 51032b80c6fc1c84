// A subscriber to one of a publisher's topics: prints five reports.
//   node subscriber.mjs ws://127.0.0.1:5556
import { Context, SUB, SUBSCRIBE } from '../../pkg/zmq-wasm.js';

const [endpoint = 'ws://127.0.0.1:5556'] = process.argv.slice(2);
const context = new Context();
const socket = context.socket(SUB);
socket.connect(endpoint);
socket.setsockoptString(SUBSCRIBE, 'weather');

const text = new TextDecoder();
let left = 5;
for await (const [topic, report] of socket) {
  console.log(`${text.decode(topic)}: ${text.decode(report)}`);
  left -= 1;
  if (left === 0) break;
}
await context.destroy();
// libzmq does not answer a WebSocket's CLOSE, and Node would wait for it.
process.exit();
