// Chromium, driven by playwright-core. For correctness only: over the DevTools protocol the browser logs each WebSocket
// frame, so nothing here measures speed.

import { chromium } from 'playwright-core';
import { program } from './program.mjs';

/** The browser alone, as playwright-core drives it. */
export function launchChromium() {
  return chromium.launch({
    // Pages are kept for going back to, as for its users.
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
    executablePath: program('CHROMIUM', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export async function launch() {
  const browser = await launchChromium();
  return {
    async open(address) {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(address);
      return {
        evaluate: (expression) => page.evaluate(expression),
        leave: () => page.goto('about:blank'),
        // What is kept loads nothing.
        back: () => page.goBack({ waitUntil: 'commit' }),
        close: () => context.close(),
      };
    },
    close: () => browser.close(),
  };
}
