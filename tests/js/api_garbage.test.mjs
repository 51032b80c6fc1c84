// Whatever is passed to whatever method: the answer is one of the contract's error classes or a result, never a trap of the
// wasm module, never a borrow error, never something thrown where a promise is due; and everything still works afterwards.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contextFor, fresh, pair, text, zmq } from './api_support.mjs';

const throwing = {
  toString() {
    throw new Error('no text');
  },
  valueOf() {
    throw new Error('no value');
  },
};
const detached = new ArrayBuffer(8);
structuredClone(detached, { transfer: [detached] });

/** One of each type that JavaScript has, and the awkward ones among them. */
const GARBAGE = {
  undefined: undefined,
  null: null,
  true: true,
  zero: 0,
  'minus one': -1,
  'a fraction': 1.5,
  NaN: Number.NaN,
  infinity: Number.NEGATIVE_INFINITY,
  'a large number': 2 ** 53,
  'a bigint': 2n ** 70n,
  'an empty string': '',
  'a string': 'garbage',
  'a lone surrogate': '\ud800',
  'a long string': 'x'.repeat(70_000),
  'a symbol': Symbol('garbage'),
  'an object': {},
  'an object without a prototype': Object.create(null),
  'an object that throws': throwing,
  'an array': [1, 'x', null],
  'an empty array': [],
  'a function': () => {},
  'a class': class {},
  'a date': new Date(0),
  'a regular expression': /x/,
  'a map': new Map([[1, 2]]),
  'a promise': Promise.resolve(1),
  'a proxy': new Proxy({}, { get: () => undefined, has: () => true }),
  'an error': new Error('garbage'),
  bytes: new Uint8Array(3),
  'a detached buffer': detached,
  'a view of a detached buffer': new Uint8Array(new ArrayBuffer(4)).subarray(0, 2),
  'a shared buffer': new SharedArrayBuffer(4),
  'a closed socket': null,
  'an aborted signal': AbortSignal.abort(),
};

/** Every member of a class, found where the class has it: nothing new can escape. */
function membersOf(Class) {
  const members = { methods: [], properties: [], readonly: [] };
  for (const [name, { value, set }] of Object.entries(Object.getOwnPropertyDescriptors(Class.prototype))) {
    if (name === 'constructor') continue;
    members[typeof value === 'function' ? 'methods' : set === undefined ? 'readonly' : 'properties'].push(name);
  }
  return members;
}

const { methods: SOCKET, properties: PROPERTIES, readonly: READONLY } = membersOf(zmq.Socket);
/** Methods whose result is no promise, by the contract. All others promise. */
const PROMISING = new Set(
  SOCKET.filter((name) => /^(bind|unbind|poll|request|send|recv)/.test(name) && !name.endsWith('Sync')),
);

/** Argument lists with the garbage at each place, the others missing, or such that the call gets that far. */
function argumentLists(value) {
  return [
    [value],
    [value, value],
    [value, value, value],
    ['x', value],
    ['x', 0, value],
    [['x', value]],
    [0, value],
    [0, { signal: value }],
    ['x', 0, { copy: value, track: value }],
  ];
}

/** What went wrong in the case under way, by the message; the calls that it went wrong in. */
let failures = new Map();

function fail(what, why) {
  failures.set(why, [...(failures.get(why) ?? []), what]);
}

/** The call's outcome must be sound. What it gives is not looked at; a promise that waits is left waiting. */
function outcome(what, call, promising = false) {
  let result;
  try {
    result = call();
  } catch (error) {
    if (promising) fail(what, `thrown instead of rejected: ${error}`);
    return sound(what, error);
  }
  if (promising && !(result instanceof Promise)) fail(what, 'no promise');
  if (result instanceof Promise) result.catch((error) => sound(what, error));
}

/** Errors of the caller's own making (a getter or callback that throws, a signal's reason) come through as they are. */
function sound(what, error) {
  const own = /^no (text|value)$|^Class constructor/.test(error?.message);
  if (own || error?.name === 'AbortError') return;
  if (!(error instanceof zmq.ZMQError)) fail(what, error?.stack?.split('\n', 2).join('') ?? String(error));
  else if (typeof error.code !== 'string' || error.message === '') fail(what, `no code or message: ${error.stack}`);
}

async function noFailures() {
  // Promises reject later.
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
  const all = [...failures].map(([why, where]) => `${why}\n    in ${where.join(', ')}`);
  failures = new Map();
  assert.equal(all.length, 0, all.join('\n'));
}

/** The module is alive: a new context carries a message. */
async function stillWorks(t) {
  const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
  await a.send('alive');
  assert.equal(await b.recvString(), 'alive');
}

function closedSocket(t) {
  const socket = contextFor(t).socket(zmq.PAIR);
  socket.close();
  return socket;
}

