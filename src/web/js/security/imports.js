// What a module with PLAIN and CURVE imports beside the browser's, by the names that src/web/security.rs has for it.

import { octets } from '../imports.js';
import { chance as chanceOf } from './chance.js';

export * from '../imports.js';

export const chance = (at, length) => chanceOf(octets(at, length));
