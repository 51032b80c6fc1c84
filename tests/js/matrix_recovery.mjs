// Interop cases in which the peer is not there yet, dies, and comes back on the same port: sockets reconnect by themselves,
// subscriptions are sent again, what is queued towards a peer we dial survives.

import { numbered } from '../peers/messages.mjs';
import { text } from './peer.mjs';
import { define, equal, same } from './scene.mjs';

/** Kills the peer's process and waits until our side has noticed. */
async function crash(scene, peer, ...ours) {
  scene.step = 'the crash';
  const noticed = ours.map((side) => side.event('disconnected'));
  await peer.kill();
  await Promise.all(noticed);
}

export const recovery = [
  define('connect() before anybody listens', async (scene) => {
    // The listener gives its port back, so that nobody listens there when we dial.
    const peer = await scene.peer();
    const { endpoint } = await scene.theirs('PULL', { peer });
    await peer.kill();
    const push = scene.ours('PUSH');
    const retried = push.event('connect_retried');
    push.connect(endpoint);
    await push.send(['early']);
    scene.step = 'the first failed attempt';
    await retried;
    await peer.restart();
    const pull = await scene.theirs('PULL', { peer, endpoint });
    scene.step = 'the message sent before there was a peer';
    same(await pull.recv(), ['early'], scene.step);
  }),

  define('REQ asks while its REP is dead and gets the reply from the restarted one', async (scene) => {
    const peer = await scene.peer();
    const before = await scene.theirs('REP', { peer });
    await before.echo();
    const req = scene.ours('REQ');
    req.connect(before.endpoint);
    await req.send(['one']);
    same(await req.recv(), ['one'], 'before the crash');
    await crash(scene, peer, req);
    const sent = req.send(['two']);
    await peer.restart();
    await (await scene.theirs('REP', { peer, endpoint: before.endpoint })).echo();
    scene.step = 'the reply of the restarted REP';
    await sent;
    same(await req.recv(), ['two'], scene.step);
  }),

  define('a relaxed REQ whose request died with its REP asks again', async (scene) => {
    const peer = await scene.peer();
    const before = await scene.theirs('REP', { peer });
    const req = scene.ours('REQ', { reqRelaxed: true, reqCorrelate: true });
    req.connect(before.endpoint);
    await req.send(['lost']);
    same(await before.recv(), ['lost'], 'the request that will not be answered');
    await crash(scene, peer, req);
    await peer.restart();
    await (await scene.theirs('REP', { peer, endpoint: before.endpoint })).echo();
    scene.step = 'asking again';
    await req.send(['again']);
    same(await req.recv(), ['again'], scene.step);
  }),

  define('SUB sends its subscriptions again, with what changed meanwhile', async (scene) => {
    const peer = await scene.peer();
    const before = await scene.theirs('XPUB', { peer });
    const sub = scene.ours('SUB');
    sub.connect(before.endpoint);
    await sub.subscribe('a');
    await sub.subscribe('b');
    const seen = async (xpub) =>
      [await xpub.recv(), await xpub.recv()]
        .map(([part]) => text(part))
        .sort()
        .join();
    equal(await seen(before), '\x01a,\x01b', 'before the crash');
    await before.send(['a', 'before']);
    same(await sub.recv(), ['a', 'before'], 'before the crash');
    await crash(scene, peer, sub);
    await sub.unsubscribe('a');
    await sub.subscribe('c');
    await peer.restart();
    const after = await scene.theirs('XPUB', { peer, endpoint: before.endpoint });
    scene.step = 'subscriptions at the restarted XPUB';
    equal(await seen(after), '\x01b,\x01c', scene.step);
    for (const topic of ['a', 'b', 'c']) await after.send([topic, 'after']);
    for (const topic of ['b', 'c']) same(await sub.recv(), [topic, 'after'], 'after the crash');
  }),

  define('SUB hears a restarted PUB in mid-stream', async (scene) => {
    const peer = await scene.peer();
    const sub = scene.ours('SUB');
    await sub.subscribe('');
    let endpoint;
    for (const life of ['first life', 'second life']) {
      const pub = await scene.theirs('PUB', { peer, endpoint });
      if (endpoint === undefined) sub.connect(pub.endpoint);
      endpoint = pub.endpoint;
      scene.step = life;
      // A PUB does not tell when the subscription has reached it: publish until one message gets through.
      let heard;
      do {
        await pub.send([life]);
        heard = await sub.recv(20);
      } while (heard === null);
      same(heard, [life], life);
      // The rest of this life's messages come before the end of its link, or never.
      await crash(scene, peer, sub);
      while ((heard = await sub.recv(0)) !== null) same(heard, [life], life);
      await peer.restart();
    }
  }),

  define('PUSH goes on with a restarted PULL: no gap, no disorder, and nothing queued is lost', async (scene) => {
    const peer = await scene.peer();
    const before = await scene.theirs('PULL', { peer });
    const push = scene.ours('PUSH');
    push.connect(before.endpoint);
    let number = 0;
    const sendNext = () => push.send([numbered(number++, 50)]);
    while (number < 200) await sendNext();
    equal((await before.drain(200)).gaps, 0, 'gaps before the crash');

    scene.step = 'the crash in mid-stream';
    let gone = false;
    const noticed = push.event('disconnected').then(() => (gone = true));
    const killed = peer.kill();
    // What is on its way when the peer dies is lost with it; the event loop must turn for us to notice.
    while (!gone && number < 900) {
      await sendNext();
      await new Promise((resolve) => setTimeout(resolve));
    }
    await Promise.all([killed, noticed]);
    const safe = number;
    while (number < safe + 100) await sendNext();

    await peer.restart();
    const after = await scene.theirs('PULL', { peer, endpoint: before.endpoint });
    scene.step = 'the stream at the restarted PULL';
    let next = null;
    do {
      const { first } = await after.drain(1);
      if (next === null)
        equal(first <= safe, true, `the first to arrive, ${first}, is not after the first queued, ${safe}`);
      else equal(first, next, 'the next number');
      next = first + 1;
    } while (next < number);
  }),

  define('PULL and DEALER come back too', async (scene) => {
    const peer = await scene.peer();
    const push = await scene.theirs('PUSH', { peer });
    const router = await scene.theirs('ROUTER', { peer });
    const pull = scene.ours('PULL');
    const dealer = scene.ours('DEALER', { routingId: 'me' });
    pull.connect(push.endpoint);
    dealer.connect(router.endpoint);
    await push.send(['one']);
    same(await pull.recv(), ['one'], 'PULL before the crash');
    await dealer.send(['one']);
    same(await router.recv(), ['me', 'one'], 'ROUTER before the crash');
    await crash(scene, peer, pull, dealer);
    await peer.restart();
    const pushAgain = await scene.theirs('PUSH', { peer, endpoint: push.endpoint });
    const routerAgain = await scene.theirs('ROUTER', { peer, endpoint: router.endpoint });
    scene.step = 'after the restart';
    await Promise.all([pushAgain.send(['two']), dealer.send(['two'])]);
    same(await pull.recv(), ['two'], 'PULL after the restart');
    same(await routerAgain.recv(), ['me', 'two'], 'ROUTER after the restart');
    await routerAgain.send(['me', 'three']);
    same(await dealer.recv(), ['three'], 'DEALER after the restart');
  }),
];
