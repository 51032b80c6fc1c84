// The shipped declarations: every public item is told of and has an example that compiles, and they keep the contract.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { API } from 'typescript/unstable/sync';
import { SyntaxKind } from 'typescript/unstable/ast';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'tests/node_modules/.bin/tsc');
/** A user's project that has the package installed. */
const HOME = join(ROOT, '.cache/package-test/declarations');
const SHIPPED = ['index', 'slim', 'pickle', 'auth'].map((name) => join(ROOT, `pkg/${name}.d.ts`));
const CONTRACT = join(ROOT, 'tests/js/contract.d.ts');

/** What examples may use without declaring it. */
const SCENERY = `
  declare const context: Context, socket: Socket, other: Socket, poller: Poller, frame: Frame, tracker: MessageTracker;
  declare const authenticator: import('zmq-wasm/auth').Authenticator, clients: Socket, workers: Socket, secretKey: string, webSocket: WebSocket;
`;

let api;
let shipped;
let others;
let contract;

before(() => {
  api = new API({ cwd: ROOT });
  const [project] = api.updateSnapshot({ openFiles: [CONTRACT, ...SHIPPED] }).getProjects();
  [contract, shipped, ...others] = [CONTRACT, ...SHIPPED].map((file) => itemsOf(project.program.getSourceFile(file)));
  rmSync(HOME, { recursive: true, force: true });
  mkdirSync(join(HOME, 'node_modules'), { recursive: true });
  symlinkSync(join(ROOT, 'pkg'), join(HOME, 'node_modules/zmq-wasm'), 'dir');
});
after(() => api.close());

/** Every exported statement and every member of it: { name, kind, doc, inInterface }. Overloads and merged parts are one. */
function itemsOf(file) {
  const items = new Map();
  const add = (name, node, owner) => {
    const doc = node.jsDoc?.map(({ pos, end }) => file.text.slice(pos, end)).join('') ?? '';
    const item = items.get(name) ?? { name, doc: '', kind: SyntaxKind[node.kind], owner };
    item.doc ||= doc;
    items.set(name, item);
    return item;
  };
  for (const statement of file.statements) {
    if (statement.kind === SyntaxKind.VariableStatement) {
      const [first, ...rest] = statement.declarationList.declarations;
      const { doc } = add(first.name.text, statement);
      for (const { name } of rest) items.set(name.text, { name: name.text, doc, kind: 'shared' });
      continue;
    }
    if (statement.name === undefined) continue;
    const owner = add(statement.name.text, statement);
    for (const member of statement.members ?? []) {
      const text = withoutComments(file.text.slice(member.pos, member.end));
      if (member.kind === SyntaxKind.IndexSignature || text.startsWith('private ')) continue;
      const { name } = member;
      const own = name === undefined ? 'constructor' : withoutComments(file.text.slice(name.pos, name.end));
      add(`${statement.name.text}.${own}`, member, owner);
    }
  }
  return items;
}

function withoutComments(text) {
  return text.replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, '').trim();
}

function examplesOf({ doc }) {
  return [...doc.matchAll(/@example([^]*?)(?=\n\s*\* @|\*\/)/g)].map(([, text]) => text.replaceAll(/^[ \t]*\* ?/gm, '').trim());
}

function compile(files) {
  const options = { module: 'nodenext', target: 'esnext', lib: ['esnext', 'dom', 'dom.asynciterable'], types: [], strict: true, noEmit: true };
  for (const [name, source] of Object.entries(files)) writeFileSync(join(HOME, name), source);
  writeFileSync(join(HOME, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: Object.keys(files) }));
  try {
    execFileSync(TSC, ['-p', HOME], { encoding: 'utf8' });
  } catch (error) {
    assert.fail(error.stdout);
  }
}

