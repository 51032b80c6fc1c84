// bindToRandomPort().

import { ZMQBindError } from './errors.js';
import { checkOptions, checkString, describe, invalid } from './check.js';

/** As in pyzmq. */
const TRIES = 100;

/** Binds `endpoint` with one of the ports from `min` up to, and without, `max`. */
export async function bindToRandomPort(bind, endpoint, options) {
  const { min = 49152, max = 65536 } = checkOptions(options);
  checkString(endpoint, 'an endpoint');
  if (!Number.isInteger(min) || !Number.isInteger(max) || min < 1 || max > 65536 || min >= max) {
    throw invalid(`there are no ports from ${describe(min)} up to ${describe(max)}`);
  }
  const [count, first] = [max - min, Math.floor(Math.random() * (max - min))];
  for (let tried = 0; tried < Math.min(count, TRIES); tried += 1) {
    const port = min + ((first + tried) % count);
    try {
      await bind(`${endpoint}:${port}`);
      return port;
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error;
    }
  }
  throw new ZMQBindError('EADDRINUSE', `no port from ${min} up to ${max} is free for ${endpoint}`);
}
