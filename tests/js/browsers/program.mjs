// Where programs are that make setup installs, or the machine has.

import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path in this variable of the environment, or of the first of these names that is on PATH. */
export function program(variable, ...names) {
  if (process.env[variable]) return process.env[variable];
  for (const folder of process.env.PATH.split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // not in this folder
      }
    }
  }
  throw new Error(`no ${names[0]} on PATH; install it (make setup) or set ${variable} to its path`);
}
