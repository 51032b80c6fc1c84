// Cases of a page's life, and of its workers': the events that say that the network, or the page, is back.

import { define, same } from './scene.mjs';

/** What a page is told when it is shown again. Workers are told of the network only. */
const EVENTS = typeof document === 'undefined' ? [['online', globalThis]] : [
  ['online', globalThis],
  ['pageshow', globalThis],
  ['resume', document],
  ['visibilitychange', document],
];

/** Longer than a test: who waits for the pause to end has failed. */
const PAUSE = 3_600_000;

const redials = define('what waits for its next try is tried at once when the network or the page is back', async (scene) => {
  for (const [event, target] of EVENTS) {
    scene.step = event;
    const peer = await scene.peer();
    const { endpoint } = await scene.theirs('PULL', { peer });
    await peer.kill();
    const push = scene.ours('PUSH', { reconnectIvl: PAUSE });
    const retried = push.event('connect_retried');
    push.connect(endpoint);
    await retried;
    await peer.restart();
    const pull = await scene.theirs('PULL', { peer, endpoint });
    target.dispatchEvent(new Event(event));
    await push.send([event]);
    same(await pull.recv(), [event], scene.step);
  }
});

export const cases = { libzmq: [redials] };
