// The public JavaScript API of zmq-wasm.
//
//   import { Context, REQ } from 'zmq-wasm';          // wasm is instantiated on import; nothing to call first
//   import init, { Context } from 'zmq-wasm/slim';    // the same, instantiated by hand: await init(moduleOrUrl?)
//
// Times are milliseconds. What fails throws, or rejects with, a ZMQError or one of its subclasses; a call that is given up
// by its AbortSignal rejects with the signal's reason. An argument of the wrong kind is EINVAL, any call on a closed socket
// ENOTSOCK, and on one whose context is terminated ContextTerminated, wherever nothing else is said.

// ---- Values -------------------------------------------------------------------------------------

/**
 * Anything a message part can be made from. Strings are UTF-8. A view is sent as the view, never its whole buffer.
 * @example
 * const parts: FrameLike[] = ['text', Uint8Array.of(1, 2), new Float32Array([0.5]), new Frame('frame')];
 */
export type FrameLike = Uint8Array | ArrayBuffer | ArrayBufferView | string | Frame;

/**
 * The reading side of a message part: a view that shares memory with the received WebSocket message.
 * @example
 * const part: Bytes = await socket.recv();
 * console.log(part.length, new TextDecoder().decode(part));
 */
export type Bytes = Uint8Array;

/**
 * What every call that waits can be given.
 * @example
 * await socket.recv(0, { signal: AbortSignal.timeout(1000) });
 */
export interface CallOptions {
  /** Gives the call up. It rejects with the signal's reason; a receive that is given up consumes no message. */
  signal?: AbortSignal;
}

/**
 * What the calls that send can be given.
 * @example
 * const tracker = await socket.send(new Uint8Array(1_000_000), 0, { copy: false, track: true });
 * await tracker?.wait();
 */
export interface SendOptions extends CallOptions {
  /**
   * false: the caller gives the memory away and promises not to touch it again. Over `inproc://` nothing is copied then.
   * By a WebSocket the octets are copied once, behind the flag octet of RFC 45, unless the view begins at the second octet
   * of its buffer and reaches its end, as received bodies do: then the flag goes into the octet before. Default true.
   */
  copy?: boolean;
  /** true: the promise gives a MessageTracker. Default false. */
  track?: boolean;
  /** SERVER, PEER: the peer to send to. Default: what a Frame that is sent says. */
  routingId?: number;
  /** RADIO: the group to send to, at most 15 octets. Default: what a Frame that is sent says, or ''. */
  group?: string;
}

/**
 * What the calls that receive can be given.
 * @example
 * const frame: Frame = await socket.recv(0, { copy: false });
 */
export interface RecvOptions extends CallOptions {
  /** false: give a Frame (metadata, `more`, routing id, group) and not bare bytes. Default true. */
  copy?: boolean;
  /** true: Frames have a tracker. It is done, for their memory is the receiver's. Default false. */
  track?: boolean;
}

/**
 * One of the constants from PAIR to XSUB.
 * @example
 * const type: SocketType = DEALER;
 */
export type SocketType = number;

/**
 * What an option can be set to. Flags take 0, 1 and booleans; text and octets take strings and bytes.
 * @example
 * const value: OptionValue = socket.get(LINGER);
 */
export type OptionValue = number | bigint | boolean | string | Uint8Array;

// ---- Context ------------------------------------------------------------------------------------

/**
 * A place for sockets. Sockets of one context reach each other by `inproc://`.
 * @example
 * const context = new Context();
 * const socket = context.socket(REQ, { linger: 0 });
 */
export class Context {
  /**
   * `ioThreads` is accepted for parity and has no effect: one context is one event loop. A Context as first argument, or
   * `{ shadow }`, shares it.
   * @example
   * const owner = new Context();
   * const shadow = new Context(owner);
   */
  constructor(ioThreads?: number | Context, options?: { shadow?: Context });
  /**
   * The context that everybody shares who asks here. A new one when the last was terminated.
   * @example
   * const socket = Context.instance().socket(PUB);
   */
  static instance(): Context;
  /**
   * A context that shares another's sockets and names without owning them: its term() does nothing, and its destroy()
   * closes the sockets that were made through it.
   * @example
   * const shadow = Context.shadow(context);
   */
  static shadow(context: Context): Context;
  /**
   * A new socket.
   * @throws {ZMQError} EINVAL for an unknown type or option, EMFILE beyond MAX_SOCKETS
   * @throws {ContextTerminated} after term()
   * @example
   * const socket = context.socket(SUB, { rcvhwm: 10, linger: 0 });
   */
  socket(type: SocketType, options?: Partial<SocketOptions>): Socket;
  /**
   * Reads an option of the context: IO_THREADS, MAX_SOCKETS, SOCKET_LIMIT, MAX_MSGSZ, MSG_T_SIZE, BLOCKY, IPV6, …
   * @throws {ZMQError} EINVAL for another
   * @example
   * console.log(context.get(MAX_SOCKETS)); // 1023
   */
  get(option: number): number;
  /**
   * Sets an option of the context, to what libzmq takes. What is about threads has no effect here; MAX_SOCKETS has,
   * and so have BLOCKY (0: linger is 0 at first) and IPV6 for the sockets made later.
   * @throws {ZMQError} EINVAL
   * @example
   * context.set(MAX_SOCKETS, 10);
   */
  set(option: number, value: number): void;
  /**
   * An option that every socket made later has at first, if its type takes it. By name it is a property, too.
   * @example
   * context.setsockopt(LINGER, 0);
   * context.linger = 0; // the same
   */
  setsockopt(option: number, value: OptionValue): void;
  /**
   * What setsockopt() was given; undefined when it was not called for this option.
   * @example
   * console.log(context.getsockopt(LINGER));
   */
  getsockopt(option: number): OptionValue | undefined;
  /** How long queued messages wait after close(), in milliseconds: a default of sockets made later. @example context.linger = 0; */
  linger: OptionValue | undefined;
  /** How many messages wait to be sent to each peer: a default of sockets made later. @example context.sndhwm = 10; */
  sndhwm: OptionValue | undefined;
  /** How many messages of each peer wait to be received: a default of sockets made later. @example context.rcvhwm = 10; */
  rcvhwm: OptionValue | undefined;
  /** How long a send waits, in milliseconds: a default of sockets made later. @example context.sndtimeo = 500; */
  sndtimeo: OptionValue | undefined;
  /** How long a receive waits, in milliseconds: a default of sockets made later. @example context.rcvtimeo = 500; */
  rcvtimeo: OptionValue | undefined;
  /** Milliseconds before a lost connection is dialled again: a default of sockets made later. @example context.reconnectIvl = 1000; */
  reconnectIvl: OptionValue | undefined;
  /** Up to how many milliseconds the pauses between attempts double: a default of sockets made later. @example context.reconnectIvlMax = 30_000; */
  reconnectIvlMax: OptionValue | undefined;
  /** Milliseconds between heartbeats: a default of sockets made later. @example context.heartbeatIvl = 5000; */
  heartbeatIvl: OptionValue | undefined;
  /** The longest part that is accepted, in octets: a default of sockets made later. @example context.maxmsgsize = 1_000_000; */
  maxmsgsize: OptionValue | undefined;
  /**
   * Waits until every socket is closed and lingering messages are gone; pending and later calls on open sockets reject with
   * ContextTerminated.
   * @example
   * socket.close();
   * await context.term();
   */
  term(): Promise<void>;
  /**
   * Closes every socket, then terminates.
   * @param linger what queued messages get, in milliseconds; default: each socket's option
   * @example
   * await context.destroy(0);
   */
  destroy(linger?: number): Promise<void>;
  /** Whether term() or destroy() was called. @example if (!context.closed) context.socket(PAIR); */
  readonly closed: boolean;
  /**
   * What destroy() does, without waiting for it. There where the runtime has Symbol.dispose.
   * @example
   * using own = new Context();
   */
  [Symbol.dispose](): void;
  /**
   * destroy(). There where the runtime has Symbol.asyncDispose.
   * @example
   * await using own = new Context();
   */
  [Symbol.asyncDispose](): Promise<void>;
}

