// The package's entry for Deno.

import '../threads.js';
import './net.js';

export * from '../browser.js';
