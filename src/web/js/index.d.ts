// The public JavaScript API of zmq-wasm.
//
//   import { Context, REQ } from 'zmq-wasm';          // wasm is instantiated on import; nothing to call first
//   import init, { Context } from 'zmq-wasm/slim';    // the same, instantiated by hand: await init(moduleOrUrl?)

/** Anything a message part can be made from. Strings are UTF-8. A view is sent as the view, never its whole buffer. */
export type FrameLike = Uint8Array | ArrayBuffer | ArrayBufferView | string | Frame;
/** The reading side of a message part: a view that shares memory with the received WebSocket message. */
export type Bytes = Uint8Array;

export interface CallOptions {
  /** Gives the call up. It rejects with the signal's reason; a receive that is given up consumes no message. */
  signal?: AbortSignal;
}
export interface SendOptions extends CallOptions {
  /** Accepted for parity: the octets are copied once either way, behind the flag octet of RFC 45. Default true. */
  copy?: boolean;
  /** true: the promise gives a MessageTracker. Default false. */
  track?: boolean;
}
export interface RecvOptions extends CallOptions {
  /** false: give a Frame (metadata, `more`) and not bare bytes. Default true. */
  copy?: boolean;
  track?: boolean;
}

/**
 * A place for sockets. Sockets of one context reach each other by `inproc://`.
 * @example
 * const context = new Context();
 * const socket = context.socket(REQ, { linger: 0 });
 */
export class Context {
  /** `ioThreads` is accepted for parity and has no effect: one context is one event loop. A Context as first argument, or `{ shadow }`, shares it. */
  constructor(ioThreads?: number | Context, options?: { shadow?: Context });
  /** The context that everybody shares who asks here. A new one when the last was terminated. */
  static instance(): Context;
  /** A context that shares another's sockets and names without owning them: its term() does nothing. */
  static shadow(context: Context): Context;
  /** A new socket. @throws ZMQError EINVAL for an unknown type or option, EMFILE beyond MAX_SOCKETS. */
  socket(type: SocketType, options?: Partial<SocketOptions>): Socket;
  /**
   * Reads an option of the context: IO_THREADS, MAX_SOCKETS, SOCKET_LIMIT, MAX_MSGSZ, MSG_T_SIZE, BLOCKY, IPV6, …
   * @example
   * context.get(MAX_SOCKETS); // 1023
   */
  get(option: number): number;
  /**
   * Sets an option of the context, to what libzmq takes. What is about threads has no effect here; MAX_SOCKETS has,
   * and so have BLOCKY (0: linger is 0 at first) and IPV6 for the sockets made later.
   * @throws ZMQError EINVAL
   */
  set(option: number, value: number): void;
  /**
   * An option that every socket made later has at first, if its type takes it. By name it is a property, too.
   * @example
   * context.setsockopt(LINGER, 0);
   * context.linger = 0; // the same
   */
  setsockopt(option: number, value: OptionValue): void;
  /** What setsockopt() was given; undefined when it was not called for this option. */
  getsockopt(option: number): OptionValue | undefined;
  linger: OptionValue | undefined; sndhwm: OptionValue | undefined; rcvhwm: OptionValue | undefined;
  sndtimeo: OptionValue | undefined; rcvtimeo: OptionValue | undefined; reconnectIvl: OptionValue | undefined;
  reconnectIvlMax: OptionValue | undefined; heartbeatIvl: OptionValue | undefined; maxmsgsize: OptionValue | undefined;
  /** Waits until every socket is closed and lingering messages are gone; pending calls on open sockets reject with ContextTerminated. */
  term(): Promise<void>;
  /** Closes every socket, then terminates. @param linger milliseconds */
  destroy(linger?: number): Promise<void>;
  readonly closed: boolean;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A ZeroMQ socket. Calls return promises; a call of a kind tries at once when none of its kind is pending, and
 * waits its turn otherwise.
 * @example
 * const socket = new Context().socket(SUB);
 * socket.connect('ws://localhost:5556');
 * socket.subscribe('weather');
 * for await (const [topic, value] of socket) console.log(topic, value);
 */
export class Socket extends EventTarget implements AsyncIterable<Bytes[]> {
  private constructor();
  readonly type: SocketType;
  readonly closed: boolean;
  readonly context: Context;

