// The package's entry for edge runtimes other than Cloudflare's.

export * from '../browser.js';
