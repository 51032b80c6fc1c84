// What all measurements share: how long, the median, and how results are told.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const QUICK = Boolean(process.env.QUICK);

/** The middle one, or the mean of the middle two. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** In words, how far apart the rounds of the same measurement are. */
export function spread(measurements) {
  const deviations = measurements.map((rounds) => {
    const middle = median(rounds);
    return median(rounds.map((result) => Math.abs(result - middle) / middle));
  });
  return `Half of the rounds lie within ${Math.round(median(deviations) * 100)} % of their median.`;
}

/** Three significant digits at least, and no more than anybody reads: 7,190,000; 19,400; 87.3; 0.462. */
export function figure(number) {
  if (number >= 1000) {
    const step = 10 ** (Math.floor(Math.log10(number)) - 2);
    return (Math.round(number / step) * step).toLocaleString('en-US');
  }
  return String(Number(number.toPrecision(3)));
}

/** Three significant digits, with a letter for thousands and millions: 7.20 M; 19.4 k; 4,520; 87.3. */
export function brief(number) {
  if (number < 999.5) return number.toPrecision(3);
  if (number < 9_995) return figure(number);
  return number < 999_500 ? `${(number / 1e3).toPrecision(3)} k` : `${(number / 1e6).toPrecision(3)} M`;
}

export const ratio = (ours, theirs) => (ours / theirs).toFixed(2);

/** A Markdown table: the first column is text, the others are numbers. */
export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}

/** Calls every one of `tasks` in turn, `rounds` times, so that a change in the machine's mood hits all alike. */
export async function interleave(rounds, tasks) {
  const results = tasks.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [at, task] of tasks.entries()) results[at].push(await task());
  }
  return results;
}

export function machine() {
  const { length, 0: first } = cpus();
  const kernel = readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim();
  return `${length} × ${first.model}, Linux ${kernel}`;
}

/** Prints a chapter of the results and keeps it in .cache/bench/, as text for the README and as data. */
export function publish(name, title, paragraphs, data) {
  const text = [`### ${title}`, ...paragraphs].join('\n\n');
  const folder = join(ROOT, '.cache/bench');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.md`), `${text}\n`);
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(data, null, 1)}\n`);
  console.log(`\n${text}\n`);
}
