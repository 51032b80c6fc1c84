// Sockets of a page that is hidden, loses the network or comes back.

import { PAGES, inBrowser } from './everywhere.mjs';
import { cases } from './lifecycle.mjs';

for (const [name, where] of PAGES) inBrowser(name, where, 'lifecycle.mjs', 'libzmq', cases.libzmq);
