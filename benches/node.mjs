// The JavaScript library by tcp:// in Node.js against npm zeromq, which is libzmq as a native add-on.
//   node benches/node.mjs      after scripts/package.sh; QUICK=1 for a short look

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { QUICK, ROOT, brief, interleave, machine, median, publish, ratio, spread, table } from './report.mjs';

const ROUNDS = QUICK ? 3 : 7;
const SECONDS = QUICK ? 0.3 : 0.7;
const CONTENDERS = ['zmq-wasm', 'zeromq'];
const WORK = [
  ['in', 'source', 'received per second', [16, 1024, 65_536]],
  ['out', 'sink', 'sent per second', [16, 1024, 65_536]],
  ['round', 'echo', 'round trips per second', [16, 1024]],
];

/** Starts one of benches/node_peers.mjs. `said` is what it says. */
function start(...args) {
  const child = spawn(process.execPath, [join(ROOT, 'benches/node_peers.mjs'), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Those that measure are done long before.
    timeout: args[0] === 'bare' ? undefined : 30_000,
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${args.join(' ')} ended with code ${code}`)));
  const line = once(createInterface({ input: child.stdout }), 'line').then(([line]) => JSON.parse(line));
  ended.catch(() => {});
  return { said: Promise.race([line, ended]), stop: () => child.kill() };
}

const rows = [];
for (const [what, peer, title, sizes] of WORK) {
  for (const size of sizes) {
    process.stderr.write(`node: ${title}, ${size} octets\n`);
    const bare = start('bare', peer, size);
    try {
      const port = await bare.said;
      const tasks = CONTENDERS.map((who) => () => start(who, what, size, SECONDS, port).said);
      rows.push({ title, size, rounds: await interleave(ROUNDS, tasks) });
    } finally {
      bare.stop();
    }
  }
}

publish(
  'node',
  'Node.js by tcp://',
  [
    `${machine()}, Node.js ${process.version}. One socket in a process of its own, on the loopback against a bare TCP peer that ` +
      `writes, reads or sends back octets and looks at nothing; medians of ${ROUNDS} interleaved rounds of ${SECONDS} s. Each send ` +
      'and each receive is awaited. zmq-wasm is given the memory of what it sends (`copy: false`), as npm zeromq takes it. ' +
      `${spread(rows.flatMap(({ rounds }) => rounds))}`,
    table(
      ['', 'zmq-wasm', 'npm zeromq', 'ratio'],
      rows.map(({ title, size, rounds }) => {
        const [ours, theirs] = rounds.map(median);
        return [`${title}, ${size.toLocaleString('en-US')} octets`, `**${brief(ours)}**`, brief(theirs), ratio(ours, theirs)];
      }),
    ),
  ],
  { machine: machine(), rows },
);
