// What the servers' module imports beside the browser's, by the names that src/web/streams and security.rs have for it.

import { octets } from '../imports.js';
import { chance as chanceOf } from './chance.js';

export * from '../imports.js';
export { append, begin, cut, finish, write } from './chunks.js';

export const chance = (at, length) => chanceOf(octets(at, length));
