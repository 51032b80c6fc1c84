// Browsers in which a test module runs against the packaged library. What is different about each, its own file knows:
// how it is started, opens a page, and evaluates an expression there.

import { PACKAGE, serve } from '../support.mjs';

export class Browser {
  #name;
  #driver;
  #server;
  /** What pages may call, by number. */
  #invocables = [];

  /** `name` is that of a file beside this one. */
  static async launch(name) {
    const browser = new Browser();
    browser.#name = name;
    browser.#server = await serve(browser.#invocables);
    const { launch } = await import(`./${name}.mjs`);
    browser.#driver = await launch();
    return browser;
  }

  /**
   * Loads `module` (a path under tests/js whose `cases` are, by what listens, lists of `{ name, run(env) }`) in a page, or in a
   * dedicated module worker of one.
   * The result's `run(name)` rejects as the case does; `invoke` is a Laboratory's.
   */
  async load(module, where, listener, invoke) {
    const invocation = `/invoke/${this.#invocables.push(inOrder(invoke)) - 1}`;
    const setting = { library: PACKAGE, module: `/tests/js/${module}`, where, listener, runtime: this.#name, invocation };
    const page = await this.#driver.open(`${this.#server.origin}/`);
    await page.evaluate(`import('/tests/js/runner.mjs').then(({ begin }) => begin(${JSON.stringify(setting)}))`);
    return {
      async run(name) {
        const failure = await page.evaluate(`globalThis.suite.run(${JSON.stringify(name)})`);
        // Only V8's stacks begin with the message.
        if (failure) throw Object.assign(new Error(failure.message), { stack: `${failure.message}\n${failure.stack}` });
      },
      close: () => page.close(),
    };
  }

  async close() {
    await this.#driver?.close();
    await this.#server?.close();
  }
}

/** Takes calls with their number in front and begins them in the order of these: a page's requests may overtake each other. */
function inOrder(invoke) {
  let next = 0;
  const early = new Map();
  return (number, ...args) =>
    new Promise((resolve) => {
      early.set(number, () => resolve(invoke(...args)));
      for (let begin; (begin = early.get(next)); next++) {
        early.delete(next);
        begin();
      }
    });
}
