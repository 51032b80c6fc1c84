// Finds the demo service and names this tab.
//
// ---- The demo's protocol: what examples/demo_service.rs does ------------------------------------
//
// RUN as `demo_service --port N` (0: any free one) from the root of the repository; once it listens it
// prints its address on a line: http://127.0.0.1:8080/
//
// ONE PORT. Over HTTP it serves the files of www/ at `/` (index.html), the built package, pkg/,
// under `/pkg/`, examples/python/ as `/examples/python/`, Pyodide from tests/node_modules as `/pyodide/`,
// and `/endpoints.json`. Every answer carries the right Content-Type (text/html;
// charset=utf-8, text/javascript, text/css, image/svg+xml, application/wasm, application/json),
// `Cache-Control: no-store`, and
//   Content-Security-Policy: default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self' ws: wss:
// `..` in a path, or a file that isn't there: 404.
//
//   GET /endpoints.json -> {"service": "zmq-wasm 0.1.0, tokio",
//                           "weather": "/zmq/weather", "echo": "/zmq/echo", "chat": "/zmq/chat"}
//   Addresses are paths on the page's own host and port, or whole ws:// or wss:// addresses.
//   The page dials each with its own name appended: ws://host:port/zmq/weather/<page>
//
// THE RELAY. The ZeroMQ sockets are bound to ws://127.0.0.1:0. A request on the public port with
// `Upgrade: websocket` and the path /zmq/<socket>/<page> is passed on, head and all, to that
// socket's inner port, and from then on octets are copied both ways, unread. So the demo can cut
// real TCP connections of one page without a back door in the library:
//   cut(page, ms): drop every relayed connection of <page> (both sides, no CLOSE frame), and for
//   the next `ms` milliseconds close new ones of <page> at once, unanswered.
//
// weather, PUB. Ten times a second, for each of six cities, two frames:
//     "weather.oslo"   {"celsius": -3.42, "n": 1234}
//   (oslo, lisbon, nairobi, tokyo, lima, sydney). n counts the rounds, so a gap shows what was
//   published while nobody here listened. Made-up figures, smooth to look at.
//
// echo, REP. One frame in, two frames out: [answer, how many answered so far, in decimal].
//     "uptime" -> "up 73 s, 412 requests answered"     "reverse abc" -> "cba"     else: the same octets
//
// chat, ROUTER (ROUTER_MANDATORY, ROUTER_HANDOVER). The page's DEALER has <page> as its routing id.
// One frame of JSON each way.
//   in:  {"type": "join", "nick"}         enter, or come back, or take another name. Sent after each handshake
//        {"type": "say", "nick", "text"}  from somebody not in the room it is a join first
//        {"type": "leave"}
//        {"type": "cut", "ms"}            cut(the sender's routing id, ms). No answer: the cut is the answer
//   out: {"type": "welcome", "nick", "nicks"}          to who joins; nick is made unique ("Ada 2"), at most 20 characters
//        {"type": "joined" | "left", "nick", "nicks"}  to all; not for one who merely came back
//        {"type": "renamed", "from", "nick", "nicks"}  to all
//        {"type": "say", "nick", "text"}               to all, the sender too; text at most 500 characters
//        {"type": "who", "nicks"}                      to all, every 2 s. Whom it can't reach (EHOSTUNREACH) has left
//   JSON that can't be read is dropped.
// -------------------------------------------------------------------------------------------------

// Not crypto.randomUUID: that exists on https and localhost only, and a phone on the LAN has neither.
const random = crypto.getRandomValues(new Uint8Array(5));
/** This tab: in the paths it dials, and the routing id of its DEALER. */
export const page = `tab-${Array.from(random, (octet) => octet.toString(16).padStart(2, '0')).join('')}`;

/** @returns {Promise<{service: string, weather: string, echo: string, chat: string}>} addresses ready to dial */
export async function findService() {
  const response = await fetch('endpoints.json');
  if (!response.ok) throw new Error(`GET endpoints.json answered ${response.status}: is this page served by the demo service?`);
  const found = await response.json();
  const origin = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}`;
  const address = (path) => `${path.startsWith('/') ? origin : ''}${path}/${page}`;
  return { service: String(found.service), weather: address(found.weather), echo: address(found.echo), chat: address(found.chat) };
}

/** Back-off that is quick to come back and still slow enough to watch. */
export const socketOptions = { linger: 0, reconnectIvl: 400, reconnectIvlMax: 2000 };
