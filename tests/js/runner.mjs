// Runs the cases of a test module inside a browser, in the page itself or in a dedicated worker of it.
// Started by `Browser.load` in browsers/index.mjs; as a worker's own script this file listens for its page.

import { Peer } from './peer.mjs';

/** Makes the suite that `globalThis.suite` is from then on. What nobody awaited, such as a trap in a handler, fails a case. */
export async function begin(setting) {
  let fault = null;
  addEventListener('error', ({ error, message }) => (fault ??= error ?? new Error(message)));
  addEventListener('unhandledrejection', ({ reason }) => (fault ??= reason));
  let calls = 0;
  const invoke = async (...args) => {
    const response = await fetch(setting.invocation, { method: 'POST', body: JSON.stringify([calls++, ...args]) });
    return response.json();
  };
  const suite = await (setting.where === 'worker' ? inWorker : inPage)(setting, invoke);
  globalThis.suite = {
    async run(name) {
      const failure = await suite.run(name);
      const uncaught = fault;
      fault = null;
      if (failure !== null || uncaught === null) return failure;
      return { message: `uncaught in the ${setting.where}: ${uncaught?.message ?? uncaught}`, stack: uncaught?.stack ?? '' };
    },
  };
}

/** A suite: `run(name)` resolves with null, or with what went wrong. */
async function inPage({ library, module, listener, runtime }, invoke) {
  const zmq = await import(library);
  const { cases } = await import(module);
  const env = { zmq, listener, runtime, startPeer: (kind) => Peer.start(invoke, kind), invoke };
  return {
    async run(name) {
      try {
        await cases[listener].find((one) => one.name === name).run(env);
        return null;
      } catch (error) {
        return { message: error?.message ?? String(error), stack: error?.stack ?? '' };
      }
    },
  };
}

/** The same suite, in a worker; the page passes calls to the laboratory on. */
async function inWorker(setting, invoke) {
  const worker = new Worker(import.meta.url, { type: 'module', name: 'zmq-wasm tests' });
  const waiting = new Map();
  let ids = 0;
  const ask = (message) =>
    new Promise((resolve) => {
      waiting.set(++ids, resolve);
      worker.postMessage({ id: ids, ...message });
    });
  // Rethrown where the driver listens for a page's own uncaught errors.
  worker.addEventListener('error', (event) => reportError(new Error(event.message)));
  worker.addEventListener('message', async ({ data: { id, answer, invocation, uncaught } }) => {
    if (invocation) worker.postMessage({ id, reply: await invoke(...invocation) });
    else if (uncaught) reportError(new Error(uncaught));
    else waiting.get(id)(answer);
  });
  const failure = await ask({ setting });
  if (failure) throw new Error(failure);
  return { run: (name) => ask({ name }) };
}

function listenAsWorker() {
  const waiting = new Map();
  let ids = 0;
  let suite;
  const invoke = (...invocation) =>
    new Promise((resolve) => {
      waiting.set(++ids, resolve);
      postMessage({ id: ids, invocation });
    });
  addEventListener('unhandledrejection', ({ reason }) =>
    postMessage({ uncaught: `unhandled rejection: ${reason?.stack ?? reason}` }),
  );
  addEventListener('message', async ({ data: { id, setting, name, reply } }) => {
    if (reply) {
      waiting.get(id)(reply);
      waiting.delete(id);
    } else if (setting) {
      const failure = await inPage(setting, invoke).then(
        (loaded) => ((suite = loaded), null),
        (error) => String(error?.stack ?? error),
      );
      postMessage({ id, answer: failure });
    } else {
      postMessage({ id, answer: await suite.run(name) });
    }
  });
}

if (typeof DedicatedWorkerGlobalScope !== 'undefined' && self instanceof DedicatedWorkerGlobalScope) listenAsWorker();
