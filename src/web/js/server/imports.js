// What the servers' module imports beside the browser's, by the names that src/web/streams has for it.

export * from '../imports.js';
export { append, begin, cut, finish, write } from './chunks.js';
