// The packed package in Next.js, built by its own bundler: in a component of the page, in a route in Node and in one at the edge.

import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { after, before, it } from 'node:test';
import { ROOT } from '../js/support.mjs';
import { Pages } from './pages.mjs';
import { TALKED, TOOLS, project, talk, tool, withPeer, withServer } from './support.mjs';

const NEXT = tool('next/dist/bin/next');
const ROUTE = `import { talk } from '../../talk.js';
export async function GET(request) {
  return new Response(await talk(new URL(request.url).searchParams.get('endpoint')));
}`;

/** Next.js reads nothing outside of its root: the folder that both our projects and the packages they link to are in. */
function root() {
  const [ours, next] = [ROOT, realpathSync(TOOLS)].map((path) => path.split('/').filter(Boolean));
  const apart = ours.findIndex((part, at) => part !== next[at]);
  return `/${ours.slice(0, apart === -1 ? ours.length : apart).join('/')}`;
}

let user, pages;
before(async () => {
  const files = {
    'talk.js': talk(),
    'next.config.js': `export default { turbopack: { root: ${JSON.stringify(root())} } };`,
    'app/layout.js': `export default ({ children }) => <html lang="en"><body>{children}</body></html>;`,
    'app/page.js': `'use client';
import { useEffect } from 'react';
import { talk } from '../talk.js';
export default function Page() {
  useEffect(() => void talk(decodeURIComponent(location.search.slice(1))).then(console.log), []);
}`,
    'app/edge/route.js': `${ROUTE} export const runtime = 'edge';`,
    'app/node/route.js': ROUTE,
  };
  user = await project('next', { files, links: ['next', 'react', 'react-dom'], manifest: { type: 'module' } });
  await user.run([...NEXT, 'build']);
  pages = await Pages.launch();
});
after(() => pages?.close());

const talking = (transport, use) => () =>
  withServer([...NEXT, 'start', '-H', '127.0.0.1', '-p', '0'], { cwd: user.path }, (address) =>
    withPeer(async (endpoint) => assert.equal(await use(address, endpoint), TALKED), `${transport}://127.0.0.1:0`));

it('a page', talking('ws', (address, endpoint) => pages.visit(`${address}/`, endpoint)));
for (const [where, transport] of Object.entries({ node: 'tcp', edge: 'ws' })) {
  it(`a route, ${where}`, talking(transport, async (address, endpoint) =>
    (await fetch(`${address}/${where}?endpoint=${encodeURIComponent(endpoint)}`)).text()));
}
