// The package's entry for Cloudflare Workers.

import './cloudflare.js';
import { transports } from '../links.js';
import { accept, letIn } from './accept.js';
import { answer } from './requests.js';
export * from '../browser.js';

Object.assign(transports.get('ws'), { accept, upgrade });

function upgrade(port, request) {
  return answer(port, request, (protocol, headers) => {
    const [client, server] = Object.values(new WebSocketPair());
    server.accept();
    letIn(port, server, { protocol, peerAddress: request.headers.get('cf-connecting-ip') ?? '' });
    return new Response(null, { status: 101, webSocket: client, headers });
  });
}
