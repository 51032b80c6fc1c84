// REQ: asks, alone or many at once, and shows each reply with its round trip time.

import { Histogram } from './histogram.js';
import { addRow, element } from './view.js';

const PATIENCE = 10_000;    // ms before a request is given up: longer than any cut here
const decoder = new TextDecoder();
const $ = (id) => document.getElementById(id);

export async function consolePanel(socket, wire) {
  const histogram = new Histogram($('histogram'), $('p50'), $('p99'));
  let burst = 0;

  /** Asks once. Gives whether the reply was there in time. */
  async function ask(text) {
    const asked = performance.now();
    wire.pulse('out', '--series-0', Math.random() * 1.6 - 0.8);
    try {
      const [answer] = await socket.request(text, { timeout: PATIENCE });
      const took = performance.now() - asked;
      wire.pulse('in', '--up', Math.random() * 1.6 - 0.8);
      histogram.add(took);
      const reply = decoder.decode(answer);
      addRow($('replies'), row(text, reply, `${took.toFixed(1)} ms`));
      return reply;
    } catch (error) {
      addRow($('replies'), row(text, `${error.code ?? error.name}: ${error.message}`, '–', true));
      return undefined;
    }
  }

  async function askMany(count) {
    burst++;
    const began = performance.now();
    $('ask-status').textContent = `${count} requests under way …`;
    const texts = Array.from({ length: count }, (_, i) => `request ${burst}.${i + 1}`);
    const replies = await Promise.all(texts.map(ask));
    const took = performance.now() - began;
    const right = replies.filter((reply, i) => reply === texts[i]).length;
    $('ask-status').textContent = `${right} of ${count} requests got their own reply, in turn, in ${took.toFixed(0)} ms: ${(took / count).toFixed(1)} ms each.`;
  }

  $('ask').addEventListener('submit', (event) => {
    event.preventDefault();
    ask($('question').value);
    $('question').select();
  });
  $('ask-10').addEventListener('click', () => askMany(10));
  $('ask-100').addEventListener('click', () => askMany(100));
  $('ask-clear').addEventListener('click', () => {
    histogram.clear();
    $('replies').replaceChildren();
    $('ask-status').textContent = 'Cleared.';
  });

  // Something to look at before the visitor has asked anything.
  await wire.up();
  await ask('hello');
  await ask('uptime');
}

function row(question, answer, time, failed = false) {
  const made = element('li', failed ? 'failed' : '');
  const said = element('span', 'said');
  said.append(element('span', 'dim', `${question} → `), answer);
  made.append(said, element('span', 'time', time));
  return made;
}
