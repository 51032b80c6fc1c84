// Python for the page: Pyodide, the library and the wheel, and one program at a time.
//   in:  { source, name, words }  runs a program               { stop }  cancels what it awaits
//   out: { progress }  from 0 to 1   { ready }  Python's version   { output, stream }   { ended }  whether well   { failure }

import * as zmq from './pkg/zmq-wasm.js';

const FOLDER = new URL('pyodide/', location.href);
/** How many octets Pyodide 314 has. Only the progress bar depends on it. */
const EXPECTED = 13_500_000;

const loading = load();
loading.catch((error) => postMessage({ failure: String(error?.message ?? error) }));

addEventListener('message', async ({ data: { source, name, words, stop } }) => {
  const program = await loading;
  if (stop) program.stop();
  else postMessage({ ended: await program.run(source, name, ...words) });
});

async function load() {
  const fetchAsIs = globalThis.fetch;
  globalThis.fetch = counting(fetchAsIs);
  const { loadPyodide } = await import(new URL('pyodide.mjs', FOLDER));
  const python = await loadPyodide({ indexURL: FOLDER.href });
  globalThis.fetch = fetchAsIs;
  for (const [stream, set] of [['stdout', 'setStdout'], ['stderr', 'setStderr']]) {
    python[set]({ batched: (line) => postMessage({ output: `${line}\n`, stream }) });
  }
  python.registerJsModule('zmq_wasm', zmq);
  await python.loadPackage(new URL(`pkg/zmq_wasm-${zmq.version}-py3-none-any.whl`, location.href).href, { messageCallback() {} });
  python.FS.writeFile('run.py', await (await fetch('run.py')).text());
  const program = python.pyimport('run');
  postMessage({ ready: python.runPython('import platform; platform.python_version()') });
  return program;
}

/** A fetch that tells how much has come. */
function counting(fetchAsIs) {
  let received = 0;
  return async (...request) => {
    const response = await fetchAsIs(...request);
    const counter = new TransformStream({
      transform(chunk, controller) {
        received += chunk.length;
        postMessage({ progress: Math.min(1, received / EXPECTED) });
        controller.enqueue(chunk);
      },
    });
    return new Response(response.body.pipeThrough(counter), response);
  };
}
