// Pickles that want more than to be data, and octets that are none.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dumps, loads } from '../../pkg/pickle.js';
import { throws, zmq } from './api_support.mjs';
import { PROTOCOLS, dumpedByPython, octets } from './pickle_support.mjs';

/** What Python pickles of its own, and the name that the refusal must have. */
const NAMED = [
  ['os.system', /(posix|nt|os)\.system/],
  ['eval', /\b(builtins|__builtin__)\.eval/],
  ['functools.partial(print, 1)', /functools\.partial/],
  ['Custom()', /__main__\.Custom|copyreg?\._reconstructor|copy_reg\._reconstructor/],
  ['Custom', /__main__\.Custom/],
  ['Slotted(3)', /__main__\.Slotted|_reconstructor/],
  ['[1, {"a": (Custom(),)}]', /__main__\.Custom|_reconstructor/],
  ['collections.OrderedDict(a=1)', /collections\.OrderedDict/],
  ['collections.deque([1])', /collections\.deque/],
  ['decimal.Decimal("1.5")', /decimal\.Decimal/],
  ['fractions.Fraction(1, 2)', /fractions\.Fraction/],
  ['uuid.UUID(int=1)', /uuid\.UUID|_reconstructor/],
  ['1j', /(builtins|__builtin__)\.complex/],
  ['range(3)', /(builtins|__builtin__)\.x?range/],
  ['slice(1, 2)', /(builtins|__builtin__)\.slice/],
  ['ValueError("x")', /\w+\.ValueError/],
  ['types.SimpleNamespace(a=1)', /types\.SimpleNamespace/],
  ['copyreg.__newobj__', /copy_?reg\.__newobj__/],
  ['datetime.timezone.utc', /datetime\.timezone/],
  ['[datetime.timezone.utc]', /datetime\.timezone/],
  ['set', /\w+\.set/],
  ['{"type": bytearray}', /\w+\.bytearray/],
  ['{datetime.date: 1}', /datetime\.date/],
  ['(frozenset,)', /\w+\.frozenset/],
];

