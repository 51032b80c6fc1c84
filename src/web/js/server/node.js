// The package's entry for Node.js.

export * from '../browser.js';
