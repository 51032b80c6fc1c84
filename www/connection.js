// The connections: what each socket's monitor tells, as a picture, as a log, and a button that cuts them all.

import { addRow, element, everyFrame } from './view.js';
import { Wire } from './wire.js';

/** What a monitor event makes of a connection. Events not named here leave it as it was. */
const stateAfter = {
  connect_delayed: 'connecting', connected: 'handshake', handshake_succeeded: 'up',
  disconnected: 'down', closed: 'down', connect_retried: 'waiting',
  handshake_failed_no_detail: 'down', handshake_failed_protocol: 'down', handshake_failed_auth: 'down',
};
const words = {
  connecting: () => 'connecting …', handshake: () => 'shaking hands …', up: () => 'connected', down: () => 'disconnected',
  waiting: (link, now) => `retry in ${(Math.max(0, link.retryAt - now) / 1000).toFixed(1)} s`,
};
// The engine gives a cause in words where something ended.
const cause = (otherwise) => (event) => (typeof event.value === 'string' && event.value) || otherwise;
const explain = {
  connect_delayed: () => 'dialling', connected: () => 'WebSocket open', handshake_succeeded: () => 'ready',
  disconnected: cause('connection lost'), closed: cause('attempt failed'),
  connect_retried: (event) => `next try in ${Math.round(Number(event.value))} ms`,
};

const $ = (id) => document.getElementById(id);

/**
 * @param {{cut: (ms: number) => Promise<unknown>}} actions
 * @returns {{watch: (about: object) => Wire}} `watch` takes a socket before it connects
 */
export function connectionPanel({ cut }) {
  const links = [];
  let cutAt = 0;          // when the visitor cut, 0 when nothing is cut
  let anyDown = false;    // whether the cut has arrived

  const buttons = [[$('cut'), 0], [$('cut-long'), 3000]];
  for (const [button, ms] of buttons) {
    button.addEventListener('click', () => {
      // aria-disabled and not disabled, so that the focus stays where it is.
      if (button.getAttribute('aria-disabled') === 'true') return;
      cutAt = performance.now();
      anyDown = false;
      cut(ms).catch((error) => { $('connection-status').textContent = `Could not cut: ${error.message}`; });
    });
  }

  function watch({ socket, type, peer, what }) {
    const link = { type, state: 'idle', retryAt: 0, shown: '', wire: undefined, label: undefined };
    const item = element('li');
    const middle = element('div', 'middle');
    const canvas = document.createElement('canvas');
    canvas.setAttribute('aria-hidden', 'true');
    link.label = element('span', 'state', '');
    middle.append(element('span', 'what', what), link.label, canvas);
    item.append(element('b', 'end', type), middle, element('b', 'end', peer));
    $('wires').append(item);
    link.item = item;
    link.wire = new Wire(canvas);
    links.push(link);
    follow(link, socket);
    return link.wire;
  }

  async function follow(link, socket) {
    for await (const event of socket.monitor()) {
      const now = performance.now();
      addRow($('events'), row(link, event, now), 300);
      const state = stateAfter[event.name];
      if (!state) continue;
      link.state = state;
      if (state === 'waiting') link.retryAt = now + Number(event.value);
      link.item.dataset.state = state;
      link.wire.turn(state);
      show(now);
    }
  }

  /** The sentence over the log, and whether there is anything to cut. */
  function show(now) {
    const up = links.filter((link) => link.state === 'up').length;
    const all = up === links.length;
    for (const [button] of buttons) button.setAttribute('aria-disabled', String(!all));
    anyDown ||= !all;
    const status = $('connection-status');
    status.dataset.state = all ? 'up' : 'down';
    if (!all) status.textContent = cutAt ? 'Cut. The sockets are coming back by themselves …' : `${up} of ${links.length} sockets connected …`;
    else if (cutAt && anyDown) {
      status.textContent = `All ${links.length} sockets came back by themselves, ${((now - cutAt) / 1000).toFixed(1)} s after the cut.`;
      cutAt = 0;
    } else if (!cutAt) status.textContent = `All ${links.length} sockets are connected.`;
  }

  everyFrame((now) => {
    for (const link of links) {
      const text = words[link.state]?.(link, now) ?? '';
      if (text !== link.shown) link.label.textContent = link.shown = text;
      link.wire.draw(now);
    }
  });
  return { watch };
}

function row(link, event, now) {
  const made = element('li');
  made.dataset.event = event.name;
  made.dataset.socket = link.type;
  made.append(
    element('span', 'time', `${(now / 1000).toFixed(2)} s`),
    element('b', '', link.type),
    element('code', `event ${stateAfter[event.name] ?? ''}`, event.name),
    element('span', 'dim', explain[event.name]?.(event) ?? String(event.value ?? '')),
  );
  return made;
}
