// libzmq's numbers of errors by their codes, and what they mean.

import { ERRNO, ERRORS } from './errors.js';
import { describe, invalid } from './check.js';

export const {
  ENOENT, EAGAIN, EACCES, EFAULT, EINVAL, EMFILE, ENOTSOCK, EMSGSIZE, EPROTONOSUPPORT, ENOTSUP, EADDRINUSE, EADDRNOTAVAIL,
  ECONNRESET, EHOSTUNREACH, ECANCELED, EFSM, ENOCOMPATPROTO, ETERM, EMTHREAD,
} = ERRNO;

export function strerror(errno) {
  if (!Number.isInteger(errno)) throw invalid(`errno is an integer, not ${describe(errno)}`);
  return ERRORS.find(([, number]) => number === errno)?.[2] ?? `Unknown error ${errno}`;
}
