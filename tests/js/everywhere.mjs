// The interop matrix in every place where our browser build runs: this Node (22 or later has a WebSocket), a Chromium page
// and a dedicated worker. Each case starts peer processes of its own.

import { after, before, describe, it } from 'node:test';
import { cases } from './matrix.mjs';
import { Peer } from './peer.mjs';
import { Browser } from './browsers/index.mjs';
import { Laboratory, PACKAGE, ROOT } from './support.mjs';

/** Of the same engine, what works in the page works in its workers: they were looked at in one. */
export const PAGES = [['chromium', 'page'], ['chromium', 'worker'], ['firefox', 'page'], ['webkit', 'page']];

/** The cases of a module under tests/js in a browser, in a page or a worker. */
export function inBrowser(name, where, module, listener, cases, title = '') {
  describe(`in a ${where} of ${name}${title}`, () => {
    const laboratory = new Laboratory();
    let browser;
    let suite;
    before(async () => {
      browser = await Browser.launch(name);
      suite = await browser.load(module, where, listener, laboratory.invoke);
    });
    after(async () => {
      await suite?.close();
      await browser?.close();
      await laboratory.close();
    });
    for (const { name } of cases) it(name, () => suite.run(name));
  });
}

/** The cases of `matrix.mjs` for this `listener`; `title` says what it is. */
export function everywhere(listener, title) {
  describe(
    `in Node, against ${title}`,
    { skip: typeof WebSocket === 'undefined' && 'this Node has no WebSocket; 22 has' },
    () => {
      const laboratory = new Laboratory();
      let env;
      before(async () => {
        env = {
          zmq: await import(`${ROOT}${PACKAGE}`),
          listener,
          runtime: 'node',
          startPeer: (kind) => Peer.start(laboratory.invoke, kind),
        };
      });
      after(() => laboratory.close());
      for (const { name, run } of cases[listener]) it(name, () => run(env));
    },
  );

  for (const [name, where] of PAGES) inBrowser(name, where, 'matrix.mjs', listener, cases[listener], `, against ${title}`);
}
