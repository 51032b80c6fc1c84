// accept(): WebSockets that somebody else has accepted, or is about to.

import { checkOptions, checkString, describe, invalid } from '../check.js';
import { checked } from '../core.js';
import { ZMQError } from '../errors.js';
import { NO_PEER, nextNumber } from '../links.js';
import { OPEN, linkBy } from '../websocket.js';
import { words } from '../words.js';
import { spoken } from '../security/sub_protocols.js';
import { activity, adopting } from '#module';

/** Lets a WebSocket in that a program gives us. */
export function accept(port, webSocket, options) {
  const { protocol, peerAddress = '' } = checkOptions(options);
  if (protocol !== undefined) checkString(protocol, 'a sub-protocol');
  checkString(peerAddress, 'peerAddress');
  if (typeof webSocket?.addEventListener !== 'function' || webSocket.readyState > OPEN) {
    throw invalid(`accept() takes a WebSocket that is open or will be, not ${describe(webSocket)}`);
  }
  letIn(port, webSocket, { protocol, peerAddress });
}

/** Lets a WebSocket in that has come to this port. `release` is to be called when it is gone. */
export function letIn(port, webSocket, { protocol, peerAddress, release }) {
  const { core, refused } = port;
  const { fits, names } = spoken(port);
  const isOpen = webSocket.readyState === OPEN;
  const known = protocol ?? (isOpen ? webSocket.protocol : undefined);
  if ((isOpen || known !== undefined) && !fits(known)) throw new ZMQError('EPROTONOSUPPORT', refuse(webSocket, known, names));
  if (release !== undefined) webSocket.addEventListener('close', release);
  port.listener ??= checked(adopting(core.socketNumber, ...words(port.endpoint))) >>> 0;
  const number = nextNumber();
  const begin = (_, name) => {
    if (fits(name)) return core.accepted(number, port.listener, name, peerAddress);
    refused(refuse(webSocket, name, names));
    return NO_PEER;
  };
  const fail = (detail) => refused(`the WebSocket was gone before it was open (${detail})`);
  linkTo(core, number, webSocket, begin, fail, protocol);
}

/** Closes a WebSocket by whose sub-protocol nothing of ours comes, and says why. */
function refuse(webSocket, protocol, names) {
  closeBy(webSocket, 1002);
  return `the sub-protocol "${protocol}" is none of this socket's: ${names}`;
}

/** Closes a WebSocket with this code, where it can say it. */
export function closeBy(webSocket, code) {
  try {
    webSocket.close(code);
  } catch {
    // A browser's, and what is made after it, takes no such code.
    webSocket.close();
  }
}

/** linkBy(), with what npm's `ws` can beyond all others: PONGs are signs of life, and who is not read waits. */
export function linkTo(core, number, webSocket, begin, fail, protocol) {
  let peer = NO_PEER;
  const known = (limit, name) => (peer = begin(limit, name));
  const link = linkBy(core, number, webSocket, known, fail, protocol);
  if (typeof webSocket.on === 'function') webSocket.on('pong', () => activity(core.socketNumber, peer));
  if (typeof webSocket.pause === 'function') link.pause = (on) => (on ? webSocket.pause() : webSocket.resume());
  return link;
}
