// Native sockets: the Rust library against libzmq, the other ZeroMQs in Rust, and the bare transport.
//   node benches/native.mjs      after scripts/bench.sh has built benches/peers; QUICK=1 for a short look
// benches/plot.mjs draws the figures that this leaves in .cache/bench/native.json.

import { LIBZMQ, OURS, Peer, version } from './peers.mjs';
import { QUICK, brief, machine, median, publish, ratio, spread, table } from './report.mjs';

const SIZES = QUICK ? [16, 1024, 65_536] : [16, 128, 1024, 65_536, 1 << 20];
const CROWDS = QUICK ? [1, 100] : [1, 100, 1000];
const ROUNDS = QUICK ? 3 : 5;
const CROWD_ROUNDS = 3;
const SECONDS = QUICK ? 0.1 : 0.25;
/** The queues of many sockets hold more, and take longer to fill. */
const CROWD_SECONDS = QUICK ? 0.3 : 0.75;
const SMALL = 64;

/** Who is measured, over which transports, and what else it can't do. */
const CONTENDERS = [
  { program: OURS, name: OURS, schemes: ['tcp', 'ipc', 'ws', 'inproc'] },
  { program: LIBZMQ, name: `libzmq ${version('zeromq-src')}`, schemes: ['tcp', 'ipc', 'ws', 'inproc'] },
  { program: 'omq-tokio', name: `omq-tokio ${version('omq-tokio')}`, schemes: ['tcp', 'ipc', 'ws', 'inproc'], cant: isByCurve },
  // Its PUB writes nothing to a single subscriber as long as the publisher doesn't pause.
  { program: 'zeromq', name: `zeromq ${version('zeromq')}`, schemes: ['tcp', 'ipc'], cant: ({ kind, sockets }) => isByCurve({ kind }) || (kind === 'pub' && sockets === 1) },
  { program: 'rzmq', name: `rzmq ${version('rzmq')}`, schemes: ['tcp', 'ipc', 'inproc'], cant: isByCurve },
  { program: 'bare', name: 'bare stream', schemes: ['tcp', 'ipc'], cant: ({ kind }) => kind !== 'push' && kind !== 'req' },
];

function isByCurve({ kind }) {
  return kind === 'curve';
}

/** One binds and one connects, and one of them measures; for inproc:// it has the other in its own process. */
async function couple(program, { scheme, size }, { binds, connects, measures }) {
  if (scheme === 'inproc') {
    const { peer } = await Peer.bind(program, measures, scheme, size, SECONDS, 'both');
    return peer.result().finally(() => peer.stop());
  }
  const { peer, endpoint } = await Peer.bind(program, binds, scheme, size, SECONDS);
  const other = new Peer(program, connects, 'connect', endpoint, size, SECONDS);
  return (binds === measures ? peer : other).result().finally(() => Promise.all([peer.stop(), other.stop()]));
}

/** One binds, many sockets in one other process connect and measure. */
async function crowd(program, { scheme, size, sockets }, one, many) {
  const { peer, endpoint } = await Peer.bind(program, one, scheme, size);
  const all = new Peer(program, many, 'connect', endpoint, size, CROWD_SECONDS, sockets);
  try {
    await all.result();
    peer.go();
    return await all.result();
  } finally {
    await Promise.all([peer.stop(), all.stop()]);
  }
}

/** PUSH to PULL, encrypted. */
async function secretly(program, row) {
  // The programs look there.
  process.env.BENCH_CURVE = '1';
  try {
    return await KINDS.push.measure(program, row);
  } finally {
    delete process.env.BENCH_CURVE;
  }
}

const rate = ({ messages, seconds }) => messages / seconds;

/** How a kind of row is measured, and the figure that a program's result comes to. */
const KINDS = {
  push: { measure: (program, row) => couple(program, row, { binds: 'pull', connects: 'push', measures: 'pull' }), figure: rate },
  curve: { measure: secretly, figure: rate },
  req: { measure: (program, row) => couple(program, row, { binds: 'rep', connects: 'req', measures: 'req' }), figure: ({ p50 }) => p50 },
  pub: { measure: (program, row) => crowd(program, row, 'pub', 'sub'), figure: rate },
  router: { measure: (program, row) => crowd(program, row, 'echo', 'dealers'), figure: rate },
};

const ROWS = [
  ...['tcp', 'ipc', 'ws', 'inproc'].flatMap((scheme) => SIZES.map((size) => ({ kind: 'push', scheme, size }))),
  ...SIZES.map((size) => ({ kind: 'curve', scheme: 'tcp', size })),
  ...['tcp', 'ipc', 'ws', 'inproc'].map((scheme) => ({ kind: 'req', scheme, size: SMALL })),
  ...['tcp', 'ws'].flatMap((scheme) => CROWDS.map((sockets) => ({ kind: 'pub', scheme, size: SMALL, sockets }))),
  ...['tcp', 'ws'].map((scheme) => ({ kind: 'router', scheme, size: SMALL, sockets: CROWDS.at(-1) })),
];

