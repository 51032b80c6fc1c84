// The package's entry for Node.js.

import { ZMQError } from '../errors.js';
import { leave, transports } from '../links.js';
import { connect } from '../websocket.js';
import { accept, linkTo } from './accept.js';
import { listen } from './http.js';
import { listenTo } from './net.js';
import './parent.js';
import { load } from './npm_ws.js';
export * from '../browser.js';
export { curveKeypair, curvePublic } from '../security/keys.js';

transports.set('ws', { accept, connect: dial, listen: listenTo(listen), upgrade });
transports.set('wss', { connect: dial });

function dial(core, number, url, options) {
  if (typeof WebSocket === 'function') return connect(core, number, url, options);
  // Until the package is loaded, something that stands for the link.
  const link = { number, shut() {} };
  const { protocols = core.offers, headers } = options;
  const begin = (_, protocol) => core.opened(number, 0, protocol, url);
  const fail = (detail) => core.dialFailed(number, `the WebSocket could not be opened (${detail})`);
  load('connecting by WebSocket before Node.js 22')
    .then(({ WebSocket }) => {
      const settings = { headers: Object.fromEntries(new Headers(headers)), perMessageDeflate: false };
      if (leave(link)) linkTo(core, number, new WebSocket(url, protocols, settings), begin, fail);
    })
    .catch((error) => core.dialFailed(number, error.message));
  return link;
}

function upgrade() {
  const instead = "bind('ws://…'), or accept() with the package ws in the server's 'upgrade' event";
  throw new ZMQError('ENOTSUP', `requests in Node.js are none that upgrade() can answer: use ${instead}`);
}
