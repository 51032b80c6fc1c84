// A service for ZeroMQ programs in any language, by tcp:// and without a native add-on: in Node.js, Deno and Bun.
//   node tcp_service.mjs tcp://*:5555
// Without an endpoint it takes a free port, asks itself once by tcp and ends.
import { Context, REP, REQ } from '../../pkg/node.js';

const [endpoint] = process.argv.slice(2);
const context = new Context();
const service = context.socket(REP);
console.log(`serving ${await service.bind(endpoint ?? 'tcp://127.0.0.1:*')}`);

async function serve() {
  for await (const [request] of service) await service.send(`reply to ${new TextDecoder().decode(request)}`);
}

if (endpoint === undefined) {
  serve();
  const client = context.socket(REQ);
  client.connect(service.lastEndpoint);
  const [reply] = await client.request('hello');
  console.log(new TextDecoder().decode(reply));
  await context.destroy();
} else {
  await serve();
}