describe('garbage', () => {
  for (const [kind, sample] of Object.entries(GARBAGE)) {
    it(`${kind}, to every method`, async (t) => {
      const value = kind === 'a closed socket' ? closedSocket(t) : sample;
      const context = contextFor(t);
      for (const type of ['PAIR', 'SUB', 'REQ', 'ROUTER']) {
        for (const method of SOCKET) {
          for (const [i, args] of argumentLists(value).entries()) {
            const socket = context.socket(zmq[type], { linger: 0 });
            outcome(`${type}.${method} #${i}`, () => socket[method](...args), PROMISING.has(method));
            socket.close(0);
          }
        }
        const socket = context.socket(zmq[type]);
        for (const property of READONLY) outcome(`${type}.${property}`, () => void socket[property]);
        for (const property of PROPERTIES) outcome(`${type}.${property}`, () => void (socket[property] = value));
        outcome(`${type}.close`, () => socket.close(value));
      }
      await noFailures();
      await stillWorks(t);
    });

    it(`${kind}, to contexts, pollers, frames and functions`, async (t) => {
      const value = kind === 'a closed socket' ? closedSocket(t) : sample;
      const { Context, Frame, MessageTracker, Poller } = zmq;
      // Nothing else ends the wait of a poller without sockets.
      const givenUp = new AbortController();
      const context = contextFor(t);
      const socket = context.socket(zmq.PAIR);
      const calls = {
        'new Context': () => new Context(value),
        'new Context with options': () => new Context(1, value),
        'a shadow option': () => new Context(1, { shadow: value }),
        'Context.shadow': () => Context.shadow(value),
        "Context.socket's options": () => context.socket(zmq.PAIR, value),
        'an option': () => context.socket(zmq.PAIR, { linger: value, routingId: value }),
        'Context.setsockopt of LINGER': () => context.setsockopt(zmq.LINGER, value),
        "Poller.register's flags": () => new Poller().register(socket, value),
        "Poller.poll's options": () => new Poller().poll(0, value),
        'new Frame': () => new Frame(value),
        "new Frame's options": () => new Frame('x', value),
        "Frame.set's value": () => new Frame('x').set('X-Name', value),
        'new MessageTracker': () => new MessageTracker(value),
      };
      const makers = {
        Context: () => new Context(),
        Poller: () => new Poller(),
        Frame: () => new Frame('x'),
        MessageTracker: () => new MessageTracker(),
      };
      const promising = new Set(["Poller.poll's options", 'Context.term', 'Context.destroy', 'Poller.poll', 'MessageTracker.wait']);
      for (const [name, make] of Object.entries(makers)) {
        const { methods, properties, readonly } = membersOf(zmq[name]);
        for (const method of methods) {
          const more = method === 'poll' ? [{ signal: givenUp.signal }] : [value];
          calls[`${name}.${method}`] = () => make()[method](value, ...more);
        }
        for (const property of properties) calls[`${name}.${property}`] = () => void (make()[property] = value);
        for (const property of readonly) calls[`${name}.${property}`] = () => void make()[property];
      }
      for (const [name, exported] of Object.entries(zmq)) {
        if (typeof exported !== 'function' || /^class /.test(Function.prototype.toString.call(exported))) continue;
        for (const [i, args] of argumentLists(value).entries()) calls[`${name} #${i}`] = () => exported(...args);
      }
      for (const [what, call] of Object.entries(calls)) outcome(what, call, promising.has(what));
      givenUp.abort();
      await noFailures();
      await stillWorks(t);
    });
  }

  it('where a receive is refused for it, leaves the message where it is', async (t) => {
    const [a, b] = await pair(contextFor(t), 'PAIR', 'PAIR');
    await a.sendMultipart(['kept', 'too']);
    for (const bad of ['garbage', -1, 1.5, 2, null, {}, [], () => {}, Symbol('garbage'), 1n, throwing, 2 ** 40]) {
      const refused = [
        b.recv(bad),
        b.recv(0, typeof bad === 'object' ? { signal: 'garbage' } : bad),
        b.recvMultipart(bad, { copy: false }),
        b.recvMultipart(0, { signal: { aborted: false } }),
        b.recvString(bad),
        b.recvString(0, { encoding: 'no such encoding' }),
        b.recvJson(bad),
        b.recvJson(0, { signal: 5 }),
        b.recvSerialized(bad === null ? 'garbage' : 5, 0),
        b.recvSerialized(() => {}, bad),
        b.recvPyobj(bad),
        b.request('x'),
        b.poll('garbage'),
        b.poll(0, 16),
      ];
      await Promise.all(refused.map((call) => assert.rejects(call, zmq.ZMQError)));
    }
    assert.deepEqual((await b.recvMultipart(zmq.NOBLOCK)).map(text), ['kept', 'too']);
  });

  it('finds the members', () => {
    assert.ok(SOCKET.length > 30 && PROPERTIES.length > 30 && READONLY.length >= 5 && PROMISING.size > 15);
    const { methods } = membersOf(zmq.Context);
    assert.deepEqual(methods.sort(), ['destroy', 'get', 'getsockopt', 'set', 'setsockopt', 'socket', 'term']);
  });

  it('a method on the wrong receiver is a TypeError or an error of the contract, not a trap', () => {
    for (const Class of [zmq.Socket, zmq.Context, zmq.Poller, zmq.Frame, zmq.MessageTracker]) {
      for (const name of Object.getOwnPropertyNames(Class.prototype)) {
        const { value, get } = Object.getOwnPropertyDescriptor(Class.prototype, name);
        for (const receiver of [undefined, null, {}, Class.prototype]) {
          if (name === 'constructor') continue;
          try {
            (value ?? get)?.call(receiver)?.catch?.(() => {});
          } catch (error) {
            assert.ok(
              error instanceof TypeError || error instanceof zmq.ZMQError,
              `${Class.name}.${name}: ${error.stack}`,
            );
          }
        }
      }
    }
  });

  it('calls from inside the callbacks of calls find the module free', async (t) => {
    const context = contextFor(t);
    const [a, b] = await pair(context, 'PAIR', 'PAIR');
    // The callback sends on the very socket whose send asks it for parts.
    await a.sendSerialized('x', (value) => {
      a.send('from inside');
      return [value];
    });
    assert.deepEqual([await b.recvString(), await b.recvString()].sort(), ['from inside', 'x']);
    const endpoint = fresh();
    const c = context.socket(zmq.PAIR);
    const closed = new Promise((resolve) => {
      c.addEventListener('listening', () => {
        c.close();
        resolve();
      });
    });
    await c.bind(endpoint).catch((error) => sound('bind', error));
    await closed;
    await noFailures();
  });
});
