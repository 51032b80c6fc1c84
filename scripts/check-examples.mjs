// Fails when something public in Rust has no example in its documentation.
//   node scripts/check-examples.mjs FILE      FILE: what rustdoc writes with --output-format json
import { readFileSync } from 'node:fs';

const KINDS = ['function', 'struct', 'enum', 'trait', 'type_alias', 'constant'];
/** For builders of runtimes: parts that make sense together only, in the one example of `engine::Engine`. */
const TOGETHER = /^src\/(engine\/(?!event)|wire\/(?!command)|arena)/;

const { index } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const kindOf = (item) => Object.keys(item.inner)[0];
const blocks = (item) => (item.inner[kindOf(item)]?.impls ?? []).map((id) => index[id].inner.impl);

/** Each item with its full name; those of `impl` blocks with their type's. */
function* named() {
  const types = Object.values(index).filter((item) => ['struct', 'enum'].includes(kindOf(item)));
  const members = new Set(types.flatMap(blocks).flatMap((block) => block.items));
  for (const item of Object.values(index)) if (!members.has(item.id) && kindOf(item) !== 'impl') yield [item.name, item];
  for (const type of types) {
    // Methods of a trait are documented by the trait.
    for (const block of blocks(type).filter(({ trait }) => trait === null)) {
      for (const id of block.items) yield [`${type.name}::${index[id].name}`, index[id]];
    }
  }
}

let seen = 0;
const missing = [];
for (const [name, item] of named()) {
  if (item.crate_id !== 0 || item.visibility !== 'public' || !KINDS.includes(kindOf(item))) continue;
  if (TOGETHER.test(item.span.filename)) continue;
  seen += 1;
  if (!item.docs?.includes('```')) missing.push(`${item.span.filename}:${item.span.begin[0]}: ${name} has no example`);
}
if (seen < 100) missing.push(`only ${seen} public items were found: has rustdoc's format changed?`);
for (const line of missing) console.error(`error: ${line}`);
process.exit(missing.length > 0 ? 1 : 0);
