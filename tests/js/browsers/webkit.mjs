// WebKit, as WebKitGTK's MiniBrowser under a screen that is none, driven over WebDriver.

import { spawn } from 'node:child_process';
import { program } from './program.mjs';
import { freePort } from '../support.mjs';

/** Milliseconds that an expression may take. */
const SCRIPT = 60_000;
/** Between looks whether the driver listens yet. */
const LOOK = 50;

export async function launch() {
  const port = await freePort();
  const driver = spawn(program('XVFB_RUN', 'xvfb-run'), ['-a', program('WEBKIT_DRIVER', 'WebKitWebDriver'), `--port=${port}`], {
    stdio: 'ignore',
    // Its own group: xvfb-run leaves its children behind.
    detached: true,
  });
  const call = async (method, path, body) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body && JSON.stringify(body) });
    const { value } = await response.json();
    if (!response.ok) throw new Error(`${method} ${path}: ${value.message || value.error}`);
    return value;
  };
  const stop = () => process.kill(-driver.pid, 'SIGKILL');
  try {
    while (!(await call('GET', '/status').catch(() => undefined))?.ready) {
      if (driver.exitCode !== null) throw new Error(`WebKitWebDriver ended with code ${driver.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    const browserOptions = { 'webkitgtk:browserOptions': { args: ['--automation'] } };
    const capabilities = { alwaysMatch: { browserName: 'MiniBrowser', timeouts: { script: SCRIPT }, ...browserOptions } };
    const { sessionId } = await call('POST', '/session', { capabilities });
    const session = `/session/${sessionId}`;
    return {
      /** One page at a time: the one before is left. */
      async open(address) {
        await call('POST', `${session}/url`, { url: address });
        return {
          async evaluate(expression) {
            const script = `const done = arguments[0];
              Promise.resolve(${expression}).then((value) => done({ value }), (error) => done({ error: String(error) }));`;
            const { value, error } = await call('POST', `${session}/execute/async`, { script, args: [] });
            if (error !== undefined) throw new Error(error);
            return value;
          },
          leave: () => call('POST', `${session}/url`, { url: 'about:blank' }),
          back: () => call('POST', `${session}/back`, {}),
          close: () => call('POST', `${session}/url`, { url: 'about:blank' }),
        };
      },
      async close() {
        await call('DELETE', session).catch(() => {});
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}
