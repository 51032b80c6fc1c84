// The package's entry for Bun.

import '../threads.js';
import './net.js';

export * from '../browser.js';
