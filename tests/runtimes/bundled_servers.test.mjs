// The packed package bundled into a server's program: each bundler takes the entry of the runtime, with what it imports.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { before, it } from 'node:test';
import { RUNTIMES, TALKED, TOOLS, project, talk, tool, withPeer } from './support.mjs';

const ESBUILD = [join(TOOLS, 'esbuild/bin/esbuild'), 'main.mjs', '--bundle', '--platform=node'];
const ROLLUP = [...tool('rollup/dist/bin/rollup'), 'main.mjs', '--plugin', 'node-resolve={exportConditions:["node"]}'];

/** What builds main.mjs into OUT, and the runtime that then runs the file. */
const BUNDLERS = {
  'esbuild, ES module': [[...ESBUILD, '--format=esm', '--outdir=OUT', '--out-extension:.js=.mjs'], 'node22'],
  'esbuild, CommonJS': [[...ESBUILD, '--format=cjs', '--outdir=OUT', '--out-extension:.js=.cjs'], 'node22'],
  webpack: [
    [...tool('webpack-cli/bin/cli.js'), 'build', '--mode=production', '--target=node', '--entry=./main.mjs', '-o', 'OUT'],
    'node22',
  ],
  rollup: [[...ROLLUP, '--dir', 'OUT', '--entryFileNames', '[name].mjs', '--chunkFileNames', '[name].mjs'], 'node22'],
  bun: [[RUNTIMES.bun[0], 'build', 'main.mjs', '--target=bun', '--outdir=OUT'], 'bun'],
  deno: [[RUNTIMES.deno[0], 'bundle', 'main.mjs', '--output=OUT/main.mjs'], 'deno'],
};

let user;
before(async () => {
  const main = `import { talk } from './talk.mjs';
talk(process.argv[2]).then(console.log);`;
  user = await project('bundled-servers', { files: { 'talk.mjs': talk(), 'main.mjs': main } });
});

for (const [name, [build, runtime]] of Object.entries(BUNDLERS)) {
  it(name, async () => {
    const out = name.replace(/\W+/g, '-');
    await user.run(build.map((part) => part.replace('OUT', out)));
    const main = readdirSync(join(user.path, out)).find((file) => /^main\.[cm]?js$/.test(file));
    const cwd = join(user.path, out);
    assert.match(readFileSync(join(cwd, main), 'utf8'), /AGFzbQ[\w+/]{9999}/, "it is not a server's entry, whose module is plain base64");
    const talking = (endpoint) => user.run([...RUNTIMES[runtime], main, endpoint], { cwd });
    assert.equal(await withPeer(talking, 'tcp://127.0.0.1:0'), TALKED);
  });
}
