// Cases of servers that are no good peers: each is one event, which says what is wrong, and the socket goes on trying.

import { define, equal } from './scene.mjs';

/** What the server does, which event tells it, and what the event says. Of a refusal, a browser says no more. */
const MANNERS = [
  ['another sub-protocol', 'closed', /sub-protocol|could not be opened/],
  ['403 in place of 101', 'closed', /could not be opened.*refused the request/],
  ['no TLS', 'closed', /could not be opened.*no TLS that it trusts/],
  ['a text frame', 'disconnected', /not binary/],
  ['an empty message', 'disconnected', /flag octet/],
  ['code 1002', 'disconnected', /1002.*protocol/],
  ['code 1008', 'disconnected', /1008.*policy.*not you/],
  ['code 1009', 'disconnected', /1009.*too big/],
];

/** Longer than a test: there is one try. */
const PAUSE = 3_600_000;

const rude = MANNERS.map(([manner, event, sentence]) =>
  define(`${manner} is one event that says so`, async (scene) => {
    const endpoint = await scene.rude(manner);
    const pull = scene.ours('PULL', { reconnectIvl: PAUSE });
    const told = [];
    for (const name of ['closed', 'disconnected']) pull.socket.addEventListener(name, ({ detail }) => told.push(detail));
    const retried = pull.event('connect_retried');
    pull.connect(endpoint);
    await retried;
    // Whatever else would come of it has come when another connection has.
    const other = scene.ours('PULL', { reconnectIvl: PAUSE });
    const tried = other.event('connect_retried');
    other.connect(endpoint);
    await tried;
    equal(told.map(({ name }) => name).join(), event, manner);
    equal(sentence.test(told[0].value), true, `${manner}: ${told[0].value}`);
  }),
);

export const cases = { libzmq: rude };