const octets = (size) => `${size.toLocaleString('en-US')} octets`;
const describe = ({ kind, scheme, size, sockets }) => `${kind} ${scheme}, ${octets(size)}${sockets ? ` × ${sockets}` : ''}`;

/**
 * Measures everybody in turn, so that a change in the machine's mood hits all alike. What somebody else's library can't do
 * costs it the row and not everybody the run; what ours can't do ends the run.
 */
async function compare(row) {
  const able = CONTENDERS.filter(({ schemes, cant }) => schemes.includes(row.scheme) && !cant?.(row));
  const results = Object.fromEntries(able.map(({ program }) => [program, []]));
  for (let round = 0; round < (row.sockets ? CROWD_ROUNDS : ROUNDS); round++) {
    for (const program of Object.keys(results)) {
      try {
        results[program].push(await KINDS[row.kind].measure(program, row));
      } catch (error) {
        if (program === OURS) throw error;
        process.stderr.write(`native: left out of this row: ${error.message}\n`);
        delete results[program];
      }
    }
  }
  return results;
}

const rows = [];
for (const [at, row] of ROWS.entries()) {
  process.stderr.write(`native: ${at + 1} of ${ROWS.length}: ${describe(row)}\n`);
  const results = await compare(row);
  const medianOf = (figure) => Object.fromEntries(Object.entries(results).map(([program, rounds]) => [program, median(rounds.map(figure))]));
  rows.push({
    ...row,
    figures: medianOf(KINDS[row.kind].figure),
    ...(row.kind === 'req' && { p99: medianOf(({ p99 }) => p99) }),
    results,
  });
}

/** A table of the rows of some kinds: our figure, and everybody else's with the ratio of ours to it. */
function chapter(title, kinds, label, show = (row, program) => brief(row.figures[program])) {
  const chosen = rows.filter(({ kind }) => kinds.includes(kind));
  const others = CONTENDERS.slice(1).filter(({ program }) => chosen.some(({ figures }) => figures[program]));
  return table(
    [title, OURS, ...others.map(({ name }) => name)],
    chosen.map((row) => [
      label(row),
      `**${show(row, OURS)}**`,
      ...others.map(({ program }) =>
        row.figures[program] ? `${show(row, program)} (${ratio(row.figures[OURS], row.figures[program])})` : '–',
      ),
    ]),
  );
}

const micros = ({ figures, p99 }, program) => `${brief(figures[program])} / ${brief(p99[program])}`;
const crowdName = ({ kind, scheme, sockets }) =>
  kind === 'pub' ? `${scheme}, PUB to ${sockets} SUB` : `${scheme}, ${sockets} DEALER to ROUTER and back`;
const figuresOf = ({ kind, results }) => Object.values(results).map((rounds) => rounds.map(KINDS[kind].figure));

publish(
  'native',
  'Native sockets',
  [
    `${machine()}. Two processes on the loopback, both on the same library; medians of ${ROUNDS} interleaved rounds of ` +
      `${SECONDS} s (${CROWD_ROUNDS} of ${CROWD_SECONDS} s for PUB and ROUTER). In brackets: zmq-wasm's figure divided by this one, so above ` +
      `1 is better for messages per second, below 1 for round trips. ${spread(rows.flatMap(figuresOf))}`,
    'All have their default options, except that a PUB waits for slow subscribers (XPUB_NODROP) where it can: all but ' +
      "zeromq's, which drops, and writes nothing at all to a single subscriber as long as its publisher doesn't pause. Messages " +
      'are received one at a time, by the ordinary call. The Rust libraries send clones of one message, libzmq a new message ' +
      'each time that is not filled, as its own perf programs do: nobody copies a body to send it. omq-tokio is used as its ' +
      'own benchmark peer does. zmq-wasm and omq-tokio have one thread per process, libzmq a second one for I/O, zeromq and ' +
      'rzmq the multi-threaded tokio runtime of their own benchmarks. The bare stream is what tokio alone does with the same ' +
      'octets: it writes 64 KiB of whole frames at once (or one frame, if that is longer) from a buffer made ' +
      'beforehand, reads as much, and looks at nothing. Many sockets: those that connect are all in one process, and counted ' +
      'are the messages, or the replies, of all. libzmq has CURVE by libsodium; of the others none is measured with it. inproc:// is within one process: on one thread with zmq-wasm and ' +
      'omq-tokio, on several with libzmq and rzmq.',
    chapter('PUSH to PULL, messages per second', ['push'], ({ scheme, size }) => `${scheme}, ${octets(size)}`),
    chapter('PUSH to PULL by CURVE, messages per second', ['curve'], ({ scheme, size }) => `${scheme}, ${octets(size)}`),
    chapter('REQ to REP and back, p50 / p99 in µs', ['req'], ({ scheme, size }) => `${scheme}, ${octets(size)}`, micros),
    chapter(`Many sockets, ${octets(SMALL)}, messages per second`, ['pub', 'router'], crowdName),
  ],
  { machine: machine(), contenders: CONTENDERS.map(({ program, name }) => ({ program, name })), rows },
);
