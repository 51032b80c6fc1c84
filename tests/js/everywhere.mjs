// The interop matrix in every place where our browser build runs: this Node (22 or later has a WebSocket), a Chromium page
// and a dedicated worker. Each case starts peer processes of its own.

import { after, before, describe, it } from 'node:test';
import { cases } from './matrix.mjs';
import { Peer } from './peer.mjs';
import { Chromium, Laboratory, PACKAGE, ROOT } from './support.mjs';

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

  for (const where of ['page', 'worker']) {
    describe(`in a Chromium ${where}, against ${title}`, () => {
      const laboratory = new Laboratory();
      let chromium;
      let suite;
      before(async () => {
        chromium = await Chromium.launch();
        suite = await chromium.load('matrix.mjs', where, listener, laboratory.invoke);
      });
      after(async () => {
        await suite?.close();
        await chromium?.close();
        await laboratory.close();
      });
      for (const { name } of cases[listener]) it(name, () => suite.run(name));
    });
  }
}