// ---- Socket -------------------------------------------------------------------------------------

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
  /**
   * The type that Context.socket() was given.
   * @example
   * if (socket.type === SUB) socket.subscribe('');
   */
  readonly type: SocketType;
  /** Whether close() was called. @example while (!socket.closed) console.log(await socket.recv()); */
  readonly closed: boolean;
  /**
   * The context that made this socket.
   * @example
   * const other = socket.context.socket(PAIR);
   */
  readonly context: Context;

  /**
   * Listens. Resolves with the endpoint bound, in full. What can be bound depends on the runtime: see capabilities().
   *
   * - `inproc://name` everywhere.
   * - `ws://host:port/path` in Node.js, where it needs the package `ws`, Deno and Bun. With a path it serves that path only.
   * - `tcp://host:port` in Node.js, Deno and Bun. The host is an address (IPv6 in brackets), a network interface, a name, or `*`
   *   for all of IPv4, and of IPv6 with `ipv6`; port `*` or 0 is one that the system chooses. BACKLOG, TCP_KEEPALIVE and
   *   TCP_KEEPALIVE_IDLE count; other options of TCP have no effect, as these runtimes have no such thing.
   * - `ipc://path` there, but not on Windows; on Linux, in Node.js from 22 on, also `ipc://@name`, which has no file; `ipc://*` is a path that is
   *   chosen. A file that a crashed process has left is replaced.
   *
   * An open socket keeps the process alive, a closed one until what lingers is sent.
   * @param options whom the listener lets in: by default pages of its own host, 16,384 connections, 1,024 of an address, and messages of 64 MiB by WebSocket
   * @throws {ZMQError} EINVAL for a bad endpoint or option; EPROTONOSUPPORT for a scheme that can't be bound here; ENOTSUP where the
   * package `ws` is missing
   * @throws {ZMQBindError} EADDRINUSE when it is taken, EADDRNOTAVAIL when the address is none of this machine's, ENODEV when there
   * is no such interface or name, EACCES when it is not allowed, ENOENT when the folder is not there
   * @example
   * const endpoint = await socket.bind('tcp://127.0.0.1:*'); // tcp://127.0.0.1:41234
   */
  bind(endpoint: string, options?: ListenOptions): Promise<string>;
  /**
   * Listens on `port:name` for other threads: those that the ports lead to; in a worker, if none are given, whoever has made
   * it; in a shared worker, all pages that use it. To bind the same name again, by further ports, adds those. Messages of the
   * application's own by such a port are left alone. A message's memory goes to the other thread without a copy where nobody
   * else has it: that of `copy: false` is detached then.
   * @throws {ZMQError} EINVAL for what is no port, or when none is given where there is none
   * @throws {ZMQBindError} EADDRINUSE when the name is bound by that port
   * @example
   * const worker = new Worker('worker.js', { type: 'module' });
   * await socket.bind('port:jobs', { port: worker });
   */
  bind(endpoint: string, options: { port?: ThreadPort | readonly ThreadPort[] }): Promise<string>;
  /**
   * Binds `endpoint` with one of the ports from `min` (49152) up to, and without, `max` (65536), and resolves with the port.
   * For `inproc://`, the port becomes a part of the name.
   * @throws {ZMQError} as bind() rejects
   * @throws {ZMQBindError} EADDRINUSE when none of them is free; at most a hundred are tried
   * @example
   * const port = await socket.bindToRandomPort('inproc://questions', { min: 5000, max: 6000 });
   */
  bindToRandomPort(endpoint: string, options?: { min?: number; max?: number }): Promise<number>;
  /**
   * Stops listening. Peers that came by this endpoint are disconnected.
   * @throws {ZMQError} ENOENT when it is not bound
   * @example
   * await socket.unbind('inproc://questions');
   */
  unbind(endpoint: string): Promise<void>;
  /**
   * Dials in the background and keeps dialling (reconnectIvl, reconnectIvlMax, jitter): `ws://`, `wss://` and `inproc://`;
   * `tcp://` in Node.js, Deno, Bun and on Cloudflare Workers; `ipc://` in Node.js, Deno and Bun. See capabilities(). CONNECT_TIMEOUT
   * counts for `tcp://`, but not on Workers, and IPV6 for names. `protocols` replaces the sub-protocols that are offered; `headers` works where the runtime's
   * WebSocket can send some (Node, Deno, Bun). A DEALER, PUB, REQ or SUB that is connected there already stays so, as
   * with libzmq; other types, and all by `inproc://` and `port:`, have one more connection.
   * @throws {ZMQError} EINVAL for a bad endpoint, EPROTONOSUPPORT for a scheme that can't be had here
   * @example
   * socket.connect('wss://example.org/questions');
   */
  connect(endpoint: string, options?: { protocols?: string[]; headers?: HeadersInit }): void;
  /**
   * Connects to `port:name` in the thread that `port` leads to; in a worker, if none is given, to that which has made it.
   * It does not matter who is first: the connection comes when the name is bound.
   * @throws {ZMQError} EINVAL for what is no port, or when none is given where there is none
   * @example
   * socket.connect('port:feed', { port: new SharedWorker('feed.js', { type: 'module' }) });
   */
  connect(endpoint: string, options: { port?: ThreadPort }): void;
  /**
   * PEER: as connect(), and gives the number of who is there, to send to by `routingId` at once. It holds as long
   * as the endpoint does, whatever becomes of the connection.
   * @throws {ZMQError} as connect(); ENOTSUP on another type
   * @example
   * const routingId = socket.connectPeer('ws://localhost:5557');
   * await socket.send('hello', 0, { routingId });
   */
  connectPeer(endpoint: string, options?: { protocols?: string[]; headers?: HeadersInit; port?: ThreadPort }): number;
  /**
   * Gives an endpoint up. What is queued for it has the linger time.
   * @throws {ZMQError} ENOENT when it is not connected
   * @example
   * socket.disconnect('wss://example.org/questions');
   */
  disconnect(endpoint: string): void;
  /**
   * Lets a WebSocket in that a server of yours has accepted, open or being opened: of npm's `ws`, of `Deno.upgradeWebSocket`, the
   * server's side of a `WebSocketPair` behind its `accept()`, or anything with the interface. The socket need not be bound.
   * @param options.protocol the sub-protocol that the client was told; by default the WebSocket's own
   * @param options.peerAddress for the metadata `Peer-Address` and for the monitor
   * @throws {ZMQError} EPROTONOSUPPORT when the sub-protocol is none of ZeroMQ's; the WebSocket is closed with 1002. ENOTSUP in
   * pages and their workers, whose entry has no listening side
   * @example
   * socket.accept(webSocket, { protocol: 'ZWS2.0', peerAddress: '192.0.2.1' });
   */
  accept(webSocket: WebSocketLike, options?: { protocol?: string; peerAddress?: string }): void;
  /**
   * The same from a request, in Cloudflare Workers, Deno and Bun: chooses the sub-protocol, lets the client in, and gives the
   * response to answer with: 101, or 400 or 426 with the reason as text.
   * @param server what the runtime gives its handlers beside the request: Bun's server, which it needs; in Deno what tells
   * the peer's address; a Durable Object's state (or another `{ acceptWebSocket(webSocket) }`), if the connection is to outlive
   * the object's sleep: when it wakes up, accept() lets in again each WebSocket that its state has
   * @param options.origins as bind() has it: pages of other hosts than the request's are answered 403 unless they are listed. All else
   * is yours to look at before
   * @throws {ZMQError} ENOTSUP where no requests can be upgraded: in pages, and in Node.js, which has bind('ws://…') and accept()
   * @example
   * const serve = (request: Request, server?: unknown): Response => socket.upgrade(request, server);
   */
  upgrade(request: Request, server?: unknown, options?: Pick<ListenOptions, 'origins'>): Response;

  /**
   * Sends one part; with SNDMORE, the message goes on with the next send. Waits while there is no room
   * (sndhwm), at most sndtimeo; NOBLOCK rejects with Again instead. A REQ waits for the reply to its last request.
   * @throws {Again} NOBLOCK was given, or sndtimeo ran out
   * @throws {ZMQError} ENOTSUP on a type that does not send, EFSM on a REP that was not asked and, with NOBLOCK, on a REQ
   * that awaits a reply, EHOSTUNREACH on a ROUTER under routerMandatory
   * @example
   * await socket.send('topic', SNDMORE);
   * await socket.send(Uint8Array.of(1, 2, 3));
   */
  send(data: FrameLike, flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /**
   * Receives the next part. Waits at most rcvtimeo; NOBLOCK rejects with Again when nothing is there.
   * @throws {Again} NOBLOCK was given, or rcvtimeo ran out
   * @throws {ZMQError} ENOTSUP on a type that does not receive, EFSM on a REQ that asked nothing and on a REP that has to
   * reply first
   * @example
   * const part = await socket.recv();
   * const frame = await socket.recv(NOBLOCK, { copy: false });
   */
  recv(flags: number | undefined, options: RecvOptions & { copy: false }): Promise<Frame>;
  recv(flags?: number, options?: RecvOptions): Promise<Bytes>;
  /**
   * Sends a whole message, or the rest of one that SNDMORE has begun. Fails as send() does.
   * @example
   * await socket.sendMultipart(['topic', 'body']);
   */
  sendMultipart(parts: FrameLike[], flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /**
   * Receives a whole message, or what recv() has left of one. Fails as recv() does.
   * @example
   * const [topic, body] = await socket.recvMultipart();
   */
  recvMultipart(flags: number | undefined, options: RecvOptions & { copy: false }): Promise<Frame[]>;
  recvMultipart(flags?: number, options?: RecvOptions): Promise<Bytes[]>;
  /**
   * Sends text as one part.
   * @param options.encoding utf-8 (default), ascii, latin1, utf-16le or utf-16be, also as Python writes them
   * @throws {ZMQError} EINVAL for another encoding, and for text that has no place in it
   * @example
   * await socket.sendString('grüezi', 0, { encoding: 'latin1' });
   */
  sendString(text: string, flags?: number, options?: SendOptions & { encoding?: string }): Promise<MessageTracker | undefined>;
  /**
   * Receives a part as text. What is no text in that encoding becomes U+FFFD.
   * @param options.encoding any label of the Encoding Standard, also as Python writes them; default utf-8
   * @throws {ZMQError} EINVAL for an unknown encoding, before a message is taken
   * @example
   * const text = await socket.recvString();
   */
  recvString(flags?: number, options?: CallOptions & { encoding?: string }): Promise<string>;
  /**
   * Sends a value as JSON, as JSON.stringify(value, replacer, space) writes it.
   * @throws {ZMQError} EINVAL for what can't be written
   * @example
   * await socket.sendJson({ city: 'Oslo', degrees: -3.5 });
   */
  sendJson(value: unknown, flags?: number, options?: SendOptions & { replacer?: any; space?: any }): Promise<MessageTracker | undefined>;
  /**
   * Receives a part that is JSON.
   * @throws {ZMQError} EINVAL when it is not; the part is consumed
   * @example
   * const { city, degrees } = await socket.recvJson<{ city: string; degrees: number }>();
   */
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
  /**
   * Sends the parts that a function of the caller's makes. What that throws comes through.
   * @example
   * await socket.sendSerialized(new Date(), (date) => ['date', date.toISOString()]);
   */
  sendSerialized<T>(value: T, serialize: (value: T) => FrameLike[], flags?: number, options?: SendOptions): Promise<MessageTracker | undefined>;
  /**
   * Receives what a function of the caller's makes of a whole message. What that throws comes through; the message is
   * consumed.
   * @example
   * const count = await socket.recvSerialized((parts) => parts.length);
   */
  recvSerialized<T>(deserialize: (parts: Bytes[]) => T, flags?: number, options?: CallOptions): Promise<T>;
  /**
   * REQ, DEALER, CLIENT: sends one message and resolves with its own reply. Any number may be under way at once.
   *
   * On a REQ they take turns. A DEALER puts four octets and an empty part in front, as a REQ under REQ_CORRELATE does, and
   * tells replies by them: REP peers echo both, a ROUTER's application has to. Other messages go to recv(), up to rcvhwm
   * of them while nobody receives; replies that come too late go to nobody. A CLIENT's messages have no room for that:
   * replies are taken in the order of the requests, so its server has to keep that order.
   * @param options.timeout milliseconds; default -1: for ever
   * @throws {Again} no reply came in time
   * @throws {ZMQError} ENOTSUP on another type, EFSM in the middle of a message, and what says that the peer has gone
   * @example
   * const replies = await Promise.all(['a', 'b', 'c'].map((question) => socket.request(question, { timeout: 5000 })));
   */
  request(parts: FrameLike | FrameLike[], options?: CallOptions & { timeout?: number }): Promise<Bytes[]>;

  /**
   * What `bind` does, without a promise: for callers that can't await, such as other languages in wasm.
   * @returns the endpoint bound
   * @throws {ZMQError} as `bind` rejects
   * @example
   * const endpoint = socket.bindSync('inproc://questions');
   */
  bindSync(endpoint: string): string;
  /**
   * What `unbind` does, without a promise.
   * @throws {ZMQError} as `unbind` rejects
   * @example
   * socket.unbindSync('inproc://questions');
   */
  unbindSync(endpoint: string): void;
  /**
   * Sends a message that can be sent at once.
   * @throws {Again} when it would have to wait; otherwise as `sendMultipart` with NOBLOCK rejects
   * @example
   * socket.sendSync(['topic', 'body']);
   */
  sendSync(message: FrameLike | FrameLike[], options?: SendOptions): void;
  /**
   * The next message (or what recv() has left of one), when it is there already.
   * @throws {Again} when there is none; otherwise as `recvMultipart` with NOBLOCK rejects
   * @example
   * const [topic, body] = socket.recvSync().map(String);
   */
  recvSync(): Frame[];

  /**
   * SUB (and XPUB under xpubManual): subscriptions count, so each takes an unsubscribe of its own. '' is every topic.
   * @throws {ZMQError} EINVAL on another type
   * @example
   * socket.subscribe('weather');
   */
  subscribe(topic: FrameLike): void;
  /**
   * Takes one subscription back.
   * @throws {ZMQError} EINVAL on another type
   * @example
   * socket.unsubscribe('weather');
   */
  unsubscribe(topic: FrameLike): void;
  /**
   * DISH: receives what RADIOs send to exactly this group, of at most 15 octets.
   * @throws {ZMQError} EINVAL for a group that can't be or is joined already, ENOTSUP on another type
   * @example
   * socket.join('weather');
   * const frame = await socket.recv(0, { copy: false });
   * console.log(frame.group, frame.toString());
   */
  join(group: string): void;
  /**
   * DISH: leaves a group.
   * @throws {ZMQError} EINVAL when it is not joined, ENOTSUP on another type
   * @example
   * socket.leave('weather');
   */
  leave(group: string): void;

  /**
   * Sets an option by its number.
   * @throws {ZMQError} EINVAL for an unknown option, one that can't be set, and a value out of its range
   * @example
   * socket.setsockopt(SNDHWM, 10);
   */
  setsockopt(option: number, value: OptionValue): void;
  /**
   * Sets an option to encoded text, as setString().
   * @example
   * socket.setsockoptString(ROUTING_ID, 'worker 1');
   */
  setsockoptString(option: number, value: string, encoding?: string): void;
  /**
   * Sets an option to encoded text. Encodings are those of sendString().
   * @throws {ZMQError} EINVAL for an option that is a number
   * @example
   * socket.setString(SUBSCRIBE, 'grün', 'latin1');
   */
  setString(option: number, value: string, encoding?: string): void;
  /**
   * What setsockopt() does.
   * @example
   * socket.set(LINGER, 0);
   */
  set(option: number, value: OptionValue): void;
  /**
   * Reads an option by its number.
   * @throws {ZMQError} EINVAL for an unknown option, and for one that can't be read
   * @example
   * console.log(socket.getsockopt(RCVHWM));
   */
  getsockopt(option: number): OptionValue;
  /**
   * What getsockopt() does.
   * @example
   * console.log(socket.get(LAST_ENDPOINT));
   */
  get(option: number): OptionValue;
  /**
   * Reads an option as text.
   * @throws {ZMQError} EINVAL for an option that is a number
   * @example
   * console.log(socket.getString(ROUTING_ID));
   */
  getString(option: number, encoding?: string): string;

  // Every option of SocketOptions is a property too.
  /**
   * How long queued messages wait for a peer after close(), in milliseconds; -1, the default: for ever.
   * @example
   * socket.linger = 0;
   */
  linger: number;
  /** How many messages wait to be sent to each peer; 0: no limit. Default 1000. @example socket.sndhwm = 10; */
  sndhwm: number;
  /** How many messages of each peer wait to be received; 0: no limit. Default 1000. @example socket.rcvhwm = 10; */
  rcvhwm: number;
  /**
   * How long a send waits, in milliseconds; -1, the default: for ever. Read by each call when it begins.
   * @example
   * socket.sndtimeo = 500;
   */
  sndtimeo: number;
  /**
   * How long a receive waits, in milliseconds; -1, the default: for ever. Read by each call when it begins.
   * @example
   * socket.rcvtimeo = 500;
   */
  rcvtimeo: number;
  /**
   * The name that a ROUTER knows this socket by, at most 255 octets. Set it before connecting; setString() takes
   * text.
   * @example
   * socket.routingId = new TextEncoder().encode('worker 1');
   */
  routingId: Bytes;
  /**
   * Milliseconds before a lost connection is dialled again; -1: never. Default 100.
   * @example
   * socket.reconnectIvl = 1000;
   */
  reconnectIvl: number;
  /**
   * Up to how many milliseconds the pauses between attempts double; 0, the default: they don't.
   * @example
   * socket.reconnectIvlMax = 30_000;
   */
  reconnectIvlMax: number;
  /** The longest part that is accepted from a peer, in octets; -1: no limit. @example socket.maxmsgsize = 1_000_000; */
  maxmsgsize: number;
  /** Milliseconds that a peer's handshake may take; 0: no limit. Default 30000. @example socket.handshakeIvl = 5000; */
  handshakeIvl: number;
  /** Milliseconds between heartbeats; 0, the default: none. @example socket.heartbeatIvl = 5000; */
  heartbeatIvl: number;
  /** How long the peer may wait for our heartbeats, in milliseconds; it is told. @example socket.heartbeatTtl = 15_000; */
  heartbeatTtl: number;
  /** Milliseconds that the answer to a heartbeat may take; -1: heartbeatIvl. @example socket.heartbeatTimeout = 10_000; */
  heartbeatTimeout: number;
  /** Whether messages are only queued for peers that are connected. @example socket.immediate = true; */
  immediate: boolean;
  /** Whether only the last message is kept. @example socket.conflate = true; */
  conflate: boolean;
  /** PUB, XPUB, SUB: whether subscriptions name what is not wanted. @example socket.invertMatching = true; */
  invertMatching: boolean;
  /**
   * ROUTER: whether a message to nobody rejects with EHOSTUNREACH. Write only, as in libzmq: reading throws EINVAL.
   * @example
   * socket.routerMandatory = true;
   */
  routerMandatory: boolean;
  /**
   * ROUTER: whether a new peer takes over the routing id of an old one. Write only.
   * @example
   * socket.routerHandover = true;
   */
  routerHandover: boolean;
  /**
   * REQ, DEALER, ROUTER: whether an empty message goes ahead on each new connection. Write only.
   * @example
   * socket.probeRouter = true;
   */
  probeRouter: boolean;
  /**
   * REQ: whether it may ask again without a reply, which is then dropped. Write only.
   * @example
   * socket.reqRelaxed = true;
   */
  reqRelaxed: boolean;
  /** REQ: whether requests carry numbers that tell late replies. Write only. @example socket.reqCorrelate = true; */
  reqCorrelate: boolean;
  /**
   * XPUB: whether every subscription is received, also of topics that others have subscribed to. Write only.
   * @example
   * socket.xpubVerbose = true;
   */
  xpubVerbose: boolean;
  /** XPUB: as xpubVerbose, and every unsubscription. Write only. @example socket.xpubVerboser = true; */
  xpubVerboser: boolean;
  /**
   * XPUB: whether subscribe() and unsubscribe() decide on the subscription that was received last. Write only.
   * @example
   * socket.xpubManual = true;
   */
  xpubManual: boolean;
  /**
   * PUB, XPUB: whether a send waits for the slowest subscriber, where it would drop. Write only.
   * @example
   * socket.xpubNodrop = true;
   */
  xpubNodrop: boolean;
  /**
   * XPUB: what each new subscriber receives first. Write only.
   * @example
   * socket.xpubWelcomeMsg = new TextEncoder().encode('welcome');
   */
  xpubWelcomeMsg: Bytes;
  /**
   * ROUTER: the name of the peer that the next connect() leads to. Write only.
   * @example
   * socket.connectRoutingId = new TextEncoder().encode('server');
   */
  connectRoutingId: Bytes;
  /**
   * Whether a part is sent even where the browser may cut it into fragments, which libzmq does not take. Default
   * false.
   * @example
   * socket.sendFragmented = true;
   */
  sendFragmented: boolean;
  /**
   * The system's send buffer, in octets: for transports, threads and systems that a page does not have: checked and
   * kept, without effect.
   * @example
   * console.log(socket.sndbuf);
   */
  sndbuf: number;
  /**
   * The system's receive buffer, in octets: for transports, threads and systems that a page does not have: checked
   * and kept, without effect.
   * @example
   * console.log(socket.rcvbuf);
   */
  rcvbuf: number;
  /**
   * The length of the queue of connections: for transports, threads and systems that a page does not have: checked
   * and kept, without effect.
   * @example
   * console.log(socket.backlog);
   */
  backlog: number;
  /**
   * IP type of service: for transports, threads and systems that a page does not have: checked and kept, without
   * effect.
   * @example
   * console.log(socket.tos);
   */
  tos: number;
  /**
   * Whether names are IPv6 addresses as well: for transports, threads and systems that a page does not have: checked
   * and kept, without effect.
   * @example
   * console.log(socket.ipv6);
   */
  ipv6: boolean;
  /**
   * The priority of packets: for transports, threads and systems that a page does not have: checked and kept, without
   * effect.
   * @example
   * console.log(socket.priority);
   */
  priority: number;
  /**
   * Milliseconds for a connection of the system's: for transports, threads and systems that a page does not have:
   * checked and kept, without effect.
   * @example
   * console.log(socket.connectTimeout);
   */
  connectTimeout: number;
  /** TCP keep-alive: without effect in a page. @example console.log(socket.tcpKeepalive); */
  tcpKeepalive: number;
  /** TCP keep-alive: without effect in a page. @example console.log(socket.tcpKeepaliveCnt); */
  tcpKeepaliveCnt: number;
  /** TCP keep-alive: without effect in a page. @example console.log(socket.tcpKeepaliveIdle); */
  tcpKeepaliveIdle: number;
  /** TCP keep-alive: without effect in a page. @example console.log(socket.tcpKeepaliveIntvl); */
  tcpKeepaliveIntvl: number;
  /**
   * TCP's longest retransmission: for transports, threads and systems that a page does not have: checked and kept,
   * without effect.
   * @example
   * console.log(socket.tcpMaxrt);
   */
  tcpMaxrt: number;
  /**
   * Threads that see to the socket: for transports, threads and systems that a page does not have: checked and kept,
   * without effect.
   * @example
   * console.log(socket.affinity);
   */
  affinity: number;
  /**
   * Octets that are read at once: for transports, threads and systems that a page does not have: checked and kept,
   * without effect.
   * @example
   * console.log(socket.inBatchSize);
   */
  inBatchSize: number;
  /**
   * Octets that are written at once: for transports, threads and systems that a page does not have: checked and kept,
   * without effect.
   * @example
   * console.log(socket.outBatchSize);
   */
  outBatchSize: number;
  /**
   * A short way for local connections: for transports, threads and systems that a page does not have: checked and
   * kept, without effect.
   * @example
   * console.log(socket.loopbackFastpath);
   */
  loopbackFastpath: boolean;
  /** Busy polling: without effect in a page. @example console.log(socket.busyPoll); */
  busyPoll: number;
  /** Multicast: without effect in a page. @example console.log(socket.rate); */
  rate: number;
  /** Multicast: without effect in a page. @example console.log(socket.recoveryIvl); */
  recoveryIvl: number;
  /** Multicast: without effect in a page. @example console.log(socket.multicastHops); */
  multicastHops: number;
  /** Multicast: without effect in a page. @example console.log(socket.multicastMaxtpdu); */
  multicastMaxtpdu: number;
  /** Multicast: without effect in a page. @example console.log(socket.multicastLoop); */
  multicastLoop: boolean;
  /**
   * Connections could not go that way here: empty, and refused with EINVAL when it shall be more.
   * @example
   * console.log(socket.socksProxy);
   */
  socksProxy: string;
  /**
   * Connections could not go that way here: empty, and refused with EINVAL when it shall be more.
   * @example
   * console.log(socket.socksUsername);
   */
  socksUsername: string;
  /**
   * Connections could not go that way here: empty, and refused with EINVAL when it shall be more.
   * @example
   * console.log(socket.socksPassword);
   */
  socksPassword: string;
  /**
   * Connections could not go that way here: empty, and refused with EINVAL when it shall be more.
   * @example
   * console.log(socket.bindtodevice);
   */
  bindtodevice: string;
  /**
   * The domain that who decides about peers is told. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.zapDomain);
   */
  zapDomain: string;
  /**
   * Ask peers for a name and a password (PLAIN, RFC 24). Who decides about them is an Authenticator (`zmq-wasm/auth`), or another
   * handler of ZAP's; without one nobody is let in. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.plainServer);
   */
  plainServer: boolean;
  /**
   * The name to tell a PLAIN server; with '' there is to be no PLAIN. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.plainUsername);
   */
  plainUsername: string;
  /**
   * The password to tell a PLAIN server. Whoever carries it can read it. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.plainPassword);
   */
  plainPassword: string;
  /**
   * Be the server of CURVE's two sides (RFC 26), whose key the others know: it needs curveSecretkey. Who has that key is let in,
   * unless an Authenticator (`zmq-wasm/auth`) says otherwise. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.curveServer);
   */
  curveServer: boolean;
  /**
   * This side's public key for CURVE: 40 characters of Z85, or 32 octets. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.curvePublickey);
   */
  curvePublickey: string;
  /**
   * This side's secret key, as curvePublickey. In a page by `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.curveSecretkey);
   */
  curveSecretkey: string;
  /**
   * The public key that the server has to have. It makes this side CURVE's client. In a page by
   * `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.curveServerkey);
   */
  curveServerkey: string;
  /**
   * With CURVE and a zapDomain: refuse peers when there is nobody to decide about them. In a page by
   * `zmq-wasm/secure`, else EINVAL.
   * @example
   * console.log(socket.zapEnforceDomain);
   */
  zapEnforceDomain: boolean;
  /** Whether threads may share the socket: never here. @example console.log(socket.threadSafe); */
  readonly threadSafe: boolean;
  /** The endpoint that was bound or connected last, its port filled in. @example other.connect(socket.lastEndpoint); */
  readonly lastEndpoint: string;
  /**
   * What is ready now: POLLIN, POLLOUT, both or 0.
   * @example
   * if (socket.events & POLLIN) console.log(await socket.recv());
   */
  readonly events: number;
  /** Whether recv() has left parts of a message. @example while (socket.rcvmore) await socket.recv(); */
  readonly rcvmore: boolean;
  /** NULL, PLAIN or CURVE. @example if (socket.mechanism === NULL) console.log('in the open'); */
  readonly mechanism: number;
  /**
   * Resolves with the events that are ready, of those that `flags` names (default POLLIN), or 0 after `timeout`
   * milliseconds (-1, the default: for ever; 0: looks and returns). POLLERR and POLLPRI never happen here.
   * @throws {ZMQError} ENOTSUP on a closed socket
   * @example
   * if ((await socket.poll(1000, POLLIN)) === POLLIN) console.log(await socket.recv());
   */
  poll(timeout?: number, flags?: number, options?: CallOptions): Promise<number>;
  /**
   * Each item is one whole message. Ends when the socket closes. Leaving the loop takes no message.
   * @throws {Again} rcvtimeo ran out
   * @example
   * for await (const [topic, body] of socket) console.log(topic, body);
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Bytes[]>;
  /**
   * Whole messages. Each is taken from the socket when it is read, so that rcvhwm holds senders back. Ends when the socket
   * closes, and fails where recvMultipart() does. Cancelling it takes no message and leaves the socket open; the property
   * then has a new stream.
   * @example
   * const { value } = await socket.readable.getReader().read();
   */
  readonly readable: ReadableStream<Bytes[]>;
  /**
   * Takes parts, or lists of parts: whole messages. It is ready for another when the socket has taken the last (sndhwm), and
   * fails where sendMultipart() does. Closing it leaves the socket open, aborting it does not send what waits; the property
   * then has a new stream.
   * @example
   * await context.socket(PULL).readable.pipeTo(socket.writable);
   */
  readonly writable: WritableStream<FrameLike | FrameLike[]>;

  /**
   * Tells what happens to connections and endpoints, from now on and as far as the mask `events` has it (EVENT_LISTENING |
   * EVENT_ACCEPTED …; EVENT_ALL). Any number of monitors may listen; each keeps the newest 1,000 events that nobody has read,
   * and ends by close(), by leaving its loop, or after 'monitor_stopped' when the socket closes. All events also reach
   * addEventListener under their names ('connected', 'disconnected', 'handshake_succeeded', …) as a SocketEvent.
   * @throws {ZMQError} EINVAL for what is no mask, ENOTSOCK when the socket is closed
   * @example
   * for await (const { name, endpoint, value } of socket.monitor(EVENT_CONNECTED | EVENT_DISCONNECTED)) {
   *   console.log(name, endpoint, value);
   * }
   * @example
   * socket.addEventListener('disconnected', (event) => console.log((event as SocketEvent).detail.value));
   */
  monitor(events?: number): AsyncIterable<MonitorEvent> & { close(): void };

  /**
   * Queued messages get `linger` milliseconds (default: the option's); pending calls reject with ZMQError code 'ECANCELED'.
   * Safe to call twice.
   * @example
   * socket.close(0);
   */
  close(linger?: number): void;
  /**
   * close(). There where the runtime has Symbol.dispose.
   * @example
   * using own = context.socket(PUSH);
   */
  [Symbol.dispose](): void;
  /**
   * close(), and waits until what lingers is gone. There where the runtime has Symbol.asyncDispose.
   * @example
   * await using own = context.socket(PUSH);
   */
  [Symbol.asyncDispose](): Promise<void>;
}

// ---- Poller -------------------------------------------------------------------------------------

/**
 * Waits for events on several sockets.
 * @example
 * const poller = new Poller();
 * poller.register(socket, POLLIN);
 * for (const [ready, events] of await poller.poll(1000)) console.log(events, await ready.recv());
 */
export class Poller {
  /**
   * What is registered, with its flags, in the order of registration.
   * @example
   * for (const [socket] of poller.sockets) poller.unregister(socket);
   */
  readonly sockets: ReadonlyArray<[Socket, number]>;
  /**
   * Adds a socket, or changes its flags: POLLIN | POLLOUT unless told. Flags 0 unregister it.
   * @example
   * poller.register(socket, POLLIN);
   */
  register(socket: Socket, flags?: number): void;
  /**
   * Changes the flags of a registered socket.
   * @throws {ZMQError} EINVAL when it is not registered
   * @example
   * poller.modify(socket, POLLIN | POLLOUT);
   */
  modify(socket: Socket, flags: number): void;
  /**
   * Removes a registered socket.
   * @throws {ZMQError} EINVAL when it is not registered
   * @example
   * poller.unregister(socket);
   */
  unregister(socket: Socket): void;
  /**
   * Resolves with the sockets registered now that are ready, and their events; with [] after `timeout` milliseconds (-1, the
   * default: for ever; 0: looks and returns). Any number of calls may wait, also on the same sockets.
   * @throws {ZMQError} ECANCELED when one of the sockets is closed meanwhile, ENOTSOCK when one is closed already
   * @example
   * for (const [ready] of await poller.poll(1000)) console.log(await ready.recvMultipart());
   */
  poll(timeout?: number, options?: CallOptions): Promise<Array<[Socket, number]>>;
}

// ---- Frame, MessageTracker ----------------------------------------------------------------------

/**
 * One part of a message, with what is known of the peer it came from.
 * @example
 * const frame = await socket.recv(0, { copy: false });
 * console.log(frame.toString(), frame.more, frame.get('Peer-Address'));
 */
export class Frame {
  /**
   * A frame with a copy of `data`. With `track`, it has a tracker that is done when the frame was sent and its memory is no
   * longer needed.
   * @example
   * const frame = new Frame('text', { track: true });
   */
  constructor(data?: FrameLike, options?: { track?: boolean; more?: boolean });
  /** The octets, not copied. @example console.log(frame.bytes[0]); */
  readonly bytes: Bytes;
  /**
   * The octets as an ArrayBuffer of just their length: a copy, where they are a part of a larger one.
   * @example
   * const numbers = new Float32Array(frame.buffer);
   */
  readonly buffer: ArrayBuffer;
  /** The number of octets. @example if (frame.length === 0) console.log('empty'); */
  readonly length: number;
  /** Whether the message goes on behind this part. @example while ((await socket.recv(0, { copy: false })).more); */
  readonly more: boolean;
  /**
   * Where `track` was given.
   * @example
   * await frame.tracker?.wait();
   */
  readonly tracker: MessageTracker | undefined;
  /** The peer that a SERVER or PEER received from, and sends to. 0: none. @example frame.routingId = 7; */
  routingId: number;
  /** The group that a DISH received by, and a RADIO sends to. @example frame.group = 'news'; */
  group: string;
  /**
   * Metadata of the peer that sent it: 'Socket-Type', 'Identity', 'Peer-Address', 'User-Id', and the application's own X-
   * properties. Upper and lower case are the same.
   * @example
   * console.log(frame.get('Socket-Type'));
   */
  get(property: string): string | undefined;
  /**
   * Sets an X- property, or 'routing_id' or 'group', as pyzmq has it.
   * @throws {ZMQError} EINVAL for another property
   * @example
   * frame.set('X-Received', Date.now());
   */
  set(property: string, value: string | number): void;
  /**
   * The octets as text, by the encodings of recvString().
   * @example
   * console.log(frame.toString('latin1'));
   */
  toString(encoding?: string): string;
}

/**
 * Tells when a sent message's memory is no longer needed: at once where it was copied; with `copy: false` when it has
 * left by a WebSocket, reached its receiver by `inproc://`, or was dropped.
 * @example
 * const tracker = await socket.send(new Uint8Array(1_000_000), 0, { copy: false, track: true });
 * await tracker?.wait(1000);
 */
export class MessageTracker {
  /**
   * Watches several at once.
   * @throws {ZMQError} EINVAL for what is not tracked
   * @example
   * const all = new MessageTracker(tracker, new Frame('x', { track: true }));
   */
  constructor(...towatch: Array<MessageTracker | Frame>);
  /** Whether the transport needs none of the memory any more. @example if (tracker.done) console.log('sent'); */
  readonly done: boolean;
  /**
   * Waits until it is done, at most `timeout` milliseconds (-1, the default: for ever).
   * @throws {NotDone} when the time runs out
   * @example
   * await tracker.wait(1000);
   */
  wait(timeout?: number): Promise<void>;
}

// ---- Errors -------------------------------------------------------------------------------------

/**
 * An error with libzmq's code and number.
 * @example
 * await socket.send('x').catch((error: ZMQError) => console.log(error.code, error.errno, error.message));
 */
export class ZMQError extends Error {
  /**
   * 'EFSM', 'EINVAL', 'ENOTSUP', 'EHOSTUNREACH', …
   * @example
   * const isOver = (error: ZMQError) => error.code === 'ECANCELED';
   */
  readonly code: string;
  /** libzmq's number of that code. @example const number = (error: ZMQError) => error.errno; */
  readonly errno: number;
}
/**
 * EAGAIN: NOBLOCK was given, or a time-out ran out.
 * @example
 * const part = await socket.recv(NOBLOCK).catch((error) => (error instanceof Again ? undefined : Promise.reject(error)));
 */
export class Again extends ZMQError {}
/**
 * ETERM: the context was terminated.
 * @example
 * const isEnd = (error: unknown) => error instanceof ContextTerminated;
 */
export class ContextTerminated extends ZMQError {}
/**
 * EAGAIN: what a MessageTracker watches is still in use.
 * @example
 * await tracker.wait(0).catch((error) => console.log(error instanceof NotDone));
 */
export class NotDone extends ZMQError {}
/**
 * An endpoint could not be bound.
 * @example
 * await socket.bind('inproc://taken').catch((error) => console.log(error instanceof ZMQBindError));
 */
export class ZMQBindError extends ZMQError {}

// ---- Functions ----------------------------------------------------------------------------------

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

/**
 * How `z85` is typed.
 * @example
 * const codec: Z85 = z85;
 */
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
 * A new pair of keys for CURVE, each 40 characters of Z85. In a page it is in `zmq-wasm/secure`; in `zmq-wasm` it throws ZMQError
 * ENOTSUP there, and has('curve') is false.
 * @example
 * if (has('curve')) console.log(curveKeypair().publicKey);
 */
export function curveKeypair(): { publicKey: string; secretKey: string };
/**
 * The public key that belongs to a secret one, as curveKeypair() makes them. Where it is not there, as curveKeypair().
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
 * Whom bind() lets in. Who is refused is an `accept_failed` event with the reason.
 * @example
 * await socket.bind('ws://*:5555/feed', {
 *   origins: ['https://app.example'],
 *   maxConnections: 1000,
 *   authorize: (request) => new URL(request.url).searchParams.get('token') === 'secret',
 * });
 */
export interface ListenOptions {
  /**
   * `ws://`: pages of these origins may connect, beside those of the same host: as browsers write them, `https://app.example`, or `app.example` for any scheme and port; `null` and
   * `file://` are those of files and sandboxes, `*` is any. Without this, a request with the header `Origin` is let in if its host is
   * that of the header `Host`, whatever the ports; from this machine itself, only if both name this machine (`localhost`, `127.0.0.1`,
   * `[::1]`). Behind a proxy, list what the pages' origins are. What has no `Origin` comes from no browser, and is let in.
   */
  origins?: string | Iterable<string>;
  /** The most connections, 16,384 by default. In Deno and Bun, `ws://` counts WebSockets, elsewhere connections. */
  maxConnections?: number;
  /** The same from one address: 1,024 by default, and any number from this machine's own, where a proxy may be. */
  maxConnectionsPerAddress?: number;
  /** `ws://`: the longest message part, in octets, where MAXMSGSIZE sets no limit: 64 MiB by default, Infinity for any. Who sends more is cut off. */
  maxMsgSize?: number;
  /**
   * `ws://`: decides about each request, by its path, query and headers, before there is a WebSocket: true lets it in, a Response is
   * the answer to it, anything else is 403. It may take its time, of which HANDSHAKE_IVL is the limit.
   */
  authorize?(request: Request, peer: { peerAddress: string }): boolean | Response | Promise<boolean | Response>;
}
/**
 * The sub-protocol to answer a client with that offers these: the first that is known, as libzmq does. upgrade() and bind() do it
 * themselves; it is for servers of yours that accept WebSockets.
 * @param offered the header Sec-WebSocket-Protocol of the request
 * @example
 * console.log(chooseProtocol('chat, ZWS2.0/NULL, ZWS2.0')); // 'ZWS2.0/NULL'
 */
export function chooseProtocol(offered: string | null | undefined): string | undefined;

/**
 * For `Bun.serve({ fetch, websocket })`, whose handlers are for all WebSockets of a server: those of upgrade(). They leave alone
 * what other WebSockets have as `data`. Empty in other runtimes.
 * @example
 * const settings = { websocket: { ...websocket, maxPayloadLength: 1_000_000 } };
 */
export const websocket: BunWebSocketHandlers;

/**
 * What {@link websocket} is, in the terms of Bun's `WebSocketHandler`.
 * @example
 * const handlers: BunWebSocketHandlers = { ...websocket, maxPayloadLength: 1_000_000 };
 */
export interface BunWebSocketHandlers {
  /** The longest WebSocket message, in octets: one more than the longest part. */
  maxPayloadLength?: number;
  /** 0: Bun drops nothing, for the socket watches what is unsent, and holds SNDHWM messages behind that. */
  backpressureLimit?: number;
  /** false: ZeroMQ's peers don't compress. */
  perMessageDeflate?: boolean;
  /** A WebSocket is open. */
  open(webSocket: any): void;
  /** A message has come. */
  message(webSocket: any, data: any): void;
  /** A heartbeat has been answered. */
  pong(webSocket: any): void;
  /** A WebSocket is gone. */
  close(webSocket: any, code: number, reason: string): void;
}

/**
 * Whether this runtime can connect by a scheme ('ws', 'inproc', …), or has a mechanism ('null', 'curve', …), or 'draft': the draft
 * socket types. In upper or lower case.
 * @example
 * if (!has('ws')) console.error('this runtime has no WebSocket');
 */
export function has(capability: string): boolean;
/**
 * What this runtime can do: the schemes it can connect to and bind, and the security mechanisms. `runtime` is 'page', 'worker',
 * 'shared-worker', 'service-worker', 'node', 'deno', 'bun', 'workerd' or 'unknown'.
 *
 * What is not listed is refused with EPROTONOSUPPORT. Most often it is a page that is asked for `tcp://`: browsers reach `ws://`
 * and `wss://` only. Let the service bind `ws://` as well, which libzmq 4.3.5 can where it is built with its draft WebSocket
 * transport, and zmq-wasm in Rust always; or put a proxy before it, of a socket that binds `ws://` and one that speaks `tcp://`.
 * @example
 * capabilities(); // { runtime: 'page', connect: ['port', 'ws', 'wss', 'inproc'], bind: ['port', 'inproc'], mechanisms: ['NULL'] }
 */
export function capabilities(): { runtime: string; connect: string[]; bind: string[]; mechanisms: string[] };


// ---- Interfaces ---------------------------------------------------------------------------------

/**
 * What leads to another thread: a Worker, a SharedWorker, a MessagePort, a dedicated worker's global object; also a Worker or
 * MessagePort of Node's `worker_threads`.
 * @example
 * const thread: ThreadPort = new MessageChannel().port1;
 * socket.connect('port:feed', { port: thread });
 */
export type ThreadPort = { postMessage(message: any, transfer: any): void } | { readonly port: MessagePort };

/**
 * What a monitor tells.
 * @example
 * socket.addEventListener('connected', (event) => console.log((event as SocketEvent).detail.endpoint));
 */
export interface MonitorEvent {
  /** One of the EVENT_ constants. */
  event: number;
  /** Its name: 'connected' for EVENT_CONNECTED. */
  name: string;
  /** What is said beside: milliseconds until the next attempt, or the reason. */
  value: number | string;
  /** The endpoint that was bound or connected to. */
  endpoint: string;
  /** The peer, where it is known. */
  peer?: { address: string; routingId: Bytes; properties: Record<string, string> };
}

/**
 * What addEventListener gets.
 * @example
 * socket.addEventListener('disconnected', (event) => console.log((event as SocketEvent).detail.value));
 */
export interface SocketEvent extends Event {
  /** The monitor's event. */
  readonly detail: MonitorEvent;
}

/**
 * A WebSocket, of whatever runtime.
 * @example
 * const webSocket: WebSocketLike = new WebSocket('ws://localhost:5555');
 */
export interface WebSocketLike {
  /** As in the web's WebSocket, like all of these. */
  binaryType: string;
  /** 1: open. */
  readyState: number;
  /** Octets that are not sent yet. */
  bufferedAmount?: number;
  /** The sub-protocol that was chosen. */
  protocol?: string;
  /** Sends a message. */
  send(data: any): void;
  /** Begins to close. */
  close(code?: number, reason?: string): void;
  /** Hears of messages, and of the end. */
  addEventListener(type: string, listener: (event: any) => void): void;
}

/**
 * Options by name. Each is told of at the property of Socket that has its name.
 * @example
 * const options: Partial<SocketOptions> = { linger: 0, routingId: 'worker 1' };
 */
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

// ---- Constants ----------------------------------------------------------------------------------
// Constants carry libzmq's numbers.
/**
 * Types of sockets.
 * @example
 * const socket = context.socket(DEALER);
 */
export const PAIR: 0, PUB: 1, SUB: 2, REQ: 3, REP: 4, DEALER: 5, ROUTER: 6, PULL: 7, PUSH: 8, XPUB: 9, XSUB: 10,
  SERVER: 12, CLIENT: 13, RADIO: 14, DISH: 15, GATHER: 16, SCATTER: 17, PEER: 19, CHANNEL: 20;
/**
 * Types that are not supported: context.socket() refuses them with EINVAL.
 * @example
 * console.log(STREAM, DGRAM); // 11 18
 */
export const STREAM: 11, DGRAM: 18;
/**
 * Events, for poll() and Poller.
 * @example
 * console.log(await socket.poll(0, POLLIN | POLLOUT));
 */
export const POLLIN: 1, POLLOUT: 2, POLLERR: 4, POLLPRI: 8;
/**
 * Flags of sends and receives.
 * @example
 * await socket.send('first part', NOBLOCK | SNDMORE);
 */
export const NOBLOCK: 1, DONTWAIT: 1, SNDMORE: 2;
/**
 * Options of a socket.
 * @example
 * socket.setsockopt(LINGER, 0);
 */
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
/**
 * The protocol of the pickles that are sent: Python's default.
 * @example
 * await socket.sendPyobj(['x'], 0, DEFAULT_PROTOCOL);
 */
export const DEFAULT_PROTOCOL: 4;
/**
 * Mechanisms, and values of ROUTER_NOTIFY and RECONNECT_STOP.
 * @example
 * if (socket.mechanism === NULL) console.log('in the open');
 */
export const NULL: 0, PLAIN: 1, CURVE: 2, NOTIFY_CONNECT: 1, NOTIFY_DISCONNECT: 2, RECONNECT_STOP_CONN_REFUSED: 1,
  RECONNECT_STOP_HANDSHAKE_FAILED: 2, RECONNECT_STOP_AFTER_DISCONNECT: 4;
/**
 * Options of a context.
 * @example
 * context.set(MAX_SOCKETS, 10);
 */
export const IO_THREADS: 1, MAX_SOCKETS: 2, SOCKET_LIMIT: 3, THREAD_PRIORITY: 3, THREAD_SCHED_POLICY: 4, MAX_MSGSZ: 5, MSG_T_SIZE: 6,
  THREAD_AFFINITY_CPU_ADD: 7, THREAD_AFFINITY_CPU_REMOVE: 8, THREAD_NAME_PREFIX: 9, ZERO_COPY_RECV: 10, BLOCKY: 70;
/**
 * Events of the monitor.
 * @example
 * const monitor = socket.monitor(EVENT_CONNECTED | EVENT_DISCONNECTED);
 */
export const EVENT_CONNECTED: 1, EVENT_CONNECT_DELAYED: 2, EVENT_CONNECT_RETRIED: 4, EVENT_LISTENING: 8, EVENT_BIND_FAILED: 16,
  EVENT_ACCEPTED: 32, EVENT_ACCEPT_FAILED: 64, EVENT_CLOSED: 128, EVENT_CLOSE_FAILED: 256, EVENT_DISCONNECTED: 512, EVENT_MONITOR_STOPPED: 1024,
  EVENT_HANDSHAKE_FAILED_NO_DETAIL: 2048, EVENT_HANDSHAKE_SUCCEEDED: 4096, EVENT_HANDSHAKE_FAILED_PROTOCOL: 8192, EVENT_HANDSHAKE_FAILED_AUTH: 16384, EVENT_PIPES_STATS: 65536,
  EVENT_ALL: 65535, EVENT_ALL_V1: 65535, EVENT_ALL_V2: 131071;
/**
 * Errors' numbers, as on Linux.
 * @example
 * await socket.recv(NOBLOCK).catch((error: ZMQError) => console.log(error.errno === EAGAIN));
 */
export const ENOENT: 2, EAGAIN: 11, EACCES: 13, EFAULT: 14, EINVAL: 22, EMFILE: 24, ENOTSOCK: 88, EMSGSIZE: 90,
  EPROTONOSUPPORT: 93, ENOTSUP: 95, EADDRINUSE: 98, EADDRNOTAVAIL: 99, ECONNRESET: 104, EHOSTUNREACH: 113, ECANCELED: 125,
  EFSM: 156384763, ENOCOMPATPROTO: 156384764, ETERM: 156384765, EMTHREAD: 156384766;
