#!/usr/bin/env node
// What libzmq with drafts, through npm `zeromq`, answers about each option of each type of socket: JSON for whoever
// compares.
//   { libzmq, numbers, octets, rows: [{ type, option, first, numbers: [answer, …], octets: [answer, …] }, …], contexts }
// `first` is what a new socket has. Then the numbers are set one after the other, and on another socket the octets;
// each answer is what came of it: { error: errno or 0, then: what is read after it, if it can be }. What is read is { error }, or
// { number, text }: libzmq lets some options be read as either.

import * as zmq from 'zeromq';
import * as draft from 'zeromq/draft.js';

const LAST_OPTION = 130;
const XSUB_VERBOSE_UNSUBSCRIBE = 115;
const THREAD_SCHED_POLICY = 4;
const THREAD_NAME_PREFIX = 9;
const EINVAL = 22;
const ZERO_FIRST = '\0x';
const numbers = [
  -(2 ** 31), -6553600, -101, -100, -99, -2, -1, 0, 1, 2, 3, 4, 5, 99, 100, 149, 255, 256, 65_535, 65_536, 6_553_599,
  6_553_600, 2 ** 31 - 1, 2 ** 31, 2 ** 40, -(2 ** 31) - 1,
];
const octets = [
  '', 'x', 'xy', 'x'.repeat(5), 'x'.repeat(15), 'x'.repeat(16), 'x'.repeat(17), 'x'.repeat(32), '0'.repeat(40),
  'x'.repeat(255), 'x'.repeat(256), 'X-name:value', 'X-name', 'X-:xy', ':value', 'name:value', ZERO_FIRST, 'lo', 'host:1080',
];
const TYPES = {
  PAIR: zmq.Pair, PUB: zmq.Publisher, SUB: zmq.Subscriber, REQ: zmq.Request, REP: zmq.Reply, DEALER: zmq.Dealer,
  ROUTER: zmq.Router, PULL: zmq.Pull, PUSH: zmq.Push, XPUB: zmq.XPublisher, XSUB: zmq.XSubscriber,
  SERVER: draft.Server, CLIENT: draft.Client, RADIO: draft.Radio, DISH: draft.Dish, GATHER: draft.Gather,
  SCATTER: draft.Scatter,
};

function attempt(call) {
  try {
    return { value: call() };
  } catch ({ errno }) {
    return { error: Math.abs(errno) };
  }
}

/** libzmq tells a number of 64 bits by its length. Whoever sets one need not know which it is. */
function setNumber(socket, option, value) {
  const isShort = value === Math.trunc(value) && Math.abs(value + 0.5) < 2 ** 31;
  const short = isShort ? attempt(() => socket.setInt32Option(option, value)) : { error: EINVAL };
  return short.error && attempt(() => socket.setInt64Option(option, value)).error ? short.error : 0;
}

function read(socket, option) {
  const short = attempt(() => socket.getInt32Option(option));
  const number = short.error ? attempt(() => socket.getInt64Option(option)) : short;
  const text = attempt(() => socket.getStringOption(option) ?? '');
  return number.error && text.error ? { error: number.error } : { number: number.value, text: text.value };
}

/** One answer for each value, set on a socket of its own. */
function series(Class, option, values, set) {
  const socket = new Class();
  const first = read(socket, option);
  const answers = values.map((value) => {
    const error = set(socket, option, value);
    // npm `zeromq` reads text up to the first zero.
    return { error, then: value === ZERO_FIRST ? null : read(socket, option) };
  });
  socket.linger = 0;
  socket.close();
  return { first, answers };
}

function setOctets(socket, option, value) {
  // libzmq reads four octets of it, whatever there are.
  if (option === XSUB_VERBOSE_UNSUBSCRIBE) return EINVAL;
  return attempt(() => socket.setStringOption(option, Buffer.from(value))).error ?? 0;
}

const rows = [];
for (const [type, Class] of Object.entries(TYPES)) {
  for (let option = 0; option <= LAST_OPTION; option += 1) {
    const { first, answers } = series(Class, option, numbers, setNumber);
    rows.push({ type, option, first, numbers: answers, octets: series(Class, option, octets, setOctets).answers });
  }
}

/** A context takes numbers of 32 bits only. npm `zeromq` takes any below 0 for an error: null, where it may be one. */
function readContext(context, option) {
  const { value, error } = attempt(() => context.getInt32Option(option));
  if (value !== undefined) return { number: value };
  return [THREAD_SCHED_POLICY, THREAD_NAME_PREFIX].includes(option) ? null : { error };
}

const contexts = [];
for (let option = 0; option <= LAST_OPTION; option += 1) {
  const context = new zmq.Context();
  const first = readContext(context, option);
  const answers = numbers
    .filter((value) => Math.abs(value + 0.5) < 2 ** 31)
    .map((value) => {
      const { error = 0 } = attempt(() => context.setInt32Option(option, value));
      return { value, error, then: readContext(context, option) };
    });
  contexts.push({ option, first, answers });
}
process.stdout.write(JSON.stringify({ libzmq: zmq.version, numbers, octets, rows, contexts }));
