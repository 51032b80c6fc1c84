// Tells what criterion has measured with benches/engine.rs, in nanoseconds.
//   node benches/engine.mjs      after cargo bench --features native --bench engine

import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, figure, machine, publish, table } from './report.mjs';

const FOLDER = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'criterion');
// criterion keeps what it once measured, to compare; what scripts/bench.sh did not measure this time is not told.
const BEGUN = join(ROOT, '.cache/bench/begun');
const begun = existsSync(BEGUN) ? statSync(BEGUN).mtimeMs : 0;
const read = (...path) => JSON.parse(readFileSync(join(FOLDER, ...path)));

const rows = readdirSync(FOLDER, { recursive: true })
  .filter((path) => path.endsWith('new/benchmark.json') && statSync(join(FOLDER, path)).mtimeMs >= begun)
  .map((path) => {
    const { group_id: group, function_id: name, value_str: value, throughput } = read(path);
    const { median } = read(path.replace('benchmark.json', 'estimates.json'));
    const nanoseconds = median.point_estimate / (throughput?.Elements ?? 1);
    return { group, name, value, nanoseconds };
  })
  .sort((a, b) => a.group.localeCompare(b.group) || a.name.localeCompare(b.name) || a.value - b.value);

publish(
  'engine',
  'The engine alone',
  [
    `${machine()}. One thread, no network, no system calls; medians by criterion.`,
    table(
      ['', 'ns'],
      rows.map(({ group, name, value, nanoseconds }) => {
        const number = value && Number(value).toLocaleString('en-US');
        return [`${group}: ${name}${number ? ` ${number}` : ''}`, figure(nanoseconds)];
      }),
    ),
  ],
  { machine: machine(), rows },
);
