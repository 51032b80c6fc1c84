// The package's entry for Deno.

import './net.js';

export * from '../browser.js';
