// The packaged library against a peer that we did not write.

import { everywhere } from './everywhere.mjs';

everywhere('libzmq', 'libzmq');
