// The other thread of the tests of port:, in any runtime: sockets that it binds, and one that it connects when
// it is told.

import { zmq } from './entry.mjs';

const { Context, PUSH, REP, ROUTER, XPUB } = zmq;
const context = new Context();
const own = globalThis.process?.getBuiltinModule?.('worker_threads')?.parentPort ?? globalThis;
const socket = (type, options) => context.socket(type, { linger: 0, ...options });

/** What a REP of this thread does when it is asked to. */
const DEEDS = {
  /** Gives back what it got, with the memory. */
  echo: (body) => body,
  /** Says how long it is, and keeps it. */
  measure: (body) => String(body.length),
  /** Pushes so many messages, as fast as it may; `pushed` says how many have gone. */
  push(count, size) {
    const sending = socket(PUSH, { sndhwm: 10, linger: -1 });
    sending.connect('port:jobs');
    pushed = 0;
    (async () => {
      for (; pushed < Number(count); pushed += 1) await sending.send(new Uint8Array(Number(size)).fill(pushed));
      sending.close();
    })();
    return 'begun';
  },
  pushed: () => String(pushed),
  /** Publishes, once somebody has subscribed. */
  async publish(...topics) {
    await publisher.recv();
    for (const topic of topics) await publisher.sendMultipart([topic, 'news']);
    return 'published';
  },
  /** What came by the application's own messages. */
  own: () => JSON.stringify(said),
};
let pushed = 0;
const said = [];
const publisher = socket(XPUB);
const router = socket(ROUTER);
const rep = socket(REP);

own.addEventListener('message', ({ data }) => {
  if (typeof data === 'string') said.push(data);
  if (data === 'say it back') own.postMessage('said back');
});

await publisher.bind('port:news');
await router.bind('port:router');
await rep.bind('port:rep');
(async () => {
  for await (const parts of router) await router.sendMultipart(parts);
})();
for await (const [deed, ...rest] of rep) {
  const name = new TextDecoder().decode(deed);
  const isOctets = name === 'echo' || name === 'measure';
  const reply = await DEEDS[name](...(isOctets ? rest : rest.map((part) => new TextDecoder().decode(part))));
  await rep.send(reply, 0, { copy: false });
}
