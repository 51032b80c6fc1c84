// The shared worker of the tests of port:. What one page publishes, all get that have subscribed to it; and it counts.

import * as zmq from '../../pkg/zmq-wasm.js';

const context = new zmq.Context();
const [publishers, subscribers, counter] = [zmq.XSUB, zmq.XPUB, zmq.REP].map((type) => context.socket(type));
publishers.bind('port:in');
subscribers.bind('port:out');
counter.bind('port:count');
zmq.proxy(publishers, subscribers);
for (let count = 1; ; count += 1) {
  await counter.recv();
  await counter.send(String(count));
}
