// Pickles against a real Python, at each protocol and in both directions.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteArray, Float, FrozenSet, Plain, TimeDelta, Tuple, dumps, loads } from '../../pkg/pickle.js';
import { throws } from './api_support.mjs';
import { PROTOCOLS, comparedByPython, dumpedByPython, octets } from './pickle_support.mjs';

/** What Python calls it, and what it is here: either becomes the other. */
const VALUES = {
  'None and bool': [
    ['None', null],
    ['[True, False]', [true, false]],
  ],
  int: [
    ['[0, 1, 255, 256, 65535, 65536]', [0, 1, 255, 256, 65535, 65536]],
    ['[-1, -128, -32769]', [-1, -128, -32769]],
    ['[2**31 - 1, 2**31, -2**31, -2**31 - 1]', [2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1]],
    ['[2**53 - 1, 1 - 2**53]', [2 ** 53 - 1, 1 - 2 ** 53]],
    ['[2**53, -2**53]', [2n ** 53n, -(2n ** 53n)]],
    ['[2**63, -2**63, -2**63 - 1]', [2n ** 63n, -(2n ** 63n), -(2n ** 63n) - 1n]],
    ['[2**64 - 1, 2**64]', [2n ** 64n - 1n, 2n ** 64n]],
    ['[10**50, -10**50]', [10n ** 50n, -(10n ** 50n)]],
    ['[2**2039 - 1, 2**2039, -2**2039, -2**2039 - 1]', [2n ** 2039n - 1n, 2n ** 2039n, -(2n ** 2039n), -(2n ** 2039n) - 1n]],
    ['10**4299', 10n ** 4299n],
  ],
  float: [
    ['[1.5, -0.1, 1e300, 5e-324]', [1.5, -0.1, 1e300, 5e-324]],
    ['[float("inf"), float("-inf"), float("nan"), -0.0]', [Infinity, -Infinity, NaN, -0]],
  ],
  str: [
    ['["", "abc", "x" * 300]', ['', 'abc', 'x'.repeat(300)]],
    ['"grüße 漢字 😀"', 'grüße 漢字 😀'],
    ['"\\ufeffwith a mark"', '\ufeffwith a mark'],
    ['"\\\\ \\n \\r \\0 \\x1a \\\\u0041 \\\\\\\\u0041"', '\\ \n \r \0 \x1a \\u0041 \\\\u0041'],
    ['"\\ud800 alone \\udfff"', '\ud800 alone \udfff'],
  ],
  'bytes and bytearray': [
    ['[b"", b"a\\xff\\0\\n"]', [octets(''), octets('a\xff\0\n')]],
    ['bytes(range(256)) * 2', Uint8Array.from({ length: 512 }, (_, at) => at & 255)],
    ['[bytearray(), bytearray(b"a\\xff")]', [new ByteArray(), ByteArray.of(97, 255)]],
  ],
  'list and tuple': [
    ['[[], [1, [2, []]]]', [[], [1, [2, []]]]],
    ['[(), (1,), (1, 2)]', [new Tuple(), Tuple.of(1), Tuple.of(1, 2)]],
    ['[(1, 2, 3), (1, 2, 3, 4)]', [Tuple.of(1, 2, 3), Tuple.of(1, 2, 3, 4)]],
    ['((), [((), )])', Tuple.of(new Tuple(), [Tuple.of(new Tuple())])],
    ['list(range(3000))', Array.from({ length: 3000 }, (_, at) => at)],
  ],
  dict: [
    ['{}', {}],
    ['{"a": 1, "b": {"c": [None]}}', { a: 1, b: { c: [null] } }],
    ['{"__proto__": {"polluted": 1}, "constructor": 2}', JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}')],
    ['{1: "a", "1": "b"}', new Map([[1, 'a'], ['1', 'b']])],
    ['{None: 1, True: 2, 1.5: 3, 2**70: 4}', new Map([[null, 1], [true, 2], [1.5, 3], [2n ** 70n, 4]])],
    ['{(1, (2,)): "a", b"x": "b"}', new Map([[Tuple.of(1, Tuple.of(2)), 'a'], [octets('x'), 'b']])],
    ['{n: str(n) for n in range(1500)}', new Map(Array.from({ length: 1500 }, (_, at) => [at, `${at}`]))],
  ],
  'set and frozenset': [
    ['[set(), frozenset()]', [new Set(), new FrozenSet()]],
    ['{1, 2, 3}', new Set([1, 2, 3])],
    ['frozenset({1, (2,)})', new FrozenSet([1, Tuple.of(2)])],
    ['{frozenset({1}): {2}}', new Map([[new FrozenSet([1]), new Set([2])]])],
  ],
  'dates and times': [
    ['datetime.datetime(2026, 1, 2, 3, 4, 5, 6000, datetime.timezone.utc)', new Date('2026-01-02T03:04:05.006Z')],
    ['datetime.datetime(1, 1, 1, tzinfo=datetime.timezone.utc)', new Date('0001-01-01T00:00:00Z')],
    ['datetime.datetime(1969, 12, 31, 23, 59, 59, 999000, datetime.timezone.utc)', new Date(-1)],
    ['datetime.datetime(2026, 1, 2, 3, 4, 5, 6)', new Plain('2026-01-02T03:04:05.000006')],
    ['[datetime.date(2028, 2, 29), datetime.date.max]', [new Plain('2028-02-29'), new Plain('9999-12-31')]],
    ['[datetime.time(), datetime.time(1, 2, 3)]', [new Plain('00:00:00'), new Plain('01:02:03')]],
    ['datetime.timedelta(-1, 2, 3)', new TimeDelta(-1, 2, 3)],
    ['[datetime.timedelta.min, datetime.timedelta.max]', [new TimeDelta(-999999999), new TimeDelta(999999999, 86399, 999999)]],
  ],
};

