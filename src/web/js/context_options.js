// The options of a context, as libzmq has them. There are no threads: what is about them is kept, without effect.

import { describe, invalid } from './check.js';
import {
  BLOCKY, IO_THREADS, IPV6, LINGER, MAX_MSGSZ, MAX_SOCKETS, MSG_T_SIZE, SOCKET_LIMIT, THREAD_AFFINITY_CPU_ADD,
  THREAD_AFFINITY_CPU_REMOVE, THREAD_NAME_PREFIX, THREAD_PRIORITY, THREAD_SCHED_POLICY, ZERO_COPY_RECV,
} from './constants.js';

const MOST = 2 ** 31 - 1;

/** What is true or false: any positive number is true. */
const FLAGS = [IPV6, BLOCKY, ZERO_COPY_RECV];
/** What can be set and not read. */
const HIDDEN = [THREAD_AFFINITY_CPU_ADD, THREAD_AFFINITY_CPU_REMOVE];
const READ_ONLY = [MSG_T_SIZE];

export class ContextOptions {
  // THREAD_PRIORITY can be set only and SOCKET_LIMIT read only: they have one number.
  #values = new Map([
    [IO_THREADS, 1], [MAX_SOCKETS, 1023], [SOCKET_LIMIT, 65535], [THREAD_SCHED_POLICY, -1], [MAX_MSGSZ, MOST],
    [MSG_T_SIZE, 64], [THREAD_NAME_PREFIX, 0], [ZERO_COPY_RECV, 1], [IPV6, 0], [BLOCKY, 1],
  ]);
  #processors = new Set();

  get(option) {
    const value = this.#values.get(option);
    if (value === undefined) throw invalid(`a context has no option ${describe(option)} that can be read`);
    return value;
  }

  set(option, value) {
    if (READ_ONLY.includes(option) || !(this.#values.has(option) || HIDDEN.includes(option))) {
      throw invalid(`a context has no option ${describe(option)} that can be set`);
    }
    const number = typeof value === 'boolean' ? Number(value) : value;
    const least = option === THREAD_NAME_PREFIX ? -MOST - 1 : Number(option === MAX_SOCKETS);
    const isGood = Number.isInteger(number) && number >= least && number <= MOST;
    if (!isGood || (option === THREAD_AFFINITY_CPU_REMOVE && !this.#processors.delete(number))) {
      throw invalid(`the context's option ${option} can't be ${describe(value)}: expected ${least} to ${MOST}`);
    }
    if (option === THREAD_AFFINITY_CPU_ADD) this.#processors.add(number);
    else if (option !== THREAD_PRIORITY) this.#values.set(option, FLAGS.includes(option) ? Number(number > 0) : number);
  }

  /** What they mean for the options of the sockets that are made. */
  *defaults() {
    if (this.get(BLOCKY) === 0) yield [LINGER, 0];
    if (this.get(IPV6) === 1) yield [IPV6, 1];
  }
}
