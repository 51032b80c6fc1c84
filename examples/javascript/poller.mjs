// A ROUTER and a DEALER in one loop, by a poller: the ROUTER answers what the DEALER asks.
//   node poller.mjs
import { Context, DEALER, POLLIN, Poller, ROUTER } from '../../pkg/zmq-wasm.js';

const context = new Context();
const router = context.socket(ROUTER);
const dealer = context.socket(DEALER);
dealer.connect(await router.bind('inproc://questions'));
for (let number = 1; number <= 3; number += 1) await dealer.sendString(`question ${number}`);

const poller = new Poller();
poller.register(router, POLLIN);
poller.register(dealer, POLLIN);

const text = new TextDecoder();
let answers = 0;
while (answers < 3) {
  for (const [socket] of await poller.poll(10_000)) {
    if (socket === router) {
      // The first part says who asked, and brings the answer back there.
      const [asker, question] = await router.recvMultipart();
      console.log(`ROUTER: ${text.decode(question)}`);
      await router.sendMultipart([asker, `answer to ${text.decode(question)}`]);
    } else {
      console.log(`DEALER: ${await dealer.recvString()}`);
      answers += 1;
    }
  }
}
await context.destroy();
