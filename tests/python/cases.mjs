// The cases of the Python package: each `test_*` function of the Python files here, run by Pyodide in Node or in a page.
// A page's runner (tests/js/runner.mjs) and Node's (python.test.mjs) give them the library and libzmq peers.

const inNode = typeof process !== 'undefined';
const ROOT = new URL('../../', import.meta.url);
const FILES = ['test_api.py', 'test_errors.py', 'test_peers.py', 'test_examples.py'];
const EXAMPLES = ['poller', 'publisher', 'req_and_fetch', 'request_reply_server', 'subscriber', 'ten_requests'];

/** What is in a file of the repository. */
async function read(path) {
  const url = new URL(path, ROOT);
  if (inNode) return new Uint8Array(await (await import('node:fs/promises')).readFile(url));
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

let loading;

/** Pyodide with the wheel, the tests and the examples; one for all cases. */
export function interpreter({ zmq, startPeer }) {
  return (loading ??= load(zmq, startPeer));
}

async function load(zmq, startPeer) {
  const folder = new URL('tests/node_modules/pyodide/', ROOT);
  const { loadPyodide } = await import(new URL('pyodide.mjs', folder));
  const python = await loadPyodide(inNode ? {} : { indexURL: folder.href });
  const { version } = JSON.parse(new TextDecoder().decode(await read('pkg/package.json')));
  const wheel = new URL(`pkg/zmq_wasm-${version}-py3-none-any.whl`, ROOT);
  python.registerJsModule('zmq_wasm', zmq);
  python.registerJsModule('peers', { start: startPeer });
  await python.loadPackage(inNode ? wheel.pathname : wheel.href, { messageCallback: () => {} });
  for (const name of [...FILES, 'support.py', 'names.py']) python.FS.writeFile(name, await read(`tests/python/${name}`));
  for (const name of EXAMPLES) python.FS.writeFile(`${name}.py`, await read(`examples/python/${name}.py`));
  python.FS.writeFile('run.py', await read('www/run.py'));
  python.runPython('import sys; sys.path.insert(0, "."); import support');
  return python;
}

async function casesOf(file) {
  const source = new TextDecoder().decode(await read(`tests/python/${file}`));
  const module = file.replace('.py', '');
  return [...source.matchAll(/^async def (test_\w+)/gm)].map(([, name]) => ({
    name: `${module}: ${name.slice('test_'.length).replaceAll('_', ' ')}`,
    async run(env) {
      const python = await interpreter(env);
      const failure = await python.runPythonAsync(`await support.run_case('${module}', '${name}')`);
      if (failure) throw new Error(failure);
    },
  }));
}

export const cases = { pyodide: (await Promise.all(FILES.map(casesOf))).flat() };
