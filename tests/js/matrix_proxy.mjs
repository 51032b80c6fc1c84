// The matrix's cases of proxies between a real peer's sockets, and of what the library knows of the place it runs in.

import { bytes } from './peer.mjs';
import { body, define, equal, same } from './scene.mjs';

/** What STATISTICS answers, as numbers. */
function numbers(parts) {
  return parts.map((part) => {
    equal(part.length, 8, 'octets of a number');
    return Number(new DataView(part.buffer, part.byteOffset, 8).getBigUint64(0, true));
  });
}

export const proxies = [
  define('a proxy joins their REQ and REP through our ROUTER and DEALER, and obeys their REQ', async (scene) => {
    const [client, worker, steering] = [await scene.theirs('REQ'), await scene.theirs('REP'), await scene.theirs('REQ')];
    await worker.echo();
    const [front, back, control] = ['ROUTER', 'DEALER', 'REP'].map((type) => scene.ours(type));
    front.connect(client.endpoint);
    back.connect(worker.endpoint);
    control.connect(steering.endpoint);
    const ended = scene.zmq.proxySteerable(front.socket, back.socket, undefined, control.socket);
    const ask = async (parts) => {
      scene.step = 'a request';
      const [, reply] = await Promise.all([client.send(parts), client.recv()]);
      same(reply, parts, 'the reply');
    };
    const tell = async (command) => {
      scene.step = command;
      await steering.send([command]);
      return steering.recv();
    };
    for (let round = 0; round < 10; round++) await ask(['part', body(1000 * round), '']);
    const before = numbers(await tell('STATISTICS'));
    equal(before[0], 10 * 5, 'parts at the front: routing id, delimiter and three more');
    equal(before.filter((_, at) => at % 2 === 0).join(), '50,50,50,50', 'parts on all ways');
    equal(new Set(before.filter((_, at) => at % 2 === 1)).size, 1, 'different numbers of octets');
    same(await tell('PAUSE'), [''], 'the answer to PAUSE');
    await client.send(['while paused']);
    equal(numbers(await tell('STATISTICS')).join(), before.join(), 'a paused proxy passes nothing on');
    same(await tell('RESUME'), [''], 'the answer to RESUME');
    same(await client.recv(), ['while paused'], 'after RESUME');
    same(await tell('TERMINATE'), [''], 'the answer to TERMINATE');
    await ended;
  }),

  define('a proxy joins their SUB and XPUB through our XPUB and XSUB, with a capture of theirs', async (scene) => {
    const [subscriber, publisher, witness] = [await scene.theirs('SUB'), await scene.theirs('XPUB'), await scene.theirs('PULL')];
    const [front, back, capture] = ['XPUB', 'XSUB', 'PUSH'].map((type) => scene.ours(type));
    front.connect(subscriber.endpoint);
    back.connect(publisher.endpoint);
    capture.connect(witness.endpoint);
    const controller = new AbortController();
    const ended = scene.zmq.proxy(front.socket, back.socket, capture.socket, { signal: controller.signal });
    await subscriber.subscribe('weather');
    same(await publisher.recv(), ['\x01weather'], 'the subscription');
    for (const topic of ['news', 'weather']) await publisher.send([topic, 'body']);
    same(await subscriber.recv(), ['weather', 'body'], 'the message');
    same(await witness.recv(), ['\x01weather'], 'the capture of the subscription');
    same(await witness.recv(), ['weather', 'body'], 'the capture of the message');
    controller.abort('enough');
    equal(await ended.catch((reason) => reason), 'enough', 'why it ended');
    await publisher.send(['weather', 'later']);
    same(await back.recv(), ['weather', 'later'], 'the socket after the proxy');
  }),

  define('capabilities() names the place', async (scene) => {
    const inPage = typeof document === 'undefined' ? 'worker' : 'page';
    const { runtime, connect } = scene.zmq.capabilities();
    equal(runtime, typeof process === 'undefined' ? inPage : 'node', 'the runtime');
    equal(connect.join(), scene.endpoint.startsWith('ws') ? 'port,ws,wss,inproc' : 'tcp,ipc,port,ws,wss,inproc', 'the schemes');
    equal(bytes(scene.zmq.z85.decode('HelloWorld'))[0], 0x86, 'z85');
  }),
];
