// A request by ZeroMQ and one by HTTP, at the same time.
//   node req_and_fetch.mjs ws://127.0.0.1:5555 http://127.0.0.1:8080/
import { Context, REQ } from '../../pkg/zmq-wasm.js';

const [endpoint = 'ws://127.0.0.1:5555', url = 'http://127.0.0.1:8080/'] = process.argv.slice(2);
const context = new Context();
const socket = context.socket(REQ);
socket.connect(endpoint);

const [[reply], response] = await Promise.all([socket.request('hello', { timeout: 10_000 }), fetch(url)]);
console.log(`ZeroMQ: ${new TextDecoder().decode(reply)}`);
console.log(`HTTP: ${response.status}, ${(await response.text()).length} characters`);
await context.destroy();
// libzmq does not answer a WebSocket's CLOSE, and Node would wait for it.
process.exit();
