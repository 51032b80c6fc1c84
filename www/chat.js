// DEALER: a chat between the tabs that have this page open. The service's ROUTER passes the lines on.

import { addRow, element } from './view.js';

const NAMES = ['Ada', 'Alan', 'Barbara', 'Claude', 'Donald', 'Edsger', 'Frances', 'Grace', 'Hedy', 'John', 'Katherine', 'Leslie', 'Margaret', 'Niklaus', 'Radia', 'Tony'];
const $ = (id) => document.getElementById(id);

export async function chatPanel(socket, wire) {
  const log = $('chat-log');
  let nick = remembered() ?? NAMES[crypto.getRandomValues(new Uint8Array(1))[0] % NAMES.length];
  let present = '';
  let welcomed = false;
  $('nick').value = nick;

  function tell(message) {
    wire.pulse('out', '--series-0');
    // A DEALER that is cut off keeps what it is given and sends it when it is back.
    socket.sendJson(message).catch((error) => note(`Not sent: ${error.message}`));
  }

  // On every handshake, the first as well as each that follows a cut.
  wire.onState((state) => { if (state === 'up') tell({ type: 'join', nick }); });

  $('name-form').addEventListener('submit', (event) => event.preventDefault());
  $('nick').addEventListener('change', () => {
    const wanted = $('nick').value.trim();
    if (wanted && wanted !== nick) tell({ type: 'join', nick: wanted });
    else $('nick').value = nick;
  });
  $('say').addEventListener('submit', (event) => {
    event.preventDefault();
    const text = $('line').value.trim();
    if (!text) return;
    tell({ type: 'say', nick, text });
    $('line').value = '';
  });
  addEventListener('pagehide', () => tell({ type: 'leave' }));

  function note(text) {
    addRow(log, element('li', 'note', text));
  }

  function showPresent(nicks) {
    const now = JSON.stringify([nicks, nick]);
    if (now === present) return;
    present = now;
    $('present').replaceChildren(...nicks.map((name) => element('li', name === nick ? 'me' : '', name)));
  }

  const heard = {
    welcome(message) {
      nick = message.nick;
      remember(nick);
      if (document.activeElement !== $('nick') || $('nick').value.trim() === nick) $('nick').value = nick;
      if (!welcomed) note(`You are in, as ${nick}.${message.nicks.length < 2 ? ' Open a second tab and talk to yourself.' : ''}`);
      welcomed = true;
    },
    joined: (message) => { if (message.nick !== nick) note(`${message.nick} came in.`); },
    left: (message) => note(`${message.nick} left.`),
    renamed: (message) => note(`${message.from} is now ${message.nick}.`),
    say(message) {
      const row = element('li', message.nick === nick ? 'mine' : '');
      row.append(element('b', '', message.nick), ' ', element('span', '', message.text));
      addRow(log, row);
    },
    who: () => {},
  };

  for (;;) {
    const message = await socket.recvJson();
    if (!Object.hasOwn(heard, message.type)) continue;
    if (message.type !== 'who') wire.pulse('in', '--up');
    heard[message.type](message);
    if (message.nicks) showPresent(message.nicks);
  }
}

// Storage may be forbidden; a name that isn't kept over a reload is no harm.
function remembered() {
  try { return sessionStorage.getItem('nick') || undefined; } catch { return undefined; }
}
function remember(nick) {
  try { sessionStorage.setItem('nick', nick); } catch { /* see above */ }
}
