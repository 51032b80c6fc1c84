// The monitor: libzmq's events by name and number, for as many as listen, to the last.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { contextFor, fresh, pair, throws, zmq } from './api_support.mjs';

/** What is left of a monitor whose socket is closed. */
async function namesOf(monitor) {
  const names = [];
  for await (const { name } of monitor) names.push(name);
  return names;
}

describe('monitors', () => {
  it('have the numbers and names of libzmq', () => {
    const python = process.env.PYTHON ?? fileURLToPath(new URL('../../.cache/venv/bin/python', import.meta.url));
    const program = 'import json, zmq; print(json.dumps({e.name: int(e) for e in zmq.Event}))';
    const theirs = JSON.parse(execFileSync(python, ['-c', program], { encoding: 'utf8' }));
    const ours = Object.entries(zmq).filter(([name]) => name.startsWith('EVENT_'));
    for (const [name, number] of ours) {
      const known = theirs[name.slice(6)];
      // The sums of all have a class of their own there.
      if (!name.startsWith('EVENT_ALL')) assert.equal(number, known, name);
    }
    const events = Object.entries(theirs).filter(([name]) => !name.startsWith('PROTOCOL_ERROR'));
    for (const [name, number] of events) assert.equal(zmq[`EVENT_${name}`], number, name);
    assert.equal(ours.length, events.length + 3);
  });

  it('each tell what their mask lets through, and that they stop', async (t) => {
    const context = contextFor(t);
    const socket = context.socket(zmq.PAIR);
    const masks = [undefined, zmq.EVENT_ALL, zmq.EVENT_ALL_V2, zmq.EVENT_LISTENING, zmq.EVENT_MONITOR_STOPPED, 0];
    const monitors = masks.map((mask) => socket.monitor(mask));
    const heard = [];
    for (const name of ['listening', 'monitor_stopped']) socket.addEventListener(name, ({ type, detail }) => heard.push([type, detail]));
    const endpoint = await socket.bind(fresh());
    await socket.unbind(endpoint);
    socket.close(0);
    const [all, same, wide, listening, stopped, none] = await Promise.all(monitors.map(namesOf));
    assert.equal(all[0], 'listening');
    assert.equal(all.at(-1), 'monitor_stopped');
    assert.equal(all.filter((name) => name === 'monitor_stopped').length, 1);
    assert.deepEqual([same, wide], [all, all]);
    assert.deepEqual([listening, stopped, none], [['listening'], ['monitor_stopped'], []]);
    assert.deepEqual(heard.map(([type, detail]) => [type, detail.name, detail.event]), [
      ['listening', 'listening', zmq.EVENT_LISTENING],
      ['monitor_stopped', 'monitor_stopped', zmq.EVENT_MONITOR_STOPPED],
    ]);
  });

  it('that are left by break, return or close end for themselves', async (t) => {
    const [socket, peer] = await pair(contextFor(t), 'PAIR', 'PAIR');
    const [left, closed, kept] = [socket.monitor(), socket.monitor(), socket.monitor()];
    const waiting = closed[Symbol.asyncIterator]().next();
    closed.close();
    closed.close();
    assert.deepEqual(await waiting, { value: undefined, done: true });
    peer.close(0);
    for await (const { name } of left) if (name === 'disconnected') break;
    assert.deepEqual(await left[Symbol.asyncIterator]().next(), { value: undefined, done: true });
    socket.close(0);
    const names = await namesOf(kept);
    assert.ok(names.includes('disconnected'));
    assert.equal(names.at(-1), 'monitor_stopped');
  });

  it('that nobody reads keep the newest', async (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    const monitor = socket.monitor(zmq.EVENT_LISTENING | zmq.EVENT_MONITOR_STOPPED);
    for (let round = 0; round < 1500; round += 1) await socket.unbind(await socket.bind(`inproc://unread-${round}`));
    socket.close();
    const endpoints = [];
    for await (const { endpoint } of monitor) endpoints.push(endpoint);
    assert.equal(endpoints.length, 1000);
    assert.deepEqual(endpoints.slice(0, 2), ['inproc://unread-501', 'inproc://unread-502']);
  });

  it('take masks and nothing else', (t) => {
    const socket = contextFor(t).socket(zmq.PAIR);
    for (const bad of ['all', -1, 1.5, 2 ** 17, Number.NaN, null, {}, [1], 1n, true]) throws(() => socket.monitor(bad), 'EINVAL');
  });
});
