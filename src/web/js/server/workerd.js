// The package's entry for Cloudflare Workers and other edge runtimes.

export * from '../browser.js';
