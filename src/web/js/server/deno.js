// The package's entry for Deno.

export * from '../browser.js';