/** Pickles by hand. */
const REFUSED = {
  'GLOBAL and REDUCE': ["cos\nsystem\n(S'true'\ntR.", /names os\.system, which is not data/],
  'GLOBAL with a name that has dots': ['cos\npath.join\n.', /os\.path\.join/],
  'GLOBAL with a name that reaches into a known one': ['cbuiltins\nset.__init__\n.', /builtins\.set\.__init__/],
  'GLOBAL of what JavaScript has': ['cObject\nconstructor\n.', /Object\.constructor/],
  'GLOBAL of a prototype': ['c__proto__\n__proto__\n.', /__proto__\.__proto__/],
  'a long name': [`c${'a'.repeat(5000)}\nb\n.`, /names a{100}…, which/],
  STACK_GLOBAL: ['\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.', /os\.system/],
  'STACK_GLOBAL from the memory': ['\x80\x04\x8c\x02os\x94\x8c\x06system\x94h\0h\x01\x93.', /os\.system/],
  'STACK_GLOBAL of no text': ['\x80\x04K\x01K\x02\x93.', /names something by no text/],
  INST: ["(S'true'\nios\nsystem\n.", /os\.system/],
  'INST of a known name': ['(idatetime\ndate\n.', /datetime\.date/],
  OBJ: ['(cos\nsystem\no.', /os\.system/],
  'OBJ of a known name': ['(cdatetime\ndate\no.', /an object of a class/],
  'NEWOBJ of a known name': ['\x80\x02cbuiltins\nset\n)\x81.', /an object of a class/],
  NEWOBJ_EX: ['\x80\x04cbuiltins\nset\n)}\x92.', /an object of a class/],
  'BUILD on a dict': ['}}b.', /an object of a class/],
  EXT1: ['\x80\x02\x82\x07.', /extension 7/],
  EXT2: ['\x80\x02\x83\x07\x01.', /extension 263/],
  EXT4: ['\x80\x02\x84\x07\0\0\0.', /extension 7/],
  PERSID: ['Pmine\n.', /persistent object mine/],
  BINPERSID: ['U\x04mineQ.', /persistent object mine/],
  'BINPERSID of no text': ['NQ.', /a persistent object/],
  NEXT_BUFFER: ['\x80\x05\x97.', /buffer outside/],
  READONLY_BUFFER: ['\x80\x05C\x01a\x98.', /buffer outside/],
  'REDUCE of a value': ['K\x01)R.', /calls something/],
  'REDUCE with a list': ['cbuiltins\nset\n]R.', /calls something/],
  'REDUCE with the wrong arguments': ['cbuiltins\nset\n(K\x01tR.', /builtins\.set/],
  'REDUCE to encode otherwise': ['c_codecs\nencode\n(Va\nVutf-7\ntR.', /_codecs\.encode/],
  'REDUCE to encode as a list says': ['c_codecs\nencode\n(Va\n(Vlatin1\nltR.', /_codecs\.encode/],
  'REDUCE to encode what does not fit': ['c_codecs\nencode\n(V\\u0100\nVlatin1\ntR.', /_codecs\.encode/],
  'bytearray of a number, which would be its length': ['cbuiltins\nbytearray\n(I2000000000\ntR.', /builtins\.bytearray/],
  'a date that there is not': ['cdatetime\ndate\n(C\x04\x07\xe4\x02\x1etR.', /Plain/],
  'a timedelta of floats': ['cdatetime\ntimedelta\n(F1.5\nI0\nI0\ntR.', /datetime\.timedelta/],
  'a datetime with a zone of another kind': ['cdatetime\ndatetime\n(C\x0a\x07\xe4\x01\x01\0\0\0\0\0\0K\x01tR.', /datetime\.datetime/],
  'a time with a zone': [
    'cdatetime\ntime\n(C\x06\0\0\0\0\0\0cdatetime\ntimezone\n(cdatetime\ntimedelta\n(I0\nI0\nI0\ntRtRtR.', /time with a zone/,
  ],
  'a list as key': ['}]Ns.', /hashable/],
  'a dict in a set': ['\x80\x04\x8f(}\x90.', /hashable/],
  'a key without a value': ['(Nd.', /without a value/],
  'items for a tuple': [')Na.', /takes no items/],
  'items for None': ['NNa.', /takes no items/],
  'nothing': ['', /cut short/],
  'only STOP': ['.', /empty stack/],
  'no STOP': ['N', /cut short/],
  'POP from nothing': ['0N.', /empty stack/],
  'a value from below MARK': ['N(a.', /empty stack/],
  'a tuple without MARK': ['Nt.', /not begun/],
  'memory that was not filled': ['h\x07.', /does not have/],
  'a negative place': ['Ng-1\n.', /does not have/],
  'a place that is no number': ['Npx\n.', /no number/],
  'an unknown opcode': ['N\xff.', /octet 1 of the pickle, 0xff/],
  'a later protocol': ['\x80\x06N.', /protocol 6/],
  'a frame beyond the end': ['\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.', /cut short/],
  'a str beyond the end': ['X\xff\xff\xff\xffab.', /cut short/],
  'a long str beyond the end': ['\x8d\xff\xff\xff\xff\xff\xff\xff\x7fab.', /cut short/],
  'bytes beyond the end': ['\x8e\0\0\0\0\x01\0\0\0ab.', /cut short/],
  'a bytearray beyond the end': ['\x96\0\0\0\0\0\0\0\x80.', /cut short/],
  'an int of a negative length': ['\x8b\xff\xff\xff\xff.', /negative/],
  'an int beyond the end': ['\x8b\xff\xff\xff\x7f\x01.', /cut short/],
  'an int in decimal that is too long': [`L${'9'.repeat(4301)}L\n.`, /4300 digits/],
  'an int that is a word': ['Ione\n.', /no number/],
  'an int that is code': ['I0x10\n.', /no number/],
  'a float that is a word': ['Fone\n.', /no number/],
  'a float in hex': ['F0x1p3\n.', /no number/],
  'a line without an end': ['I1', /cut short/],
  'a str that is not UTF-8': ['X\x02\0\0\0\xc3\x28.', /UTF-8/],
  'half a surrogate': ['X\x02\0\0\0\xed\xa0.', /UTF-8/],
  'a broken escape': ['V\\u00\n.', /escape/],
  'an escape beyond Unicode': ['V\\U00110000\n.', /escape/],
  'a str without quotes': ['Sabc\n.', /quotes/],
  'a str with one quote': ["S'\n.", /quotes/],
};

