// Firefox, driven by puppeteer-core over WebDriver BiDi.

import puppeteer from 'puppeteer-core';
import { program } from './program.mjs';

export async function launch() {
  const executablePath = program('FIREFOX', 'firefox-esr', 'firefox');
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true });
  return {
    async open(address) {
      const page = await browser.newPage();
      await page.goto(address);
      return {
        evaluate: (expression) => page.evaluate(expression),
        leave: () => page.goto('about:blank'),
        back: () => page.goBack(),
        close: () => page.close(),
      };
    },
    close: () => browser.close(),
  };
}
