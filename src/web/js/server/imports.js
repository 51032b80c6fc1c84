// What the servers' module imports beside that, by the names that src/web/streams has for it.

export * from '../security/imports.js';
export { append, begin, cut, finish, write } from './chunks.js';
