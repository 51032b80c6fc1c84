// Draws .cache/bench/native.json, which benches/native.mjs leaves, as .cache/bench/native.svg; readable in light and in dark.
//   node benches/plot.mjs

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIBZMQ, OURS } from './peers.mjs';
import { ROOT, brief } from './report.mjs';

const FOLDER = join(ROOT, '.cache/bench');
const { machine, contenders, rows } = JSON.parse(readFileSync(join(FOLDER, 'native.json'), 'utf8'));

/** The bare stream is no library: beside it, the bars of short messages would have no height. */
const LIBRARIES = contenders.filter(({ program }) => program !== 'bare');
const SCHEMES = ['tcp', 'ipc', 'ws', 'inproc'];
const [WIDTH, MARGIN, GAP, HEIGHT] = [960, 34, 30, 150];
/** Bars beyond so many times libzmq are cut off, and say how high they would be. */
const CEILING = 6;

const STYLE = `
  text { font: 11px system-ui, sans-serif; fill: #333 }
  .title { font-weight: 600 } .faint { fill: #777 } .cut { font-size: 9px }
  line { stroke: #ddd } line.one { stroke: #888; stroke-dasharray: 3 2 }
  .c0 { fill: #d9480f } .c1 { fill: #868e96 } .c2 { fill: #1c7ed6 } .c3 { fill: #9c36b5 } .c4 { fill: #2b8a3e }
  @media (prefers-color-scheme: dark) {
    text { fill: #ddd } .faint { fill: #999 } line { stroke: #444 } line.one { stroke: #888 }
    .c0 { fill: #ff922b } .c1 { fill: #adb5bd } .c2 { fill: #4dabf7 } .c3 { fill: #da77f2 } .c4 { fill: #69db7c }
  }`;

const short = (size) => (size >= 1 << 20 ? `${size >> 20} MiB` : size >= 1024 ? `${size >> 10} KiB` : `${size}`);
const text = (x, y, words, attributes = '') => `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;

/** A step between lines of the scale, so that there are four or so: 1, 2 or 5 and noughts. */
function stepFor(top) {
  const power = 10 ** Math.floor(Math.log10(top / 4));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => top / step <= 5);
}

/** Groups of bars with a scale: `values` of a group are by program. */
function panel(x, y, width, title, groups, isRatio) {
  const highest = Math.max(...groups.flatMap(({ values }) => Object.values(values)));
  const top = (isRatio ? Math.min(CEILING, Math.max(2, highest)) : highest) * 1.05;
  const up = (value) => y + HEIGHT - (Math.min(value, top) / top) * HEIGHT;
  const parts = [text(x, y - 10, title, 'class="title"')];
  const step = isRatio ? 1 : stepFor(top);
  for (let value = 0; value <= top; value += step) {
    const kind = isRatio && value === 1 ? 'class="one"' : '';
    parts.push(`<line x1="${x}" x2="${x + width}" y1="${up(value)}" y2="${up(value)}" ${kind}/>`);
    parts.push(text(x - 4, up(value) + 4, value, 'class="faint" text-anchor="end"'));
  }
  const room = width / groups.length;
  const bar = (room * 0.84) / LIBRARIES.length;
  for (const [at, { label, values, tell }] of groups.entries()) {
    const left = x + at * room + room * 0.08;
    for (const [number, { program, name }] of LIBRARIES.entries()) {
      const value = values[program];
      if (value === undefined) continue;
      const [at, from] = [left + number * bar, up(value)];
      const words = `${name}: ${tell(program)}`;
      parts.push(`<rect class="c${number}" x="${at.toFixed(1)}" y="${from.toFixed(1)}" width="${(bar - 0.5).toFixed(1)}" height="${(y + HEIGHT - from).toFixed(1)}"><title>${words}</title></rect>`);
      if (value > top) parts.push(text(at + bar / 2, y - 1, value.toFixed(0), 'class="cut" text-anchor="middle"'));
    }
    parts.push(text(left + room * 0.42, y + HEIGHT + 14, label, 'class="faint" text-anchor="middle"'));
  }
  return parts.join('\n');
}

/** Rows as groups, in messages per second divided by libzmq's. */
function relative(chosen, label) {
  return chosen
    .filter(({ figures }) => figures[LIBZMQ])
    .map((row) => ({
      label: label(row),
      values: Object.fromEntries(Object.entries(row.figures).filter(([program]) => program !== 'bare').map(([program, rate]) => [program, rate / row.figures[LIBZMQ]])),
      tell: (program) => `${brief(row.figures[program])}/s`,
    }));
}

const of = (kind, scheme) => rows.filter((row) => row.kind === kind && (!scheme || row.scheme === scheme));

/** Panels side by side, as wide as they have groups. */
function line(y, panels) {
  const count = panels.reduce((sum, { groups }) => sum + groups.length, 0);
  const room = WIDTH - MARGIN - 10 - GAP * (panels.length - 1);
  let x = MARGIN;
  return panels.map(({ title, groups, isRatio = true }) => {
    const width = (room * groups.length) / count;
    const drawn = panel(x, y, width, title, groups, isRatio);
    x += width + GAP;
    return drawn;
  });
}

const pipelines = SCHEMES.map((scheme) => ({
  title: `PUSH to PULL, ${scheme}`,
  groups: relative(of('push', scheme), ({ size }) => short(size)),
}));
const roundTrips = of('req').map(({ scheme, figures, p99 }) => ({
  label: scheme,
  values: Object.fromEntries(Object.entries(figures).filter(([program]) => program !== 'bare')),
  tell: (program) => `p50 ${brief(figures[program])} µs, p99 ${brief(p99[program])} µs`,
}));
const crowds = [
  { title: 'REQ/REP round trip, p50 in µs (lower is better)', groups: roundTrips, isRatio: false },
  { title: 'PUB to so many SUB', groups: relative(of('pub'), ({ scheme, sockets }) => `${scheme} ${sockets}`) },
  { title: `${of('router')[0].sockets} DEALER/ROUTER`, groups: relative(of('router'), ({ scheme }) => scheme) },
];

let x = MARGIN;
const legend = LIBRARIES.map(({ name }, number) => {
  const entry = `<rect class="c${number}" x="${x}" y="30" width="10" height="10"/>${text(x + 14, 39, name)}`;
  x += 38 + name.length * 6.2;
  return entry;
});

const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} 500" role="img" aria-label="Messages per second of ${OURS} and others, as multiples of libzmq's">
<style>${STYLE}
</style>
${text(MARGIN, 18, 'Messages per second as multiples of libzmq’s (dashed line), by size of the message; higher is better', 'class="title"')}
${legend.join('\n')}
${line(80, pipelines).join('\n')}
${line(300, crowds).join('\n')}
${text(MARGIN, 488, `make bench on ${machine}`, 'class="faint"')}
</svg>
`;
writeFileSync(join(FOLDER, 'native.svg'), svg);
