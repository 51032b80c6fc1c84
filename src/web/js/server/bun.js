// The package's entry for Bun.

import './net.js';

export * from '../browser.js';