  /** Listens. Resolves with the endpoint bound. Only `inproc://` can be bound here. */
  bind(endpoint: string): Promise<string>;
  unbind(endpoint: string): Promise<void>;
  /**
   * Dials `ws://`, `wss://` or `inproc://` in the background and keeps dialling (reconnectIvl, reconnectIvlMax,
   * jitter). `protocols` replaces the sub-protocols that are offered; `headers` works where the runtime's
   * WebSocket can send some (Node, Deno, Bun).
   * @throws ZMQError EINVAL for a bad endpoint, EPROTONOSUPPORT for a scheme that can't be had here.
   */
  connect(endpoint: string, options?: { protocols?: string[]; headers?: HeadersInit }): void;
  /** Gives an endpoint up. What is queued for it has the linger time. @throws ZMQError ENOENT */
  disconnect(endpoint: string): void;

  /**
   * Sends one part; with SNDMORE, the message goes on with the next send. Waits while there is no room
   * (sndhwm), at most sndtimeo; NOBLOCK rejects with Again instead. A REQ waits for the reply to its last request.
   */
  send(data: FrameLike, flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /** Receives the next part. Waits at most rcvtimeo; NOBLOCK rejects with Again when nothing is there. */
  recv(flags: number | undefined, options: RecvOptions & { copy: false }): Promise<Frame>;
  recv(flags?: number, options?: RecvOptions): Promise<Bytes>;
  /** Sends a whole message. */
  sendMultipart(parts: FrameLike[], flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /** Receives a whole message (or what recv() has left of one). */
  recvMultipart(flags: number | undefined, options: RecvOptions & { copy: false }): Promise<Frame[]>;
  recvMultipart(flags?: number, options?: RecvOptions): Promise<Bytes[]>;
  /** @param options.encoding utf-8 (default), ascii, latin1 or utf-16le */
  sendString(text: string, flags?: number, options?: SendOptions & { encoding?: string }): Promise<MessageTracker | undefined>;
  /** @param options.encoding any label of the Encoding Standard; default utf-8 */
  recvString(flags?: number, options?: CallOptions & { encoding?: string }): Promise<string>;
  sendJson(value: unknown, flags?: number, options?: SendOptions & { replacer?: any; space?: any }): Promise<MessageTracker | undefined>;
  recvJson<T = unknown>(flags?: number, options?: CallOptions & { reviver?: any }): Promise<T>;
  /**
   * Sends a value as a pickle, which pyzmq's recv_pyobj() reads. `zmq-wasm/pickle` says what becomes of what, and has the
   * types that JavaScript lacks. The first call loads that module; later sends keep their place behind it.
   * @param protocol 0 to 5, or -1 for the highest; default 4, as in Python 3.8 to 3.13
   * @throws ZMQError EINVAL for what is no data (a function, an object of a class), ENOTSUP where the module can't be
   * loaded later, as in service workers: `import 'zmq-wasm/pickle'` there
   * @example
   * await socket.sendPyobj({ city: 'Oslo', samples: [1.5, 2n ** 64n], at: new Date() });
   */
  sendPyobj(value: unknown, flags?: number, protocol?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /**
   * Receives what pyzmq's send_pyobj() sent. Data only: nothing in a pickle is run, and one that names a class or function
   * that is no data is refused. A message that is refused is gone, as with recvJson().
   * @throws ZMQError EINVAL: 'the pickle names os.system, which is not data'; ENOTSUP as in sendPyobj(), which takes no message
   * @example
   * const { city, samples } = await socket.recvPyobj<{ city: string; samples: number[] }>();
   */
  recvPyobj<T = unknown>(flags?: number, options?: CallOptions): Promise<T>;
  sendSerialized<T>(value: T, serialize: (value: T) => FrameLike[], flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  recvSerialized<T>(deserialize: (parts: Bytes[]) => T, flags?: number, options?: CallOptions): Promise<T>;
  /** REQ: sends one message and resolves with its own reply. Any number may be under way at once; they take turns. */
  request(parts: FrameLike | FrameLike[], options?: CallOptions & { timeout?: number }): Promise<Bytes[]>;

  /**
   * What `bind` does, without a promise: for callers that can't await, such as other languages in wasm.
   * @returns the endpoint bound
   * @throws {ZMQError} as `bind` rejects
   * @example const endpoint = socket.bindSync('inproc://questions');
   */
  bindSync(endpoint: string): string;
  /** What `unbind` does, without a promise. @throws {ZMQError} as `unbind` rejects */
  unbindSync(endpoint: string): void;
  /**
   * Sends a message that can be sent at once.
   * @throws {Again} when it would have to wait; otherwise as `sendMultipart` with NOBLOCK rejects
   * @example socket.sendSync(['topic', 'body']);
   */
  sendSync(message: FrameLike | FrameLike[], options?: SendOptions): void;
  /**
   * The next message (or what recv() has left of one), when it is there already.
   * @throws {Again} when there is none; otherwise as `recvMultipart` with NOBLOCK rejects
   * @example const [topic, body] = socket.recvSync().map(String);
   */
  recvSync(): Frame[];

  /** SUB (and XPUB under xpubManual): subscriptions count, so each takes an unsubscribe of its own. */
  subscribe(topic: FrameLike): void;
  unsubscribe(topic: FrameLike): void;

  setsockopt(option: number, value: OptionValue): void;
  setsockoptString(option: number, value: string, encoding?: string): void;
  setString(option: number, value: string, encoding?: string): void;
  set(option: number, value: OptionValue): void;
  getsockopt(option: number): OptionValue;
  get(option: number): OptionValue;
  getString(option: number, encoding?: string): string;
  /** Every option of SocketOptions is a property too: socket.linger = 0; socket.rcvtimeo = 500. */
  linger: number; sndhwm: number; rcvhwm: number; sndtimeo: number; rcvtimeo: number; routingId: Bytes;
  reconnectIvl: number; reconnectIvlMax: number; maxmsgsize: number; handshakeIvl: number;
  heartbeatIvl: number; heartbeatTtl: number; heartbeatTimeout: number;
  immediate: boolean; conflate: boolean; invertMatching: boolean;
  /** Write only, as in libzmq: reading throws EINVAL. */
  routerMandatory: boolean; routerHandover: boolean; probeRouter: boolean; reqRelaxed: boolean; reqCorrelate: boolean;
  xpubVerbose: boolean; xpubVerboser: boolean; xpubManual: boolean; xpubNodrop: boolean; xpubWelcomeMsg: Bytes;
  connectRoutingId: Bytes;
  /** Those of transports, threads and systems that a page does not have: checked and kept, without effect. */
  sndbuf: number; rcvbuf: number; backlog: number; tos: number; ipv6: boolean; priority: number; connectTimeout: number;
  tcpKeepalive: number; tcpKeepaliveCnt: number; tcpKeepaliveIdle: number; tcpKeepaliveIntvl: number; tcpMaxrt: number;
  affinity: number; inBatchSize: number; outBatchSize: number; loopbackFastpath: boolean; busyPoll: number;
  rate: number; recoveryIvl: number; multicastHops: number; multicastMaxtpdu: number; multicastLoop: boolean;
  /** What would go another way than it should without them: empty, and refused with EINVAL when they shall be more. */
  socksProxy: string; socksUsername: string; socksPassword: string; bindtodevice: string;
  /** NULL is the only mechanism yet: what asks for another is refused with EINVAL, and never ignored. */
  zapDomain: string; plainServer: boolean; plainUsername: string; plainPassword: string;
  curveServer: boolean; curvePublickey: string; curveSecretkey: string; curveServerkey: string; zapEnforceDomain: boolean;
  readonly threadSafe: boolean;
  /** Send a part even where the browser may cut it into fragments, which libzmq does not take. Default false. */
  sendFragmented: boolean;
  readonly lastEndpoint: string; readonly events: number; readonly rcvmore: boolean; readonly mechanism: number;

  /** Resolves with the events that are ready, 0 after `timeout` milliseconds (-1: for ever). */
  poll(timeout?: number, flags?: number, options?: CallOptions): Promise<number>;
  /** Ends when the socket closes. Each item is one whole message. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes[]>;

  /**
   * Tells what happens to connections and endpoints, from now on and as far as the mask `events` has it (EVENT_LISTENING |
   * EVENT_ACCEPTED …; EVENT_ALL). Any number of monitors may listen; each keeps the newest 1,000 events that nobody has read,
   * and ends by close(), by leaving its loop, or after 'monitor_stopped' when the socket closes. All events also reach
   * addEventListener under their names ('connected', 'disconnected', 'handshake_succeeded', …) as a SocketEvent.
   * @throws ZMQError EINVAL for what is no mask, ENOTSOCK when the socket is closed
   * @example
   * for await (const { name, endpoint, value } of socket.monitor(EVENT_CONNECTED | EVENT_DISCONNECTED)) {
   *   console.log(name, endpoint, value);
   * }
   * @example
   * socket.addEventListener('disconnected', ({ detail }) => console.log(detail.endpoint, detail.value));
   */
  monitor(events?: number): AsyncIterable<MonitorEvent> & { close(): void };

  /** Queued messages get `linger` milliseconds (default: the option's); pending calls reject with ZMQError code 'ECANCELED'. Safe to call twice. */
  close(linger?: number): void;
  [Symbol.dispose](): void;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Waits for events on several sockets.
 * @example
 * const poller = new Poller();
 * poller.register(socket, POLLIN);
 * for (const [ready, events] of await poller.poll(1000)) console.log(await ready.recv());
 */
export class Poller {
  readonly sockets: ReadonlyArray<[Socket, number]>;
  register(socket: Socket, flags?: number): void;      // default POLLIN | POLLOUT; flags 0 unregisters
  modify(socket: Socket, flags: number): void;
  unregister(socket: Socket): void;                    // unknown socket: throws
  poll(timeout?: number, options?: CallOptions): Promise<Array<[Socket, number]>>;   // [] on timeout
}

/** One part of a message, with what is known of the peer it came from. */
export class Frame {
  constructor(data?: FrameLike, options?: { track?: boolean; more?: boolean });
  readonly bytes: Bytes; readonly buffer: ArrayBuffer; readonly length: number; readonly more: boolean;
  readonly tracker: MessageTracker | undefined;
  routingId: number; group: string;
  /** Peer metadata: 'Socket-Type', 'Identity', 'Peer-Address', and the application's own X- properties. */
  get(property: string): string | undefined;
  set(property: string, value: string | number): void;
  toString(encoding?: string): string;
}

/** Tells when a sent message's memory is no longer needed. */
export class MessageTracker {
  constructor(...towatch: Array<MessageTracker | Frame>);
  readonly done: boolean;                               // the transport no longer needs the memory
  wait(timeout?: number): Promise<void>;                // rejects with NotDone after `timeout` milliseconds
}

/** An error with libzmq's code and number: 'EFSM', 'EINVAL', 'ENOTSUP', 'EHOSTUNREACH', … */
export class ZMQError extends Error { readonly code: string; readonly errno: number }
export class Again extends ZMQError {}                  // EAGAIN: NOBLOCK, or a timeout option ran out
export class ContextTerminated extends ZMQError {}      // ETERM
export class NotDone extends ZMQError {}
export class ZMQBindError extends ZMQError {}

/**
 * Passes on what `frontend` receives to `backend`, what `backend` receives to `frontend`, and a copy of each message to
 * `capture`. A message is received only when the other side and `capture` have room for it, so nothing is lost, and a full
 * queue makes senders wait. `frontend` and `backend` may be the same socket, which then gets back what it receives.
 *
 * The promise only rejects: with the reason of `signal`, whereupon both sockets are usable as before; with
 * ContextTerminated; with ZMQError ECANCELED or ENOTSOCK when a socket is closed; or with what a socket says that will not
 * send a message.
 * @example
 * const [clients, workers] = [context.socket(ROUTER), context.socket(DEALER)];
 * clients.connect('ws://localhost:5555');
 * await workers.bind('inproc://workers');
 * await proxy(clients, workers);
 */
export function proxy(frontend: Socket, backend: Socket, capture?: Socket | null, options?: CallOptions): Promise<void>;
/**
 * A proxy that obeys the commands that come to `control`, messages of one part: PAUSE, RESUME, TERMINATE, which resolves the
 * promise, and STATISTICS. Each is answered if `control` can send: STATISTICS by eight parts of eight octets (little-endian:
 * parts and octets that `frontend` received, those it sent, and the same of `backend`), the others by an empty message.
 * @example
 * const control = context.socket(REP);
 * await control.bind('inproc://control');
 * const ended = proxySteerable(clients, workers, undefined, control);
 *
 * const steering = context.socket(REQ);
 * steering.connect('inproc://control');
 * await steering.request('TERMINATE');
 * await ended;
 */
export function proxySteerable(frontend: Socket, backend: Socket, capture: Socket | null | undefined, control: Socket): Promise<void>;

export interface Z85 {
  /** Five characters for each four octets. @throws ZMQError EINVAL when the length is no multiple of four */
  encode(bytes: Uint8Array): string;
  /** The other way. @throws ZMQError EINVAL for a length that is no multiple of five, other characters, and five that stand for too much */
  decode(text: string): Uint8Array;
}
/**
 * Octets as text and back, as in RFC 32 and libzmq; CURVE keys are written so.
 * @example
 * z85.encode(Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b)); // 'HelloWorld'
 */
export const z85: Z85;
/**
 * CURVE is not there yet: throws ZMQError ENOTSUP, and has('curve') is false.
 * @example
 * if (has('curve')) console.log(curveKeypair().publicKey);
 */
export function curveKeypair(): { publicKey: string; secretKey: string };
/**
 * As curveKeypair().
 * @example
 * if (has('curve')) console.log(curvePublic(secretKey));
 */
export function curvePublic(secretKey: string): string;

/**
 * libzmq's sentence about an error's number.
 * @example
 * strerror(EFSM); // 'Operation cannot be accomplished in current state'
 */
export function strerror(errno: number): string;
/**
 * The ZMTP revision that is spoken.
 * @example
 * zmqVersion(); // '3.1'
 */
export function zmqVersion(): string;
/**
 * This package's version.
 * @example
 * console.log(`zmq-wasm ${version}`);
 */
export const version: string;
/**
 * Whether this runtime can connect by a scheme ('ws', 'inproc', …), or has a mechanism ('null', 'curve', …). In upper or lower case.
 * @example
 * if (!has('ws')) console.error('this runtime has no WebSocket');
 */
export function has(capability: string): boolean;
/**
 * What this runtime can do: the schemes it can connect to and bind, and the security mechanisms. `runtime` is 'page', 'worker',
 * 'shared-worker', 'service-worker', 'node', 'deno', 'bun', 'workerd' or 'unknown'.
 * @example
 * capabilities(); // { runtime: 'page', connect: ['ws', 'wss', 'inproc'], bind: ['inproc'], mechanisms: ['NULL'] }
 */
export function capabilities(): { runtime: string; connect: string[]; bind: string[]; mechanisms: string[] };

export type OptionValue = number | bigint | boolean | string | Uint8Array;
export interface MonitorEvent { event: number; name: string; value: number | string; endpoint: string; peer?: { address: string; routingId: Bytes; properties: Record<string, string> } }
/** What addEventListener gets: the monitor's event is in `detail`. */
export interface SocketEvent extends Event { readonly detail: MonitorEvent }
export type SocketType = number;
export interface SocketOptions { [name: string]: OptionValue | undefined;
  linger: number; sndhwm: number; rcvhwm: number; sndtimeo: number; rcvtimeo: number; routingId: string | Uint8Array;
  reconnectIvl: number; reconnectIvlMax: number; heartbeatIvl: number; heartbeatTimeout: number; heartbeatTtl: number; handshakeIvl: number;
  maxmsgsize: number; immediate: boolean; conflate: boolean; routerMandatory: boolean; routerHandover: boolean; probeRouter: boolean;
  reqRelaxed: boolean; reqCorrelate: boolean; xpubVerbose: boolean; xpubVerboser: boolean; xpubManual: boolean; xpubNodrop: boolean;
  xpubWelcomeMsg: string | Uint8Array; invertMatching: boolean; connectRoutingId: string | Uint8Array; sendFragmented: boolean;
  sndbuf: number; rcvbuf: number; backlog: number; tos: number; ipv6: boolean;
  tcpKeepalive: number; tcpKeepaliveCnt: number; tcpKeepaliveIdle: number; tcpKeepaliveIntvl: number;
  zapDomain: string; plainServer: boolean; plainUsername: string; plainPassword: string; curveServer: boolean; curvePublickey: string; curveSecretkey: string; curveServerkey: string;
}

// Constants carry libzmq's numbers.
export const PAIR: 0, PUB: 1, SUB: 2, REQ: 3, REP: 4, DEALER: 5, ROUTER: 6, PULL: 7, PUSH: 8, XPUB: 9, XSUB: 10;
export const POLLIN: 1, POLLOUT: 2, POLLERR: 4, POLLPRI: 8;
export const NOBLOCK: 1, DONTWAIT: 1, SNDMORE: 2;
export const AFFINITY: 4, ROUTING_ID: 5, IDENTITY: 5, SUBSCRIBE: 6, UNSUBSCRIBE: 7, RATE: 8, RECOVERY_IVL: 9, SNDBUF: 11, RCVBUF: 12,
  RCVMORE: 13, EVENTS: 15, TYPE: 16, LINGER: 17, RECONNECT_IVL: 18, BACKLOG: 19, RECONNECT_IVL_MAX: 21, MAXMSGSIZE: 22, SNDHWM: 23,
  RCVHWM: 24, MULTICAST_HOPS: 25, RCVTIMEO: 27, SNDTIMEO: 28, LAST_ENDPOINT: 32, ROUTER_MANDATORY: 33, TCP_KEEPALIVE: 34,
  TCP_KEEPALIVE_CNT: 35, TCP_KEEPALIVE_IDLE: 36, TCP_KEEPALIVE_INTVL: 37, IMMEDIATE: 39, XPUB_VERBOSE: 40, IPV6: 42, MECHANISM: 43,
  PLAIN_SERVER: 44, PLAIN_USERNAME: 45, PLAIN_PASSWORD: 46, CURVE_SERVER: 47, CURVE_PUBLICKEY: 48, CURVE_SECRETKEY: 49,
  CURVE_SERVERKEY: 50, PROBE_ROUTER: 51, REQ_CORRELATE: 52, REQ_RELAXED: 53, CONFLATE: 54, ZAP_DOMAIN: 55, ROUTER_HANDOVER: 56,
  TOS: 57, CONNECT_ROUTING_ID: 61, HANDSHAKE_IVL: 66, SOCKS_PROXY: 68, XPUB_NODROP: 69, XPUB_MANUAL: 71, XPUB_WELCOME_MSG: 72,
  INVERT_MATCHING: 74, HEARTBEAT_IVL: 75, HEARTBEAT_TTL: 76, HEARTBEAT_TIMEOUT: 77, XPUB_VERBOSER: 78, CONNECT_TIMEOUT: 79,
  TCP_MAXRT: 80, THREAD_SAFE: 81, MULTICAST_MAXTPDU: 84, BINDTODEVICE: 92, ZAP_ENFORCE_DOMAIN: 93, LOOPBACK_FASTPATH: 94,
  METADATA: 95, MULTICAST_LOOP: 96, ROUTER_NOTIFY: 97, XPUB_MANUAL_LAST_VALUE: 98, SOCKS_USERNAME: 99, SOCKS_PASSWORD: 100,
  IN_BATCH_SIZE: 101, OUT_BATCH_SIZE: 102, ONLY_FIRST_SUBSCRIBE: 108, RECONNECT_STOP: 109, HELLO_MSG: 110, DISCONNECT_MSG: 111,
  PRIORITY: 112, BUSY_POLL: 113, HICCUP_MSG: 114, XSUB_VERBOSE_UNSUBSCRIBE: 115, TOPICS_COUNT: 116, SEND_FRAGMENTED: 10001;
/** Python's default of the protocols of pickles. */
export const DEFAULT_PROTOCOL: 4;
export const NULL: 0, PLAIN: 1, CURVE: 2, NOTIFY_CONNECT: 1, NOTIFY_DISCONNECT: 2, RECONNECT_STOP_CONN_REFUSED: 1,
  RECONNECT_STOP_HANDSHAKE_FAILED: 2, RECONNECT_STOP_AFTER_DISCONNECT: 4;
/** Options of a context. */
export const IO_THREADS: 1, MAX_SOCKETS: 2, SOCKET_LIMIT: 3, THREAD_PRIORITY: 3, THREAD_SCHED_POLICY: 4, MAX_MSGSZ: 5, MSG_T_SIZE: 6,
  THREAD_AFFINITY_CPU_ADD: 7, THREAD_AFFINITY_CPU_REMOVE: 8, THREAD_NAME_PREFIX: 9, ZERO_COPY_RECV: 10, BLOCKY: 70;
export const EVENT_CONNECTED: 1, EVENT_CONNECT_DELAYED: 2, EVENT_CONNECT_RETRIED: 4, EVENT_LISTENING: 8, EVENT_BIND_FAILED: 16,
  EVENT_ACCEPTED: 32, EVENT_ACCEPT_FAILED: 64, EVENT_CLOSED: 128, EVENT_CLOSE_FAILED: 256, EVENT_DISCONNECTED: 512, EVENT_MONITOR_STOPPED: 1024,
  EVENT_HANDSHAKE_FAILED_NO_DETAIL: 2048, EVENT_HANDSHAKE_SUCCEEDED: 4096, EVENT_HANDSHAKE_FAILED_PROTOCOL: 8192, EVENT_HANDSHAKE_FAILED_AUTH: 16384, EVENT_PIPES_STATS: 65536,
  EVENT_ALL: 65535, EVENT_ALL_V1: 65535, EVENT_ALL_V2: 131071;
/** Errors' numbers, as on Linux. */
export const ENOENT: 2, EAGAIN: 11, EACCES: 13, EFAULT: 14, EINVAL: 22, EMFILE: 24, ENOTSOCK: 88, EMSGSIZE: 90,
  EPROTONOSUPPORT: 93, ENOTSUP: 95, EADDRINUSE: 98, EADDRNOTAVAIL: 99, ECONNRESET: 104, EHOSTUNREACH: 113, ECANCELED: 125,
  EFSM: 156384763, ENOCOMPATPROTO: 156384764, ETERM: 156384765, EMTHREAD: 156384766;
