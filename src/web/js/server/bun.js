// The package's entry for Bun.

export * from '../browser.js';
