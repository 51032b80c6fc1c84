// The module has exactly what its declarations promise: names, members and the numbers of the constants.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { contextFor, zmq } from './api_support.mjs';

const declarations = readFileSync(new URL('../../pkg/index.d.ts', import.meta.url), 'utf8')
  .replaceAll(/\/\*[^]*?\*\//g, '')
  .replaceAll(/\/\/.*/g, '');

/** The statements `export <kind> …`, each up to the next export. */
const exported = (kind) => declarations.split(/^export /m).filter((statement) => statement.startsWith(`${kind} `));

/** The text without what stands in inner brackets. */
function flat(text) {
  for (let before = ''; before !== text;) {
    before = text;
    text = text.replaceAll(/\([^(){}]+\)|\{[^(){}]*\}/g, (inner) => (inner[0] === '(' ? '()' : ''));
  }
  return text;
}

const numbers = exported('const').flatMap((statement) =>
  [...statement.matchAll(/(\w+): (\d+)/g)].map(([, name, value]) => [name, Number(value)]),
);
const others = ['class', 'function'].flatMap((kind) =>
  exported(kind).map((statement) => statement.match(/^\w+ (\w+)/)[1]),
);

describe('the module', () => {
  it('exports what is declared, and nothing else', () => {
    const texts = exported('const').flatMap((statement) =>
      [...statement.matchAll(/(\w+): (?:string|Z85|BunWebSocketHandlers)/g)].map(([, name]) => name),
    );
    assert.ok(numbers.length > 50 && others.length > 8, 'the declarations were understood');
    assert.deepEqual(Object.keys(zmq).sort(), [...numbers.map(([name]) => name), ...others, ...texts].sort());
  });

  it('has the declared numbers', () => {
    for (const [name, value] of numbers) assert.equal(zmq[name], value, name);
  });
});

describe('the classes', () => {
  const instances = {
    Context: (t) => contextFor(t),
    Socket: (t) => contextFor(t).socket(zmq.ROUTER),
    Poller: () => new zmq.Poller(),
    Frame: () => new zmq.Frame(),
    MessageTracker: () => new zmq.MessageTracker(),
  };
  for (const [name, make] of Object.entries(instances)) {
    it(`${name} has the declared members`, (t) => {
      const instance = make(t);
      const body = exported('class').find((statement) => statement.startsWith(`class ${name} `));
      // Behind the opening brace, at depth one: parameters' own types have names too.
      const members = [
        ...flat(body.slice(body.indexOf('{') + 1)).matchAll(
          /(?:^|[;{])\s*(?:(static|private) )?(?:readonly )?(\w+)\s*(<[^>]*>)?([(:])/gm,
        ),
      ];
      assert.ok(members.length > 2, 'the declaration was understood');
      for (const [, modifier, member, , kind] of members) {
        if (modifier === 'private' || member === 'constructor') continue;
        const owner = modifier === 'static' ? zmq[name] : instance;
        assert.ok(member in owner, `${name}.${member}`);
        if (kind === '(') assert.equal(typeof owner[member], 'function', `${name}.${member}()`);
      }
    });
  }
});
