// Sockets of a page that is hidden, loses the network or comes back: lifecycle.mjs in Chromium.

import { after, before, describe, it } from 'node:test';
import { cases } from './lifecycle.mjs';
import { Chromium, Laboratory } from './support.mjs';

for (const where of ['page', 'worker']) {
  describe(`a Chromium ${where}`, () => {
    const laboratory = new Laboratory();
    let chromium;
    let suite;
    before(async () => {
      chromium = await Chromium.launch();
      suite = await chromium.load('lifecycle.mjs', where, 'libzmq', laboratory.invoke);
    });
    after(async () => {
      await suite?.close();
      await chromium?.close();
      await laboratory.close();
    });
    for (const { name } of cases.libzmq) it(name, () => suite.run(name));
  });
}