for (const [kind, values] of Object.entries(VALUES)) {
  describe(kind, () => {
    const wanted = values.flatMap(([expression]) => PROTOCOLS.map((protocol) => [expression, protocol]));

    it('is read as Python writes it', () => {
      const pickles = dumpedByPython(wanted);
      for (const [expression, value] of values) {
        for (const protocol of PROTOCOLS) {
          assert.deepEqual(loads(pickles.shift()), value, `${expression}, protocol ${protocol}`);
        }
      }
    });

    it('is written so that Python reads it', () => {
      const pickles = values.flatMap(([expression, value]) => PROTOCOLS.map((protocol) => [dumps(value, protocol), expression]));
      comparedByPython(pickles).forEach((difference, at) => assert.equal(difference, null, `${wanted[at]}`));
    });

    it('is the same after it was written and read here', () => {
      for (const [expression, value] of values) {
        for (const protocol of PROTOCOLS) assert.deepEqual(loads(dumps(value, protocol)), value, `${expression}, ${protocol}`);
      }
    });
  });
}

describe('what is written', () => {
  /** Values that come back as others. */
  const SENT = [
    [[new Float(2), new Float(-0), 2, 2n], '[2.0, -0.0, 2, 2]'],
    [[2 ** 53, -1e21], '[9007199254740992.0, -1e21]'],
    [[undefined, , 1], '[None, None, 1]'],
    [{ a: undefined, [Symbol('s')]: 1 }, '{"a": None}'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a": 1}'],
    [new Map([['a', 1]]), '{"a": 1}'],
    [[new Uint8Array([1, 2]).buffer, new Uint16Array([1]), new DataView(new ArrayBuffer(1))], '[b"\\1\\2", b"\\1\\0", b"\\0"]'],
    [new Uint8Array([1, 2, 3]).subarray(1, 2), 'b"\\2"'],
    [Buffer.from('ab'), 'b"ab"'],
    [new Date(1), 'datetime.datetime(1970, 1, 1, 0, 0, 0, 1000, datetime.timezone.utc)'],
    [new TimeDelta(0, -1, -1), 'datetime.timedelta(0, -1, -1)'],
  ];
  it('is what it says at each protocol', () => {
    const pickles = SENT.flatMap(([value, expression]) => PROTOCOLS.map((protocol) => [dumps(value, protocol), expression]));
    comparedByPython(pickles).forEach((difference, at) => assert.equal(difference, null, pickles[at][1]));
  });

  it('is of protocol 4 unless another is asked for, and of the highest at -1', () => {
    assert.deepEqual([...dumps(null)], [0x80, 4, 0x4e, 0x2e]);
    assert.deepEqual([...dumps(null, -1)], [0x80, 5, 0x4e, 0x2e]);
    for (const protocol of [6, 1.5, '4', null, NaN, 4n]) throws(() => dumps(null, protocol), 'EINVAL', { message: /protocol/ });
  });

  it('is refused where Python has nothing like it, by its name', () => {
    class Custom {}
    const refused = [
      () => {}, Symbol('s'), new Custom(), /x/, new Error('x'), Promise.resolve(), new WeakMap(), new URL('a:b'), new Number(1),
    ];
    for (const value of refused) {
      for (const around of [value, [value], { value }, new Set([value]), new Map([[1, value]])]) {
        throws(() => dumps(around), 'EINVAL', { message: /is not data that can be pickled/ });
      }
    }
    throws(() => dumps(new Date(NaN)), 'EINVAL', { message: /Date outside/ });
    throws(() => dumps(new Date(8.64e15)), 'EINVAL', { message: /Date outside/ });
    throws(() => dumps(10n ** 4300n, 0), 'EINVAL', { message: /4300 digits/ });
    throws(() => dumps(2n ** 100_000n, 1), 'EINVAL', { message: /4300 digits/ });
    const getter = { get value() { throw new TypeError('not now'); } };
    throws(() => dumps(getter), 'EINVAL', { message: /not now/ });
  });

  it('has no keys that Python could not hash', () => {
    const inside = Tuple.of([1]);
    const unhashable = [[1], {}, new Map(), new Set(), new ByteArray(1), inside, Tuple.of(Tuple.of({}))];
    for (const protocol of PROTOCOLS) {
      for (const key of unhashable) {
        const message = /hashable/;
        throws(() => dumps(new Map([[key, 1]]), protocol), 'EINVAL', { message });
        throws(() => dumps(new Set([key]), protocol), 'EINVAL', { message });
        throws(() => dumps(new FrozenSet([key]), protocol), 'EINVAL', { message });
      }
      throws(() => dumps([inside, new Set([inside])], protocol), 'EINVAL', { message: /hashable/ });
    }
  });
});

describe('what is contained twice', () => {
  it('stays one', () => {
    const pickles = dumpedByPython(PROTOCOLS.map((protocol) => ['[[1]] * 3 + [looped(), dict_in_itself(), tuple_in_itself()]', protocol]));
    for (const pickle of pickles) {
      const [one, other, , looped, dict, tuple] = loads(pickle);
      assert.equal(one, other);
      assert.equal(looped[0], looped);
      assert.equal(dict.me[0], dict);
      assert.equal(tuple[0][0], tuple);
    }
  });

  it('is written once', () => {
    const list = [1];
    const loop = [];
    loop.push(loop);
    const dict = { a: 1 };
    dict.me = [dict];
    const all = [list, list, loop, dict];
    for (const protocol of PROTOCOLS) {
      const [one, other, looped, object] = loads(dumps(all, protocol));
      assert.equal(one, other);
      assert.equal(looped[0], looped);
      assert.equal(object.me[0], object);
    }
    const pickles = PROTOCOLS.flatMap((protocol) => [[dumps(loop, protocol), 'looped()'], [dumps(dict, protocol), 'dict_in_itself()']]);
    for (const difference of comparedByPython(pickles)) assert.equal(difference, null);
  });

  it('may be shared exponentially often', () => {
    let value = 'x';
    for (let depth = 0; depth < 200; depth += 1) value = Tuple.of(value, value);
    for (const protocol of PROTOCOLS) {
      let read = loads(dumps(new Map([[value, 1]]), protocol)).keys().next().value;
      for (let depth = 0; depth < 200; depth += 1) [read] = read;
      assert.equal(read, 'x');
    }
    for (const pickle of dumpedByPython(PROTOCOLS.map((protocol) => ['bomb(200)', protocol]))) assert.equal(loads(pickle).length, 2);
  });

  it('may not be a tuple or a set in itself', () => {
    const tuple = Tuple.of(1);
    tuple[0] = [tuple];
    const set = new Set();
    set.add(set);
    const frozen = new FrozenSet();
    frozen.add(Tuple.of(frozen));
    for (const protocol of PROTOCOLS) {
      for (const value of [tuple, set, frozen]) throws(() => dumps(value, protocol), 'EINVAL', { message: /itself|hashable/ });
    }
  });

  it('may be nested deeply', () => {
    const DEPTH = 50_000;
    let value = [];
    for (let depth = 0; depth < DEPTH; depth += 1) value = depth % 2 ? [value] : Tuple.of(value);
    for (const protocol of PROTOCOLS) {
      let read = loads(dumps(value, protocol));
      let depth = 0;
      for (; read.length > 0; depth += 1) [read] = read;
      assert.equal(depth, DEPTH);
    }
  });
});

describe('what is read', () => {
  it('loses of dates only what a Date has no place for', () => {
    const zone = 'datetime.timezone(datetime.timedelta(hours=5, minutes=30))';
    const expressions = [
      [`datetime.datetime(2026, 1, 1, 0, 0, 0, 1999, ${zone})`, '2025-12-31T18:30:00.001Z'],
      ['datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone(-datetime.timedelta(hours=3), "here"))', '2026-01-01T03:00:00.000Z'],
      ['datetime.datetime(2026, 1, 1, 0, 0, fold=1)', '2026-01-01T00:00:00'],
    ];
    for (const [expression, iso] of expressions) {
      for (const pickle of dumpedByPython(PROTOCOLS.map((protocol) => [expression, protocol]))) {
        const value = loads(pickle);
        assert.equal(value instanceof Date ? value.toISOString() : `${value}`, iso);
      }
    }
  });

  it('may be ASCII that Python 2 wrote, with its escapes', () => {
    assert.equal(loads(octets(`S'it\\'s \\x41\\t\\101\\\\'\np0\n.`)), "it's A\tA\\");
    assert.equal(loads(octets('U\x02ab.')), 'ab');
    assert.equal(loads(octets('T\x02\0\0\0ab.')), 'ab');
    for (const pickle of ["S'\\xff'\n.", 'U\x01\xff.']) throws(() => loads(octets(pickle)), 'EINVAL', { message: /ASCII/ });
  });

  it('is taken from any view, and keeps nothing of it', () => {
    const pickle = octets('xx\x80\x03C\x02ab.xx');
    for (const view of [pickle.subarray(2), new DataView(pickle.buffer, 2), pickle.slice(2).buffer]) {
      assert.deepEqual(loads(view), octets('ab'));
    }
    const value = loads(pickle.subarray(2));
    pickle.fill(0);
    assert.deepEqual(value, octets('ab'));
    assert.equal(value.buffer.byteLength, 2);
    for (const data of [undefined, null, 'N.', 1, {}, [0x4e, 0x2e]]) throws(() => loads(data), 'EINVAL', { message: /a pickle is/ });
  });
});

describe('the types', () => {
  it('have their names, and work as what they extend', () => {
    const names = { ByteArray, Float, FrozenSet, Plain, TimeDelta, Tuple };
    for (const [name, type] of Object.entries(names)) assert.equal(type.name, name);
    assert.deepEqual([...Tuple.of(1, 2).map((item) => item * 2)], [2, 4]);
    assert.ok(Array.isArray(new Tuple()));
    assert.equal(new Float(2) + 1, 3);
    assert.equal(new TimeDelta(1, 1, 1500).milliseconds, 86_401_001.5);
    const plain = new Plain('2026-01-02T03:04:05.5');
    assert.deepEqual([plain.date, plain.time], [[2026, 1, 2], [3, 4, 5, 500_000]]);
    assert.equal(JSON.stringify({ plain }), '{"plain":"2026-01-02T03:04:05.500000"}');
  });

  it('refuse what they can not be made of', () => {
    const texts = ['', 'T', '2026-02-29', '2026-13-01', '0000-01-01', '24:00:00', '12:00', '2026-01-01T', 'T12:00:00', '2026-01-01 12:00:00', 1];
    for (const iso of texts) throws(() => new Plain(iso), 'EINVAL', { message: /Plain/ });
    for (const parts of [[1.5], ['1'], [0, NaN], [1e9], [0, 0, Infinity]]) throws(() => new TimeDelta(...parts), 'EINVAL');
    for (const value of ['2', 2n, null]) throws(() => new Float(value), 'EINVAL');
  });
});
