// The page for Python: an editor with the examples, and a worker in which they run.

import { findService } from './service.js';

const $ = (id) => document.getElementById(id);
/** Each example with what it is called with here. */
const EXAMPLES = {
  ten_requests: ({ echo }) => echo,
  subscriber: ({ weather }) => weather,
  request_reply_server: () => '',
  publisher: () => '',
  poller: () => '',
  req_and_fetch: ({ echo }) => `${echo} ${new URL('index.html', location.href)}`,
};
/** Milliseconds that a program has for an end of its own. */
const GRACE = 1000;
/** The oldest output gives way. */
const MOST_LINES = 2000;

const service = await findService().catch(trouble);
let worker;
let isRunning = false;

for (const name of Object.keys(EXAMPLES)) $('example').append(new Option(`${name}.py`, name));
$('example').addEventListener('change', () => choose($('example').value).catch(trouble));
$('run').addEventListener('submit', (event) => {
  event.preventDefault();
  start();
});
$('stop').addEventListener('click', stop);
$('source').addEventListener('keydown', edit);
await choose(location.hash.slice(1) in EXAMPLES ? location.hash.slice(1) : 'ten_requests').catch(trouble);
startWorker();

async function choose(name) {
  const response = await fetch(`examples/python/${name}.py`);
  if (!response.ok) throw new Error(`GET ${response.url} answered ${response.status}`);
  $('example').value = name;
  $('source').value = await response.text();
  $('source').scrollTop = 0;
  $('arguments').value = EXAMPLES[name](service);
}

// ---- the worker ---------------------------------------------------------------------------------

function startWorker() {
  worker = new Worker('python_worker.js', { type: 'module' });
  worker.addEventListener('error', (event) => trouble(new Error(event.message || 'its worker did not start')));
  worker.addEventListener('message', ({ data: { progress, ready, output, stream, ended, failure } }) => {
    if (progress !== undefined) $('progress').value = progress;
    if (ready) isReady(`Python ${ready} is here.`);
    if (output !== undefined) write(output, stream);
    if (ended !== undefined) hasEnded(ended ? 'The program has ended.' : 'The program has failed or was stopped.', ended ? 'up' : 'down');
    if (failure) trouble(new Error(failure));
  });
}

function isReady(text) {
  $('progress').hidden = true;
  $('start').setAttribute('aria-disabled', 'false');
  say(text, 'up');
}

function start() {
  if (isRunning || $('start').getAttribute('aria-disabled') === 'true') return;
  setRunning(true);
  $('output').replaceChildren();
  const words = $('arguments').value.split(' ').filter((word) => word !== '');
  write(`$ python ${$('example').value}.py ${words.join(' ')}\n`, 'note');
  say('Running …');
  worker.postMessage({ source: $('source').value, name: `${$('example').value}.py`, words });
}

/** Asks the program to end; one that doesn't hear, because it never awaits, goes with its worker. */
function stop() {
  if (!isRunning) return;
  say('Stopping …');
  const asked = worker;
  asked.postMessage({ stop: true });
  setTimeout(() => {
    if (!isRunning || worker !== asked) return;
    asked.terminate();
    hasEnded('The program did not listen, and was stopped with its Python. Loading another …', 'down');
    $('start').setAttribute('aria-disabled', 'true');
    $('progress').hidden = false;
    startWorker();
  }, GRACE);
}

function hasEnded(text, state) {
  setRunning(false);
  say(text, state);
}

function setRunning(running) {
  isRunning = running;
  $('start').setAttribute('aria-disabled', String(running));
  $('stop').setAttribute('aria-disabled', String(!running));
}

// ---- what is seen -------------------------------------------------------------------------------

function say(text, state = '') {
  $('status').textContent = text;
  $('status').dataset.state = state;
}

function write(text, stream) {
  const output = $('output');
  const atEnd = output.scrollHeight - output.scrollTop - output.clientHeight < 40;
  const line = document.createElement('span');
  line.className = { stderr: 'error', note: 'note' }[stream] ?? '';
  line.textContent = text;
  output.append(line);
  while (output.childElementCount > MOST_LINES) output.firstElementChild.remove();
  if (atEnd) output.scrollTop = output.scrollHeight;
}

function trouble(error) {
  console.error(error);
  $('trouble').textContent = `Python could not start. ${error.message ?? error}`;
  $('trouble').hidden = false;
}

// ---- the editor ---------------------------------------------------------------------------------

/** Whether Tab moves on, as it does everywhere else: after Esc. */
let leaves = false;

function edit(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    start();
  } else if (event.key === 'Tab' && !event.shiftKey && !leaves) {
    event.preventDefault();
    insert('    ');
  } else if (event.key === 'Enter' && !event.isComposing) {
    event.preventDefault();
    const { value, selectionStart } = $('source');
    const line = value.slice(value.lastIndexOf('\n', selectionStart - 1) + 1, selectionStart);
    insert(`\n${/^ */.exec(line)[0]}${line.trimEnd().endsWith(':') ? '    ' : ''}`);
  }
  if (event.key !== 'Shift') leaves = event.key === 'Escape';
}

function insert(text) {
  // The one way that the browser's undo knows of.
  if (!document.execCommand('insertText', false, text)) $('source').setRangeText(text, $('source').selectionStart, $('source').selectionEnd, 'end');
}
