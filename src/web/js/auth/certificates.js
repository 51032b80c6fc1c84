// CURVE's certificates, as pyzmq and CZMQ keep them in files: ZPL (RFC 4), of which two lines matter.

import { checkString, describe, invalid } from '../check.js';
import { ZMQError } from '../errors.js';
import { z85 } from '../z85.js';

export async function loadCertificate(path) {
  checkString(path, 'a path');
  const { readFile } = files();
  const certificate = await readFile(path, 'utf8');
  const publicKey = keyIn(certificate, 'public-key');
  if (publicKey === undefined) throw invalid(`no public key in ${path}`);
  return { publicKey, secretKey: keyIn(certificate, 'secret-key') };
}

/** The public keys of the certificates (`*.key`) in a directory. */
export async function keysIn(directory) {
  const { readdir } = files();
  const names = await readdir(directory);
  const paths = names.filter((name) => name.endsWith('.key')).map((name) => `${directory}/${name}`);
  return Promise.all(paths.map(async (path) => (await loadCertificate(path)).publicKey));
}

/** A key in Z85, or an error that says that it is none. */
export function checkKey(key) {
  if (typeof key !== 'string' || z85.decode(key).length !== 32) {
    throw invalid(`a public key of CURVE has 40 characters of Z85; this is ${describe(key)}`);
  }
  return key;
}

/** The value of the line `name = "value"`. */
function keyIn(certificate, name) {
  return new RegExp(`^\\s*${name}\\s*=\\s*["']?([^"'\\s]{40})["']?\\s*$`, 'm').exec(certificate)?.[1];
}

/** Asked for when it is needed, and not imported: pages' bundlers would look for it. */
function files() {
  const found = globalThis.process?.getBuiltinModule?.('node:fs/promises');
  if (found === undefined) throw new ZMQError('ENOTSUP', 'there are no files here: give the keys, or a function');
  return found;
}
