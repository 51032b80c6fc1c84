// Sub-protocols of WebSockets that carry ZMTP (ZWS 2.0, RFC 45).

/** Whether we speak this sub-protocol. Only servers may choose one with a slash. */
export const isKnown = (protocol) => /^ZWS2\.0([-/]NULL)?$/.test(protocol);

/** The sub-protocol for who offers these in a Sec-WebSocket-Protocol header: the first that is known, as in libzmq. */
export function chooseProtocol(header) {
  return typeof header === 'string' ? header.split(',').map((name) => name.trim()).find(isKnown) : undefined;
}