describe('the declarations', () => {
  it('tell of every public item, with an example', () => {
    const isMember = ({ owner }) => owner?.kind === 'InterfaceDeclaration';
    const silent = [shipped, ...others].flatMap((items) => [...items.values()]).filter((item) => {
      if (item.owner?.name === 'SocketOptions') return !shipped.has(`Socket.${item.name.split('.')[1]}`);
      return item.doc === '' || (!isMember(item) && examplesOf(item).length === 0);
    });
    assert.ok(shipped.size > 200, 'the declarations were understood');
    assert.deepEqual(silent.map(({ name }) => name), [], 'these have no JSDoc, or no @example in it');
  });

  it('have examples that compile', () => {
    const namesOf = (items) => [...items.keys()].filter((name) => !name.includes('.')).join(', ');
    const heads = [
      `import { ${namesOf(shipped)} } from 'zmq-wasm';`,
      `import init, { ${namesOf(others[0]).replace('init, ', '')} } from 'zmq-wasm/slim';`,
      `import { ${namesOf(shipped)} } from 'zmq-wasm'; import { ${namesOf(others[1])} } from 'zmq-wasm/pickle';`,
      `import { ${namesOf(shipped)} } from 'zmq-wasm'; import { ${namesOf(others[2])} } from 'zmq-wasm/auth';`,
    ];
    const files = [shipped, ...others].flatMap((items, at) =>
      [...items.values()].filter(({ kind }) => kind !== 'shared').flatMap((item) => examplesOf(item).map(
        (example) => `// ${item.name}\n${heads[at]}\n${at === 1 ? '' : SCENERY}\nexport const example = async () => {\n${example}\n};\n`,
      )));
    assert.ok(files.length > 150, 'the examples were found');
    compile(Object.fromEntries(files.map((source, at) => [`example_${at}.mts`, source])));
  });

  it('have all that the contract has', () => {
    assert.deepEqual([...contract.keys()].filter((name) => !shipped.has(name)), []);
  });

  it('say the same as the contract', () => {
    const isType = ({ kind }) => /^(Class|Interface|TypeAlias)Declaration$/.test(kind);
    const known = [...contract.values()].filter(({ name }) => !name.includes('.') && shipped.has(name));
    const types = known.filter(isType).map(({ name }) => name);
    // Each item is compared by itself: the contract's own types have a line below their names, and refer to ours.
    const text = readFileSync(CONTRACT, 'utf8').replaceAll(/^export (class|interface|type) (\w+)/gm, 'export $1 $2_');
    const lines = [];
    const both = (name, from, to) => lines.push(`export const ${name} = (given: ${from}): ${to} => given;`);
    for (const { name, kind } of known) {
      if (kind === 'ClassDeclaration') {
        both(`instance_${name}`, `shipped.${name}`, `contract.${name}_`);
        both(`statics_${name}`, `typeof shipped.${name}`, `Omit<typeof contract.${name}_, 'prototype'>`);
        // Nobody calls new Socket().
        const made = (module) => `ConstructorParameters<typeof ${module}>`;
        if (name !== 'Socket') both(`constructor_${name}`, made(`contract.${name}_`), made(`shipped.${name}`));
      } else if (isType({ kind })) {
        // These go both ways: into calls and out of them. Nobody gives all options.
        const all = (type) => (name === 'SocketOptions' ? `Partial<${type}>` : type);
        both(`out_${name}`, all(`shipped.${name}`), all(`contract.${name}_`));
        both(`in_${name}`, all(`contract.${name}_`), all(`shipped.${name}`));
      } else {
        both(`value_${name}`, `typeof shipped.${name}`, `typeof contract.${name}`);
      }
    }
    assert.ok(lines.length > 100, 'the contract was understood');
    compile({
      'contract.d.mts': `import type { ${types.join(', ')} } from 'zmq-wasm';\n${text}`,
      'comparison.mts': `import type * as shipped from 'zmq-wasm';\nimport type * as contract from './contract.mjs';\n${lines.join('\n')}`,
    });
  });

  it('take code that is written to the contract, overload by overload', () => {
    compile({
      'usage.mts': `
        import { Context, Socket, Frame, MessageTracker, POLLIN, type Bytes } from 'zmq-wasm';
        const context = new Context(1, { shadow: new Context() });
        const socket: Socket = context.socket(0, { linger: 0, routingId: 'x', anything: 1n });
        const one: Promise<Frame> = socket.recv(undefined, { copy: false, track: true });
        const two: Promise<Bytes> = socket.recv(0, { signal: AbortSignal.abort() });
        const three: Promise<Frame[]> = socket.recvMultipart(0, { copy: false });
        const four: Promise<Bytes[]> = socket.recvMultipart();
        const five: Promise<MessageTracker | undefined> = socket.send(new DataView(new ArrayBuffer(1)), 2, { copy: false, track: true });
        const six: Promise<{ x: number }> = socket.recvJson<{ x: number }>(0, { reviver: (key: string, value: unknown) => value });
        const seven: Promise<Bytes[]> = socket.request(['x', new Frame()], { timeout: 1, signal: AbortSignal.abort() });
        const eight: Promise<number> = socket.poll(-1, POLLIN, {});
        for await (const part of socket) part.map((bytes: Bytes) => bytes.length);
        await socket.readable.pipeTo(socket.writable);
        export { one, two, three, four, five, six, seven, eight };
      `,
    });
  });
});
