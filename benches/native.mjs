// Throughput and round trips of the Rust sockets and of libzmq, two processes each, over tcp:// and ws:// on the loopback.
//   node benches/native.mjs      after scripts/bench.sh has built benches/peers; QUICK=1 for a short look

import { LIBZMQ, OURS, Peer, libzmqVersion } from './peers.mjs';
import { QUICK, figure, interleave, machine, median, publish, ratio, spread, table } from './report.mjs';

const SCHEMES = ['tcp', 'ws'];
const SIZES = QUICK ? [16, 1024, 65_536] : [16, 128, 1024, 65_536, 1 << 20];
const ROUND_TRIP_SIZE = 64;
const ROUNDS = QUICK ? 3 : 5;
const SECONDS = QUICK ? 0.2 : 0.4;

/** Who sends, who receives. */
const COUPLES = [
  [OURS, OURS],
  [LIBZMQ, LIBZMQ],
  [OURS, LIBZMQ],
  [LIBZMQ, OURS],
];

async function throughput(scheme, size, [sender, receiver]) {
  const { peer: pull, endpoint } = await Peer.bind(receiver, 'pull', scheme, size, SECONDS);
  const push = new Peer(sender, 'push', 'connect', endpoint, size, 0);
  const { messages, seconds } = await pull.result();
  await Promise.all([push.stop(), pull.stop()]);
  return messages / seconds;
}

async function roundTrip(scheme, size, [asks, answers]) {
  const { peer: rep, endpoint } = await Peer.bind(answers, 'rep', scheme, size);
  const req = new Peer(asks, 'req', 'connect', endpoint, size, SECONDS);
  const result = await req.result();
  await Promise.all([rep.stop(), req.stop()]);
  return result;
}

/** What each couple gives in each round. */
function compare(measure) {
  return interleave(
    ROUNDS,
    COUPLES.map((couple) => () => measure(couple)),
  );
}

const throughputs = [];
const roundTrips = [];
for (const scheme of SCHEMES) {
  for (const size of SIZES) {
    process.stderr.write(`native: ${scheme}, ${size} octets\n`);
    const rates = await compare((couple) => throughput(scheme, size, couple));
    throughputs.push({ scheme, size, rates: rates.map(median), rounds: rates });
  }
  process.stderr.write(`native: ${scheme}, round trips\n`);
  const results = await compare((couple) => roundTrip(scheme, ROUND_TRIP_SIZE, couple));
  const medians = (name) => results.map((rounds) => median(rounds.map((round) => round[name])));
  roundTrips.push({ scheme, size: ROUND_TRIP_SIZE, p50: medians('p50'), p99: medians('p99') });
}

const octets = (size) => `${size.toLocaleString('en-US')} octets`;
const megabytes = (rate, size) => figure((rate * size) / 1e6);
const libzmq = `libzmq ${libzmqVersion()}`;

publish(
  'native',
  'Native sockets',
  [
    `${machine()}. Two processes on the loopback, sender and receiver the same library unless said otherwise; ` +
      `medians of ${ROUNDS} interleaved rounds of ${SECONDS} s. Each send copies the application's octets into a message. ` +
      'Ratios are zmq-wasm divided by libzmq: above 1 is better for messages per second, below 1 for round trips. ' +
      spread(throughputs.flatMap(({ rounds }) => rounds)),
    table(
      ['PUSH → PULL', 'zmq-wasm msg/s', 'MB/s', `${libzmq} msg/s`, 'MB/s', 'ratio', 'zmq-wasm → libzmq msg/s', 'libzmq → zmq-wasm msg/s'],
      throughputs.map(({ scheme, size, rates: [ours, theirs, out, in_] }) => [
        `${scheme}, ${octets(size)}`,
        figure(ours),
        megabytes(ours, size),
        figure(theirs),
        megabytes(theirs, size),
        ratio(ours, theirs),
        figure(out),
        figure(in_),
      ]),
    ),
    table(
      ['REQ → REP → REQ', 'zmq-wasm p50 µs', 'p99 µs', `${libzmq} p50 µs`, 'p99 µs', 'ratio of p50', 'zmq-wasm asks libzmq p50 µs', 'libzmq asks zmq-wasm p50 µs'],
      roundTrips.map(({ scheme, size, p50: [ours, theirs, out, in_], p99 }) => [
        `${scheme}, ${octets(size)}`,
        figure(ours),
        figure(p99[0]),
        figure(theirs),
        figure(p99[1]),
        ratio(ours, theirs),
        figure(out),
        figure(in_),
      ]),
    ),
  ],
  { machine: machine(), libzmq, couples: COUPLES, throughputs, roundTrips },
);
