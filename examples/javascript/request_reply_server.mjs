// A server that answers each request.
//   node request_reply_server.mjs ws://127.0.0.1:5555     where a REQ or DEALER is bound
//   node request_reply_server.mjs                         with a client of its own, by inproc://
import { Context, REP, REQ } from '../../pkg/zmq-wasm.js';

const [endpoint] = process.argv.slice(2);
const context = new Context();
const socket = context.socket(REP);

if (endpoint === undefined) {
  const client = context.socket(REQ);
  client.connect(await socket.bind('inproc://greetings'));
  // When the reply is there, closing the server ends its loop below.
  client.request('hello').then(([reply]) => {
    console.log(new TextDecoder().decode(reply));
    socket.close();
    client.close();
  });
} else {
  socket.connect(endpoint);
}

for await (const [request] of socket) {
  await socket.sendString(`reply to ${new TextDecoder().decode(request)}`);
}
