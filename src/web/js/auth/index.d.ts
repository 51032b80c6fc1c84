// Who may come, by the usual rules: what zmq.auth is in pyzmq. A handler of ZAP 1.0 (RFC 27) at inproc://zeromq.zap.01, which the
// sockets of its context ask about each peer that comes to a server of PLAIN or CURVE, or to a socket with a ZAP_DOMAIN.
//
//   import { Authenticator } from 'zmq-wasm/auth';
//
// Without a handler nobody gets in by PLAIN, and everybody by CURVE whose keys are right. What is asked and answered is in
// the RFC: a REP or ROUTER socket of your own, bound there, can do it as well.
import type { Context } from './index.js';

/**
 * In place of keys: whoever has one. What is said is secret then, but who says it may be anybody.
 * @example
 * await authenticator.configureCurve('*', CURVE_ALLOW_ANY);
 */
export const CURVE_ALLOW_ANY: '*';

/**
 * Whom CURVE lets in: `'*'` for whoever has a key; the path of a directory with certificates (`*.key`, as pyzmq and CZMQ write
 * them), which is read once, where there are files; public keys in Z85; or a function that tells, now or later, by the ZAP_DOMAIN
 * and the public key.
 * @example
 * const keys: CurveKeys = async (domain, publicKey) => (await fetch(`/keys/${encodeURIComponent(publicKey)}`)).ok;
 */
export type CurveKeys = '*' | (string & {}) | Iterable<string> | ((domain: string, publicKey: string) => boolean | Promise<boolean>);

/**
 * Decides about the peers of a context by their addresses, then by name and password, or by their keys. Rules may
 * change at any time; those who come afterwards are judged by the new ones. Frames of those who got in tell who they are by
 * `frame.get('User-Id')`: under PLAIN the name, under CURVE the public key in Z85, under NULL `anonymous`.
 * @example
 * const authenticator = new Authenticator(context);
 * authenticator.allow('127.0.0.1', '::1');
 * authenticator.configurePlain('*', { admin: 'secret' });
 * await authenticator.start();
 * const server = context.socket(REP, { plainServer: true });
 */
export class Authenticator {
  /**
   * One without rules, which lets in everybody under NULL and nobody else.
   * @throws ZMQError EINVAL for what is no Context
   * @example
   * const authenticator = new Authenticator(context);
   */
  constructor(context: Context);
  /**
   * Begins to decide: binds inproc://zeromq.zap.01.
   * @throws ZMQError EADDRINUSE where the context has such a handler already
   * @example
   * await authenticator.start();
   */
  start(): Promise<void>;
  /**
   * Ends that. It can be started again.
   * @example
   * authenticator.stop();
   */
  stop(): void;
  /**
   * Lets in only who comes from addresses that were given so, and then only if the rest is right, too. An address is the
   * host's alone, without a port, as the transport has it. Of WebSockets that `accept()` was given, it is their `peerAddress`.
   * @example
   * authenticator.allow('127.0.0.1', '::1');
   */
  allow(...addresses: string[]): void;
  /**
   * Lets nobody in who comes from these addresses. Where some are allowed, all others are denied anyway.
   * @example
   * authenticator.deny('203.0.113.7');
   */
  deny(...addresses: string[]): void;
  /**
   * Sets the names and passwords that are good for the sockets of a ZAP_DOMAIN, in place of those before. `'*'`: of each that has
   * none of its own.
   * @throws ZMQError EINVAL for what is none
   * @example
   * authenticator.configurePlain('staff', new Map([['joe', 'password']]));
   */
  configurePlain(domain?: string, passwords?: Record<string, string> | Map<string, string>): void;
  /**
   * Sets which keys are good for the sockets of a ZAP_DOMAIN, in place of those before. `'*'`: of each that has none of its own. A
   * function that fails lets nobody in, and the console has its error.
   * @throws ZMQError EINVAL for what are no keys, ENOTSUP for a directory where there are no files; what the system says about it
   * @example
   * await authenticator.configureCurve('*', 'public_keys');
   */
  configureCurve(domain?: string, keys?: CurveKeys): Promise<void>;
}

/**
 * The keys of a certificate in a file, in Z85; the secret one, if it is there too.
 * @throws ZMQError EINVAL where there is no public key, ENOTSUP where there are no files; what the system says about the file
 * @example
 * const { secretKey } = await loadCertificate('private_keys/server.key_secret');
 * const server = context.socket(REP, { curveServer: true, curveSecretkey: secretKey });
 */
export function loadCertificate(path: string): Promise<{ publicKey: string; secretKey?: string }>;
