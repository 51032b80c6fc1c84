// What the tests of pickles share: a real Python, to compare with.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from './support.mjs';

export const PROTOCOLS = [0, 1, 2, 3, 4, 5];

/** Python's answers to commands of tests/peers/pickles.py, in their order. */
function ask(commands) {
  const python = process.env.PYTHON ?? join(ROOT, '.cache/venv/bin/python');
  const input = JSON.stringify(commands);
  return JSON.parse(execFileSync(python, [join(ROOT, 'tests/peers/pickles.py')], { input, maxBuffer: 1 << 28 }));
}

/** The pickles that Python makes of `[expression, protocol]`. */
export function dumpedByPython(wanted) {
  const commands = wanted.map(([expression, protocol]) => ({ do: 'dumps', expression, protocol }));
  return ask(commands).map((base64) => Uint8Array.from(Buffer.from(base64, 'base64')));
}

/** For each `[pickle, expression]`: null if Python reads from it what the expression says, otherwise what is different. */
export function comparedByPython(pickles) {
  return ask(
    pickles.map(([pickle, expression]) => ({ do: 'loads', data: Buffer.from(pickle).toString('base64'), expression })),
  );
}

/** The octets of a text: one for each character. */
export const octets = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));
