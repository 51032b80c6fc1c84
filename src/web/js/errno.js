// libzmq's numbers of errors, as on Linux, and what they mean.

import { describe, invalid } from './check.js';

export const ENOENT = 2, EAGAIN = 11, EACCES = 13, EFAULT = 14, EINVAL = 22, EMFILE = 24, ENOTSOCK = 88, EMSGSIZE = 90;
export const EPROTONOSUPPORT = 93, ENOTSUP = 95, EADDRINUSE = 98, EADDRNOTAVAIL = 99, ECONNRESET = 104;
export const EHOSTUNREACH = 113, ECANCELED = 125, EFSM = 156384763, ENOCOMPATPROTO = 156384764, ETERM = 156384765;
export const EMTHREAD = 156384766;

const TEXTS = {
  [ENOENT]: 'No such file or directory',
  [EAGAIN]: 'Resource temporarily unavailable',
  [EACCES]: 'Permission denied',
  [EFAULT]: 'Bad address',
  [EINVAL]: 'Invalid argument',
  [EMFILE]: 'Too many open files',
  [ENOTSOCK]: 'Socket operation on non-socket',
  [EMSGSIZE]: 'Message too long',
  [EPROTONOSUPPORT]: 'Protocol not supported',
  [ENOTSUP]: 'Operation not supported',
  [EADDRINUSE]: 'Address already in use',
  [EADDRNOTAVAIL]: 'Cannot assign requested address',
  [ECONNRESET]: 'Connection reset by peer',
  [EHOSTUNREACH]: 'Host unreachable',
  [ECANCELED]: 'Operation canceled',
  [EFSM]: 'Operation cannot be accomplished in current state',
  [ENOCOMPATPROTO]: 'The protocol is not compatible with the socket type',
  [ETERM]: 'Context was terminated',
  [EMTHREAD]: 'No thread available',
};

export function strerror(errno) {
  if (!Number.isInteger(errno)) throw invalid(`errno is an integer, not ${describe(errno)}`);
  return TEXTS[errno] ?? `Unknown error ${errno}`;
}
