// What many subscribers cost who has little to say: a PUB that sends 100 messages a second, on one thread.
//   node benches/idle.mjs      after cargo build --release --features native --example test_peer; QUICK=1 for a short look

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { PeerProcess } from '../tests/js/support.mjs';
import { QUICK, figure, machine, publish, table } from './report.mjs';

const SUBSCRIBERS = QUICK ? 1000 : 10_000;
const SECONDS = QUICK ? 2 : 10;
const PER_SECOND = 100;
const OCTETS = 64;
/** So many connect before they are waited for, lest the listener's backlog overflows. */
const LOT = 64;

const base64 = (text) => Buffer.from(text).toString('base64');
const MESSAGE = base64('news'.padEnd(OCTETS, '.'));

/** A peer process and what Linux tells of it. */
class Measured extends PeerProcess {
  constructor() {
    super('native-release');
  }

  open(type, options = {}) {
    return this.call({ do: 'socket', type, options: { linger: 0, ...options } });
  }

  /** Seconds that it kept a core busy. */
  get busy() {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  get resident() {
    return 1024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))[1]);
  }
}

/** Sends at the pace that is asked for, or as fast as it goes: what part of a core that took, and how many were sent a second. */
async function load(publisher, s) {
  const [begun, busy] = [performance.now(), publisher.busy];
  const elapsed = () => (performance.now() - begun) / 1000;
  let sent = 0;
  while (elapsed() < SECONDS) {
    await publisher.call({ do: 'send', s, parts: [MESSAGE] });
    sent += 1;
    await sleep(Math.max(0, 1000 * (sent / PER_SECOND - elapsed())));
  }
  return { percent: (100 * (publisher.busy - busy)) / elapsed(), pace: sent / elapsed() };
}

/** One publisher, all subscribers, of which one or all want what is sent. (A SUB connects to an endpoint only once.) */
async function measure(scheme, interested) {
  const [publisher, subscribers] = [new Measured(), new Measured()];
  try {
    // An XPUB, which tells of every subscription, is a PUB otherwise.
    const s = await publisher.open('XPUB', { xpubVerbose: true });
    const endpoint = await publisher.call({ do: 'bind', s, endpoint: `${scheme}://127.0.0.1:*` });
    const crowd = await subscribers.open('XSUB', { rcvhwm: 10 });
    await subscribers.call({ do: 'subscribe', s: crowd, topic: base64(interested === 1 ? 'weather' : 'news') });
    const before = [publisher, subscribers].map(({ resident }) => resident);
    for (let made = 0; made < SUBSCRIBERS; ) {
      const lot = Math.min(LOT, SUBSCRIBERS - made);
      await Promise.all(Array.from({ length: lot }, () => subscribers.call({ do: 'connect', s: crowd, endpoint })));
      made += lot;
      await publisher.call({ do: 'drain', s, n: lot });
    }
    const [accepted, connected] = [publisher, subscribers].map(({ resident }, at) => (resident - before[at]) / SUBSCRIBERS);
    subscribers.call({ do: 'drain', s: crowd, n: Number.MAX_SAFE_INTEGER }).catch(() => {});
    if (interested === 1) {
      const one = await subscribers.open('SUB');
      await subscribers.call({ do: 'subscribe', s: one, topic: base64('news') });
      await subscribers.call({ do: 'connect', s: one, endpoint });
      subscribers.call({ do: 'drain', s: one, n: Number.MAX_SAFE_INTEGER }).catch(() => {});
      await publisher.call({ do: 'drain', s, n: 1 });
    }
    return { scheme, interested, ...(await load(publisher, s)), accepted, connected };
  } finally {
    await Promise.all([publisher.kill(), subscribers.kill()]);
  }
}

const rows = [];
for (const scheme of ['tcp', 'ws']) {
  for (const interested of [1, SUBSCRIBERS]) {
    process.stderr.write(`idle: ${scheme}, ${interested} of ${SUBSCRIBERS} subscribers want what is sent\n`);
    rows.push(await measure(scheme, interested));
  }
}

publish(
  'idle',
  'Idle subscribers',
  [
    `${machine()}. A PUB in one process, ${figure(SUBSCRIBERS)} connections of an XSUB in another, ${PER_SECOND} messages of ` +
      `${OCTETS} octets a second for ${SECONDS} s. Counted is the time in which the publisher's process kept a core busy, with ` +
      'all that the system did for it, and the memory that each connection added to either process.',
    table(
      ['Subscribers that want the messages', 'messages sent per second', 'part of one core', 'octets per connection, accepted', 'made'],
      rows.map(({ scheme, interested, percent, pace, accepted, connected }) => [
        `${scheme}, ${figure(interested)} of ${figure(SUBSCRIBERS)}`,
        figure(pace),
        `${percent.toFixed(1)} %`,
        figure(accepted),
        figure(connected),
      ]),
    ),
  ],
  rows,
);