describe('a pickle that is no data', () => {
  it('is refused, with the name of what it names, at each protocol', () => {
    const wanted = NAMED.flatMap(([expression]) => PROTOCOLS.map((protocol) => [expression, protocol]));
    const pickles = dumpedByPython(wanted);
    for (const [expression, name] of NAMED) {
      for (const protocol of PROTOCOLS) {
        const pickle = pickles.shift();
        assert.equal(pickle.at(-1), 0x2e, `Python pickles ${expression}`);
        throws(() => loads(pickle), 'EINVAL', { message: name });
        throws(() => loads(pickle), 'EINVAL', { message: /^the pickle names .*, which is not data$/ });
      }
    }
  });

  for (const [what, [pickle, message]] of Object.entries(REFUSED)) {
    it(`is refused: ${what}`, () => throws(() => loads(octets(pickle)), 'EINVAL', { message }));
  }
});

describe('a pickle as it should not be', () => {
  it('is read where Python reads it too', () => {
    assert.equal(loads(octets('N.trailing')), null);
    assert.deepEqual(loads(octets('Np0\nK\x01p0\ng0\n\x86.')), loads(octets('NK\x01K\x01\x86.')), 'a place filled twice');
    assert.deepEqual(loads(octets(']2\x86.')).length, 2, 'DUP');
    assert.equal(loads(octets('N(0.')), null, 'a MARK without use');
    assert.equal(loads(octets('N(K\x01K\x021.')), null, 'POP_MARK');
    assert.deepEqual(loads(octets('}(U\x01aK\x01U\x01aK\x02u.')), { a: 2 }, 'a key twice');
  });

  it('takes memory only for what it has', () => {
    // A place in the memory that is far out, and one large item that many refer to.
    assert.equal(loads(octets('Nr\xff\xff\xff\xffj\xff\xff\xff\xff.')), null);
    const many = loads(octets(`C\xff${'x'.repeat(255)}q\0(${'h\0'.repeat(10_000)}t.`));
    assert.equal(new Set(many).size, 1);
    // The same copied again and again: a gigabyte, from 60,000 octets.
    for (const [name, item, args] of [['builtins\nset', `(${'K\x01'.repeat(10_000)}l`, ''], ['_codecs\nencode', `X\x10\x27\0\0${'x'.repeat(10_000)}`, 'Vlatin1\n']]) {
      const calls = `c${name}\n(g0\n${args}tR`.repeat(2000);
      throws(() => loads(octets(`${item}p0\n(${calls}t\x86.`)), 'EINVAL', { message: /too much of the same/ });
    }
    const honest = dumpedByPython(PROTOCOLS.map((protocol) => ['[bytearray(b"\\xff" * 100_000), {frozenset(range(9)), 5}]', protocol]));
    for (const pickle of honest) assert.equal(loads(pickle)[0].length, 100_000);
  });

  it('may have 100,000 MARKs, and as many POPs', () => {
    assert.equal(loads(octets(`N${'('.repeat(100_000)}${'0'.repeat(100_000)}.`)), null);
    assert.equal(loads(octets(`(${'K\x01'.repeat(300_000)}l.`)).length, 300_000);
  });
});

