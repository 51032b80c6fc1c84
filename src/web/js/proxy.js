// Proxies: two sockets joined, so that what one receives the other sends.

import { ZMQError } from './errors.js';
import { EVENTS, NOBLOCK, POLLIN, POLLOUT, SERVER } from './constants.js';
import { checkOptions, checkSignal, describe, invalid } from './check.js';
import { Poller } from './poller.js';
import { Socket } from './socket.js';

/** After so many messages one direction gives way to the other. */
const BURST = 1000;

export async function proxy(frontend, backend, capture, options) {
  const signal = checkSignal(checkOptions(options).signal);
  let onAbort;
  // An abort ends the promise at once. The message that is under way just then is still sent.
  const aborted = new Promise((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal?.addEventListener('abort', onAbort);
  });
  try {
    await Promise.race([run(frontend, backend, capture, undefined, signal), aborted]);
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

export async function proxySteerable(frontend, backend, capture, control) {
  check(control);
  await run(frontend, backend, capture, control);
}

function check(socket) {
  if (!(socket instanceof Socket)) throw invalid(`a proxy joins sockets, not ${describe(socket)}`);
}

async function run(frontend, backend, capture, control, signal) {
  for (const socket of [frontend, backend, capture ?? frontend]) check(socket);
  // As in libzmq: parts and octets that the frontend received, those it sent, and the same of the backend.
  const statistics = new BigUint64Array(8);
  const directions = frontend === backend ? [[frontend, backend, 0, 6]] : [[frontend, backend, 0, 6], [backend, frontend, 4, 2]];
  let paused = false;
  for (;;) {
    const missing = new Map();
    let moved = false;
    for (const [from, to, received, sent] of paused ? [] : directions) {
      for (let burst = 0; ; burst += 1) {
        signal?.throwIfAborted();
        // Received only when all have room for it. A socket that answers itself may get room only by that, as a REP.
        const lacking =
          lacks(from, POLLIN) ?? (from === to ? undefined : lacks(to, POLLOUT)) ?? (capture ? lacks(capture, POLLOUT) : undefined);
        if (lacking !== undefined) {
          const [socket, event] = lacking;
          missing.set(socket, missing.get(socket) | event);
          break;
        }
        if (burst === BURST) break;
        moved = true;
        // A draft type's frames bring their group along.
        const parts = await from.recvMultipart(NOBLOCK, { copy: from.type < SERVER });
        for (const { length } of parts) {
          for (const at of [received, sent]) {
            statistics[at] += 1n;
            statistics[at + 1] += BigInt(length);
          }
        }
        await Promise.all([capture?.sendMultipart(parts), to.sendMultipart(parts)]);
      }
    }
    if (control !== undefined) {
      if (lacks(control, POLLIN) === undefined) {
        const command = await obey(control, statistics);
        if (command === 'TERMINATE') return;
        paused = command === 'PAUSE' || (paused && command !== 'RESUME');
        continue;
      }
      missing.set(control, missing.get(control) | POLLIN);
    }
    if (moved) continue;
    const poller = new Poller();
    for (const [socket, events] of missing) poller.register(socket, events);
    await poller.poll(-1, { signal });
  }
}

/** The socket and the event, where that is not there. */
function lacks(socket, event) {
  return (socket.get(EVENTS) & event) === 0 ? [socket, event] : undefined;
}

/** Receives a command and answers it, where `control` is of a type that can. */
async function obey(control, statistics) {
  const parts = await control.recvMultipart(NOBLOCK);
  const command = parts.length === 1 ? new TextDecoder().decode(parts[0]) : '';
  const reply = command === 'STATISTICS' ? Array.from(statistics, (number) => BigUint64Array.of(number)) : [''];
  try {
    await control.sendMultipart(reply);
  } catch (error) {
    if (!(error instanceof ZMQError && error.code === 'ENOTSUP')) throw error;
  }
  return command;
}
