// Every option of every type of socket, against what libzmq itself answers in this very run: what can be set and to
// what, what is refused, what is read at first and afterwards. Where we differ, options_differences.json says why.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ROOT } from './support.mjs';
import { contextFor, text, zmq } from './api_support.mjs';

const script = `${ROOT}/tests/peers/options.mjs`;
const libzmq = JSON.parse(
  execFileSync(process.execPath, ['--no-warnings', script], { encoding: 'utf8', maxBuffer: 1 << 28 }),
);
const differences = JSON.parse(readFileSync(`${ROOT}/tests/peers/options_differences.json`, 'utf8')).filter(
  ({ only }) => only !== 'native',
);

/** Whether it is written down that we answer otherwise: to this value, or to what is read when there is none. */
function isKnown({ type, option }, value) {
  const found = differences.filter(
    ({ options, types, values, lengths }) =>
      options.includes(option) &&
      (types?.includes(type) ?? true) &&
      ((values?.includes(value) ?? true) || (lengths?.includes(value?.length) ?? false)),
  );
  for (const difference of found) difference.isSeen = true;
  return found.length > 0;
}

function attempt(call) {
  try {
    return { value: call(), error: 0 };
  } catch (error) {
    assert.ok(error instanceof zmq.ZMQError, error.stack);
    return { error: error.errno };
  }
}

/** What is read, in the form that libzmq has it in. */
function read(socket, option, theirs) {
  const { error, value } = attempt(() => socket.get(option));
  if (error) return { ours: { error }, theirs: { error: theirs.error } };
  return value instanceof Uint8Array
    ? { ours: text(value), theirs: theirs.text }
    : { ours: value, theirs: theirs.number };
}

function compare(context, row, values, answers, isRefused) {
  const socket = context.socket(zmq[row.type]);
  const wrong = [];
  // Whether both have the same value: not after one of them took a value that the other refused.
  let isSame = true;
  for (const [at, value] of values.entries()) {
    const theirs = isRefused ? { ...answers[at], error: 22 } : answers[at];
    const { error } = attempt(() => socket.set(row.option, value));
    if (error !== theirs.error) {
      if (!isKnown(row, value)) wrong.push({ value, ours: error, theirs: theirs.error });
      isSame = false;
    } else if (!error) {
      isSame = true;
    }
    if (!isSame || isRefused || !theirs.then) continue;
    const got = read(socket, row.option, theirs.then);
    if (!isDeepEqual(got.ours, got.theirs) && !isKnown(row, null)) wrong.push({ value, ...got });
  }
  socket.close(0);
  return wrong;
}

function isDeepEqual(a, b) {
  return JSON.stringify(a) === JSON.stringify(b);
}

describe(`options, as libzmq ${libzmq.libzmq} has them`, () => {
  for (const type of new Set(libzmq.rows.map((row) => row.type))) {
    if (zmq[type] === undefined) continue;
    it(`of ${type}`, (t) => {
      const context = contextFor(t);
      const wrong = {};
      for (const row of libzmq.rows.filter((row) => row.type === type)) {
        const fresh = context.socket(zmq[type]);
        const first = read(fresh, row.option, row.first);
        fresh.close(0);
        // What takes octets takes no numbers here, where libzmq takes the four octets of one.
        const takesOctets = row.octets.some(({ error }) => error === 0);
        const found = [
          ...(isDeepEqual(first.ours, first.theirs) || isKnown(row, null) ? [] : [{ first }]),
          ...compare(context, row, libzmq.numbers, row.numbers, takesOctets),
          ...compare(context, row, libzmq.octets, row.octets),
        ];
        if (found.length > 0) wrong[row.option] = found;
      }
      assert.deepEqual(wrong, {});
    });
  }

  it('of a context', () => {
    for (const { option, first, answers } of libzmq.contexts) {
      const context = new zmq.Context();
      const get = () => {
        const { error, value } = attempt(() => context.get(option));
        return error ? { error } : { number: value };
      };
      if (first) assert.deepEqual(get(), first, `${option}`);
      for (const { value, error, then } of answers) {
        assert.equal(attempt(() => context.set(option, value)).error, error, `${option} = ${value}`);
        if (then) assert.deepEqual(get(), then, `${option} after ${value}`);
      }
    }
  });

  it('and differ in all that is written down', () => {
    assert.deepEqual(differences.filter(({ isSeen }) => !isSeen), []);
  });
});
