// Sockets in Cloudflare Workers, for browsers and for any ZeroMQ peer with the WebSocket transport:
//   /echo        a REP of the worker's own, one for each connection
//   /questions   a REP, /news a PUB and /chat a ROUTER, which the Durable Object below has for all of them
import { DurableObject } from 'cloudflare:workers';
import { Context, PUB, REP, ROUTER } from 'zmq-wasm';

export default {
  fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/echo') return echo(request);
    return env.EXCHANGE.get(env.EXCHANGE.idFromName('the only one')).fetch(request);
  },
};

/** What one request has made, no other may use: so each connection has a socket, which ends with it. */
function echo(request) {
  const socket = new Context().socket(REP);
  socket.addEventListener('disconnected', () => socket.close(0));
  answer(socket, (message) => socket.sendMultipart(message));
  return socket.upgrade(request);
}

/**
 * A Durable Object's sockets have all connections that come to it. These outlive its sleep (hibernation): they are let in by
 * its state, and let in again when it wakes up.
 */
export class Exchange extends DurableObject {
  constructor(state, env) {
    super(state, env);
    const context = new Context();
    const questions = context.socket(REP);
    const news = context.socket(PUB);
    const chat = context.socket(ROUTER);
    this.sockets = { '/questions': questions, '/news': news, '/chat': chat };
    for (const [path, socket] of Object.entries(this.sockets)) {
      for (const webSocket of state.getWebSockets(path)) socket.accept(webSocket);
    }
    answer(questions, async ([question]) => {
      const name = new TextDecoder().decode(question);
      await news.sendString(`asked: ${name}`);
      await questions.sendString(`reply to ${name}`);
    });
    // The first part is the sender's routing id, and so tells to whom this goes.
    answer(chat, (message) => chat.sendMultipart(message));
  }

  fetch(request) {
    const { pathname } = new URL(request.url);
    const socket = this.sockets[pathname];
    if (socket === undefined) return new Response('no socket here\n', { status: 404 });
    return socket.upgrade(request, { acceptWebSocket: (webSocket) => this.ctx.acceptWebSocket(webSocket, [pathname]) });
  }

  // What the object is woken up for goes on to the WebSocket itself.
  webSocketMessage(webSocket, data) {
    webSocket.dispatchEvent(new MessageEvent('message', { data }));
  }

  webSocketClose(webSocket, code, reason) {
    webSocket.dispatchEvent(new CloseEvent('close', { code, reason }));
  }

  webSocketError(webSocket, error) {
    webSocket.dispatchEvent(new ErrorEvent('error', { error, message: String(error) }));
  }
}

/** Calls `reply` with each message, until the socket is closed. */
async function answer(socket, reply) {
  for await (const message of socket) await reply(message);
}
