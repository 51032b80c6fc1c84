// The package's entry for Node.js.

import '../threads.js';
import './net.js';

export * from '../browser.js';
