// port: between threads in Deno and Bun.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { ROOT } from '../js/support.mjs';
import { RUNTIMES, run } from './support.mjs';

for (const runtime of ['deno', 'bun']) {
  it(runtime, async () => {
    assert.match(await run([...RUNTIMES[runtime], join(ROOT, 'tests/js/threads_main.mjs')]), /^\d+ cases$/);
  });
}
