// Opens the page's three sockets and gives each to its panel.

import { chatPanel } from './chat.js';
import { connectionPanel } from './connection.js';
import { consolePanel } from './console.js';
import { findService, page, socketOptions } from './service.js';
import { weatherPanel } from './weather.js';

async function start() {
  // Imported here and not above, so that a missing package can be told on the page.
  const [zmq, service] = await Promise.all([import('./pkg/zmq-wasm.js'), findService()]);
  document.getElementById('service').textContent = service.service;

  const context = new zmq.Context();
  const sub = context.socket(zmq.SUB, socketOptions);
  const req = context.socket(zmq.REQ, socketOptions);
  const dealer = context.socket(zmq.DEALER, { ...socketOptions, routingId: page });

  const connections = connectionPanel({ cut: (ms) => dealer.sendJson({ type: 'cut', ms }) });
  const weather = weatherPanel(sub, connections.watch({ socket: sub, type: 'SUB', peer: 'PUB', what: 'weather' }));
  const ask = consolePanel(req, connections.watch({ socket: req, type: 'REQ', peer: 'REP', what: 'requests' }));
  const chat = chatPanel(dealer, connections.watch({ socket: dealer, type: 'DEALER', peer: 'ROUTER', what: 'chat' }));

  // A monitor sees only what comes after it: so the sockets dial last.
  sub.connect(service.weather);
  req.connect(service.echo);
  dealer.connect(service.chat);

  await Promise.all([weather, ask, chat]);
}

start().catch((error) => {
  console.error(error);
  const trouble = document.getElementById('trouble');
  trouble.textContent = `The demo could not start. ${error.message ?? error}`;
  trouble.hidden = false;
});
// Back from the browser's page cache, the sockets would be gone.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