describe('chance', () => {
  /** The same numbers at each run: xorshift. */
  function chances(seed) {
    let state = seed;
    return (below) => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
  }

  /** Reads, and writes what was read: either may refuse, and nothing else. */
  function survives(pickle) {
    try {
      dumps(loads(pickle));
      return true;
    } catch (error) {
      const hex = Buffer.from(pickle).toString('hex');
      assert.ok(error instanceof zmq.ZMQError && error.code === 'EINVAL', `${error.stack}\n${hex}`);
      return false;
    }
  }

  it('makes no octets that harm', () => {
    const next = chances(1);
    for (let round = 0; round < 20_000; round += 1) {
      survives(Uint8Array.from({ length: next(60) }, () => next(256)));
    }
  });

  it('makes no program of opcodes that harms', () => {
    const next = chances(2);
    const OPCODES = octets('(.012FGIJKLMNPQRSTUVXabcdeghijlopqrstu}]).BC\x80\x81\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8f\x90\x91\x93\x94\x96');
    const tail = octets('\n0\n.');
    let read = 0;
    for (let round = 0; round < 20_000; round += 1) {
      const pickle = Uint8Array.from({ length: 40 }, () => (next(4) === 0 ? next(4) : OPCODES[next(OPCODES.length)]));
      pickle.set(tail, 36);
      read += survives(pickle);
    }
    assert.ok(read > 10, `${read} were read`);
  });

  it('makes no harm of what Python wrote', () => {
    const expression =
      '[None, True, 1, -5, 2**70, 1.5, "grüße", b"\\xff", bytearray(b"x"), (1, 2, 3, 4), {"a": {1: 2}}, {1}, frozenset({2}), ' +
      'datetime.datetime.now(datetime.timezone.utc), datetime.date.today(), datetime.timedelta(1), looped()]';
    const next = chances(3);
    for (const pickle of dumpedByPython(PROTOCOLS.map((protocol) => [expression, protocol]))) {
      assert.ok(survives(pickle));
      for (let length = 0; length < pickle.length; length += 1) assert.ok(!survives(pickle.subarray(0, length)));
      for (let round = 0; round < 3000; round += 1) {
        const changed = pickle.slice();
        for (let change = next(3); change >= 0; change -= 1) changed[next(changed.length)] = next(256);
        survives(changed);
      }
    }
  });

  it('makes values that come back as they were', () => {
    const next = chances(4);
    const text = () => Array.from({ length: next(6) }, () => String.fromCharCode(next(0x10000))).join('');
    const leaf = [
      () => null, () => next(2) === 0, () => next(1 << 30) - (1 << 29), () => 2n ** BigInt(60 + next(900)) * (next(2) ? 1n : -1n),
      () => next(1e9) / 997 + 0.5, text, () => Uint8Array.from({ length: next(300) }, () => next(256)), () => new Date(next(2 ** 31) * 1000),
    ];
    const value = (depth) => {
      const items = () => Array.from({ length: next(5) }, () => value(depth - 1));
      const node = [items, () => Object.fromEntries(items().map((item) => [`k${text()}`, item])), () => new Map(items().map((item, at) => [at, item]))];
      const kinds = depth > 0 ? [...leaf, ...node, ...node] : leaf;
      return kinds[next(kinds.length)]();
    };
    for (let round = 0; round < 1500; round += 1) {
      const made = value(4);
      for (const protocol of PROTOCOLS) {
        assert.deepEqual(normal(loads(dumps(made, protocol))), normal(made));
      }
    }
  });

  /** Empty Maps come back as objects. */
  function normal(value) {
    if (value instanceof Map) return value.size === 0 ? {} : new Map(Array.from(value, ([key, item]) => [key, normal(item)]));
    if (Array.isArray(value)) return value.map(normal);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array || value instanceof Date) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
  }
});
