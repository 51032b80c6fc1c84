// The packaged library against our own service: the native shell's ws:// listeners.

import { before } from 'node:test';
import { everywhere } from './everywhere.mjs';
import { buildNativePeer } from './support.mjs';

before(buildNativePeer);
everywhere('native', 'our native listeners');
