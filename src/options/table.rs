//! The table of options: libzmq's numbers, what each takes, which sockets have it, and what it is at first.

use crate::socket_type::SocketType;

/// What a value may be. An octet for each option, and no more: the table is downloaded with every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A number of 32 bits.
    Any,
    /// -1, which often stands for none, or a number of no less than 0.
    FromMinusOne,
    FromZero,
    FromOne,
    /// 0 or 1.
    Flag,
    /// 0, 1, or -1 for what the system has.
    FlagOrDefault,
    /// 0 to 3.
    TwoBits,
    /// Milliseconds that make 16 bits of tenths of a second. libzmq rounds towards 0, so that -99 is one too.
    Ttl,
    /// A number of 64 bits.
    Long,
    /// 0 is false, any other number is true.
    Truth,
    /// 0 is false, any positive number is true.
    TruthFromZero,
    /// 0, and 1 where there is security.
    SecurityFlag,
    /// No number: what it asks for is not here.
    NoNumber,
    /// Any octets.
    Octets,
    /// 1 to 255 octets.
    Id,
    /// 0 is false, any other number is true, where there is security.
    SecurityTruth,
    /// At most 255 octets, where there is security.
    Credential,
    /// 1 to 255 octets, where there is security.
    Domain,
    /// A key of CURVE's, where there is security.
    Key,
    /// `X-name:value`.
    Property,
    /// No octets, because what any would ask for is not here.
    Empty,
    /// Not even none: what it asks for is not here.
    NoOctets,
}

/// Which sockets can set it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    All,
    Req,
    /// REP is a ROUTER too.
    Routers,
    /// Those that may meet a ROUTER.
    Probers,
    Pubs,
    PubsAndRadio,
    Subs,
    PubsAndXsub,
    Xsub,
}

/// What the library knows of an option.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) option: SocketOption,
    pub(crate) default: i16,
    pub(crate) kind: Kind,
    rights: u8,
    who: Who,
}

impl Row {
    pub(crate) fn can_read(&self) -> bool {
        self.rights & R != 0
    }

    pub(crate) fn can_write(&self) -> bool {
        self.rights & W != 0
    }

    pub(crate) fn is_of(&self, socket_type: SocketType) -> bool {
        use SocketType::{Dealer, Pub, Radio, Rep, Req, Router, Sub, Xpub, Xsub};
        match self.who {
            Who::All => true,
            Who::Req => socket_type == Req,
            Who::Routers => matches!(socket_type, Router | Rep),
            Who::Probers => matches!(socket_type, Router | Rep | Dealer | Req),
            Who::Pubs => matches!(socket_type, Pub | Xpub),
            Who::PubsAndRadio => matches!(socket_type, Pub | Xpub | Radio),
            Who::Subs => matches!(socket_type, Pub | Xpub | Sub),
            Who::PubsAndXsub => matches!(socket_type, Pub | Xpub | Xsub),
            Who::Xsub => socket_type == Xsub,
        }
    }
}

const R: u8 = 1;
const W: u8 = 2;
const RW: u8 = R | W;

macro_rules! options {
    (
        $($(#[$doc:meta])* $name:ident = $number:literal $text:literal $rights:ident $kind:ident, $default:literal, $who:ident;)+
        @security
        $($(#[$guard:meta])* $extra:ident = $no:literal $called:literal $may:ident $of:ident, $first:literal;)+
    ) => {
        /// The options, with libzmq's numbers.
        ///
        /// ```
        /// use zmq_wasm::SocketOption;
        ///
        /// assert_eq!(SocketOption::RcvHwm as i32, 24);
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum SocketOption {
            $($(#[$doc])* $name = $number,)+
            $(#[cfg(feature = "security")] $(#[$guard])* $extra = $no,)+
        }

        pub(crate) const TABLE: &[Row] = &[$(Row {
            option: SocketOption::$name,
            default: $default,
            kind: Kind::$kind,
            rights: $rights,
            who: Who::$who,
        },)+
        $(#[cfg(feature = "security")] Row {
            option: SocketOption::$extra,
            default: $first,
            kind: Kind::$of,
            rights: $may,
            who: Who::All,
        },)+];

        impl SocketOption {
            /// libzmq's name, without the `ZMQ_`.
            ///
            /// ```
            /// # use zmq_wasm::SocketOption;
            /// assert_eq!(SocketOption::RcvHwm.name(), "RCVHWM");
            /// ```
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    $(#[cfg(feature = "security")] Self::$extra => $called,)+
                }
            }
        }
    };
}

/// How many options there are.
pub(crate) const COUNT: usize = TABLE.len();

/// Where an option stands in the table.
pub(crate) const fn index(option: SocketOption) -> usize {
    let mut at = 0;
    while TABLE[at].option as i32 != option as i32 {
        at += 1;
    }
    at
}

impl SocketOption {
    /// The option with libzmq's number.
    ///
    /// ```
    /// # use zmq_wasm::SocketOption;
    /// assert_eq!(SocketOption::from_number(17), Some(SocketOption::Linger));
    /// ```
    pub fn from_number(number: i32) -> Option<Self> {
        TABLE.iter().map(|row| row.option).find(|option| *option as i32 == number)
    }

    pub(crate) fn row(self) -> &'static Row {
        &TABLE[index(self)]
    }
}

options! {
    /// Which I/O threads may serve the socket. There are none, so that it has no effect.
    Affinity = 4 "AFFINITY" RW Long, 0, All;
    /// The name a ROUTER knows this socket by: 1 to 255 octets.
    RoutingId = 5 "ROUTING_ID" RW Id, 0, All;
    /// Subscribe to a topic (SUB; XPUB under XPUB_MANUAL). Write only. Set before there is a socket, it is
    /// the first subscription of a SUB.
    Subscribe = 6 "SUBSCRIBE" W Octets, 0, Subs;
    /// Take a subscription back. Write only.
    Unsubscribe = 7 "UNSUBSCRIBE" W Octets, 0, Subs;
    /// Kilobits per second of a multicast. Kept, without effect: there is no such transport.
    Rate = 8 "RATE" RW FromOne, 100, All;
    /// Milliseconds a multicast can be recovered for. Kept, without effect.
    RecoveryIvl = 9 "RECOVERY_IVL" RW FromZero, 10_000, All;
    /// Octets of the system's buffer for sending, per connection; -1: as the system has it. Native only;
    /// elsewhere it is kept, without effect, as are all those that say so.
    SndBuf = 11 "SNDBUF" RW FromMinusOne, -1, All;
    /// Octets of the system's buffer for receiving, per connection; -1: as the system has it. Native only.
    RcvBuf = 12 "RCVBUF" RW FromMinusOne, -1, All;
    /// Whether more parts of the message received last are to come. Read only.
    RcvMore = 13 "RCVMORE" R Flag, 0, All;
    /// POLLIN and POLLOUT, as they are now. Read only.
    Events = 15 "EVENTS" R TwoBits, 0, All;
    /// The socket's type. Read only.
    Type = 16 "TYPE" R FromZero, 0, All;
    /// Milliseconds that a closed socket goes on to send what is queued; -1 for ever.
    Linger = 17 "LINGER" RW FromMinusOne, -1, All;
    /// Milliseconds to the first try to reconnect; -1 never.
    ReconnectIvl = 18 "RECONNECT_IVL" RW FromMinusOne, 100, All;
    /// How many connections may wait to be accepted. Native only.
    Backlog = 19 "BACKLOG" RW FromZero, 100, All;
    /// Milliseconds that the doubling pause between tries may reach; 0: no doubling.
    ReconnectIvlMax = 21 "RECONNECT_IVL_MAX" RW FromZero, 0, All;
    /// The longest frame to accept, in octets; below 0 any.
    MaxMsgSize = 22 "MAXMSGSIZE" RW Long, -1, All;
    /// How many messages may be queued to one peer; 0 any number.
    SndHwm = 23 "SNDHWM" RW FromZero, 1000, All;
    /// How many messages may be queued from one peer; 0 any number.
    RcvHwm = 24 "RCVHWM" RW FromZero, 1000, All;
    /// How far a multicast goes. Kept, without effect.
    MulticastHops = 25 "MULTICAST_HOPS" RW FromOne, 1, All;
    /// Milliseconds a receive waits; -1 for ever.
    RcvTimeo = 27 "RCVTIMEO" RW FromMinusOne, -1, All;
    /// Milliseconds a send waits; -1 for ever.
    SndTimeo = 28 "SNDTIMEO" RW FromMinusOne, -1, All;
    /// The endpoint bound or connected last. Read only.
    LastEndpoint = 32 "LAST_ENDPOINT" R Octets, 0, All;
    /// ROUTER: fail with EHOSTUNREACH instead of dropping. Write only.
    RouterMandatory = 33 "ROUTER_MANDATORY" W TruthFromZero, 0, Routers;
    /// Whether TCP looks after idle connections: 1, 0, or -1 as the system has it. Native only.
    TcpKeepalive = 34 "TCP_KEEPALIVE" RW FlagOrDefault, -1, All;
    /// How many unanswered probes end a connection; -1: as the system has it. With TCP_KEEPALIVE only.
    TcpKeepaliveCnt = 35 "TCP_KEEPALIVE_CNT" RW FromMinusOne, -1, All;
    /// Seconds of silence before the first probe; -1: as the system has it. With TCP_KEEPALIVE only.
    TcpKeepaliveIdle = 36 "TCP_KEEPALIVE_IDLE" RW FromMinusOne, -1, All;
    /// Seconds between probes; -1: as the system has it. With TCP_KEEPALIVE only.
    TcpKeepaliveIntvl = 37 "TCP_KEEPALIVE_INTVL" RW FromMinusOne, -1, All;
    /// Queue only to connections that are up.
    Immediate = 39 "IMMEDIATE" RW Flag, 0, All;
    /// XPUB: give the application every subscription, not just the first of its topic. Write only.
    XpubVerbose = 40 "XPUB_VERBOSE" W TruthFromZero, 0, Pubs;
    /// Whether host names may stand for IPv6 addresses, and `*` for those of both kinds. An IPv6 address
    /// written as such needs no option. Native only.
    Ipv6 = 42 "IPV6" RW Flag, 0, All;
    /// The security mechanism that the options below ask for: NULL (0), PLAIN (1) or CURVE (2). Read only.
    Mechanism = 43 "MECHANISM" R FromZero, 0, All;
    /// Ask peers for a name and a password (PLAIN).
    PlainServer = 44 "PLAIN_SERVER" RW SecurityFlag, 0, All;
    /// The name to tell a PLAIN server; empty: there is to be no PLAIN.
    PlainUsername = 45 "PLAIN_USERNAME" RW Credential, 0, All;
    /// The password to tell a PLAIN server; empty: there is to be no PLAIN.
    PlainPassword = 46 "PLAIN_PASSWORD" RW Credential, 0, All;
    /// Be the server of CURVE's two sides: the one whose key the other knows. It needs CURVE_SECRETKEY.
    CurveServer = 47 "CURVE_SERVER" RW SecurityFlag, 0, All;
    /// The public key of this side: 32 octets, or 40 characters of Z85, in which it is read.
    CurvePublicKey = 48 "CURVE_PUBLICKEY" RW Key, 0, All;
    /// The secret key of this side, as CURVE_PUBLICKEY.
    CurveSecretKey = 49 "CURVE_SECRETKEY" RW Key, 0, All;
    /// The public key that the server has to have, as CURVE_PUBLICKEY. It makes this side CURVE's client.
    CurveServerKey = 50 "CURVE_SERVERKEY" RW Key, 0, All;
    /// Greet each new ROUTER peer with an empty message. Write only.
    ProbeRouter = 51 "PROBE_ROUTER" W TruthFromZero, 0, Probers;
    /// REQ: prefix each request with a number and take only the reply that carries it. Write only.
    ReqCorrelate = 52 "REQ_CORRELATE" W TruthFromZero, 0, Req;
    /// REQ: a new request may be sent before the reply to the last. Write only.
    ReqRelaxed = 53 "REQ_RELAXED" W TruthFromZero, 0, Req;
    /// Keep only the newest message of each queue.
    Conflate = 54 "CONFLATE" RW Flag, 0, All;
    /// The domain that whoever decides about peers is told. With NULL, nobody is asked
    /// where there is none.
    ZapDomain = 55 "ZAP_DOMAIN" RW Domain, 0, All;
    /// ROUTER: a new peer takes over the routing id of an older one. Write only.
    RouterHandover = 56 "ROUTER_HANDOVER" W TruthFromZero, 0, Routers;
    /// The type-of-service octet of each packet. Native only.
    Tos = 57 "TOS" RW FromZero, 0, All;
    /// ROUTER: the routing id for the peer of the next connect. Write only.
    ConnectRoutingId = 61 "CONNECT_ROUTING_ID" W Id, 0, Routers;
    /// Milliseconds a handshake may take; 0 any time.
    HandshakeIvl = 66 "HANDSHAKE_IVL" RW FromZero, 30_000, All;
    /// `host:port` of a SOCKS5 proxy to connect through; empty: none. Native only; elsewhere it stays empty.
    SocksProxy = 68 "SOCKS_PROXY" RW Empty, 0, All;
    /// XPUB, PUB, RADIO: wait instead of dropping when a subscriber's queue is full. Write only.
    XpubNodrop = 69 "XPUB_NODROP" W TruthFromZero, 0, PubsAndRadio;
    /// XPUB: the application answers each subscription by SUBSCRIBE. Write only.
    XpubManual = 71 "XPUB_MANUAL" W TruthFromZero, 0, Pubs;
    /// XPUB: a message to each new subscriber. Write only.
    XpubWelcomeMsg = 72 "XPUB_WELCOME_MSG" W Octets, 0, Pubs;
    /// PUB, XPUB, SUB: match where topics do not match.
    InvertMatching = 74 "INVERT_MATCHING" RW Truth, 0, All;
    /// Milliseconds between heartbeats; 0: none.
    HeartbeatIvl = 75 "HEARTBEAT_IVL" RW FromZero, 0, All;
    /// Milliseconds after which the peer shall give us up, less what is no full tenth of a second: which is
    /// why libzmq lets -99 stand for 0. RFC 37 has 16 bits for the tenths.
    HeartbeatTtl = 76 "HEARTBEAT_TTL" RW Ttl, 0, All;
    /// Milliseconds to wait for an answer to a heartbeat; -1, as it is at first: as HEARTBEAT_IVL.
    HeartbeatTimeout = 77 "HEARTBEAT_TIMEOUT" RW FromZero, -1, All;
    /// XPUB: like XPUB_VERBOSE, and every unsubscription too. Write only.
    XpubVerboser = 78 "XPUB_VERBOSER" W TruthFromZero, 0, Pubs;
    /// Milliseconds a connection may take to come about; 0: as long as the system tries. Native only.
    ConnectTimeout = 79 "CONNECT_TIMEOUT" RW FromZero, 0, All;
    /// Milliseconds that sent octets may stay without acknowledgement; 0: as the system has it. Native only.
    TcpMaxRt = 80 "TCP_MAXRT" RW FromZero, 0, All;
    /// Whether it is of a type that threads may share in libzmq, as those of its drafts are. Read only.
    ThreadSafe = 81 "THREAD_SAFE" R Flag, 0, All;
    /// The longest datagram of a multicast. Kept, without effect.
    MulticastMaxTpdu = 84 "MULTICAST_MAXTPDU" RW FromOne, 1500, All;
    /// The network interface that everything goes through; empty: any. Native only; elsewhere it stays empty.
    BindToDevice = 92 "BINDTODEVICE" RW Empty, 0, All;
    /// CURVE, with a ZAP_DOMAIN: refuse peers when there is nobody to decide about them.
    ZapEnforceDomain = 93 "ZAP_ENFORCE_DOMAIN" RW SecurityTruth, 0, All;
    /// A short cut of Windows for connections within one machine. Kept, without effect.
    LoopbackFastpath = 94 "LOOPBACK_FASTPATH" RW Truth, 0, All;
    /// A property for every peer to see in the handshake, as `X-name:value`; one more each time it is set.
    /// Write only.
    Metadata = 95 "METADATA" W Property, 0, All;
    /// Whether a multicast comes back to its own host. Kept, without effect.
    MulticastLoop = 96 "MULTICAST_LOOP" RW Truth, 1, All;
    /// ROUTER: an empty message from each peer that comes (1), that goes (2), or both (3).
    RouterNotify = 97 "ROUTER_NOTIFY" RW TwoBits, 0, Routers;
    /// XPUB: as XPUB_MANUAL, and the next message goes only to whose subscription was received last. Write only.
    XpubManualLastValue = 98 "XPUB_MANUAL_LAST_VALUE" W TruthFromZero, 0, Pubs;
    /// The name to tell the SOCKS5 proxy; empty: it wants none. Native only; elsewhere it stays empty.
    SocksUsername = 99 "SOCKS_USERNAME" RW Empty, 0, All;
    /// The password to tell the SOCKS5 proxy. Native only; elsewhere it stays empty.
    SocksPassword = 100 "SOCKS_PASSWORD" RW Empty, 0, All;
    /// Octets to read at once. Kept, without effect.
    InBatchSize = 101 "IN_BATCH_SIZE" RW FromOne, 8192, All;
    /// Octets to write at once. Kept, without effect.
    OutBatchSize = 102 "OUT_BATCH_SIZE" RW FromOne, 8192, All;
    /// wss, binding: the private key of the certificate in WSS_CERT_PEM, in PEM; empty: none. Write only.
    /// Native only.
    WssKeyPem = 103 "WSS_KEY_PEM" W NoOctets, 0, All;
    /// wss, binding: the certificate to show, and behind it those that lead to one that clients trust, in
    /// PEM; empty: none. Write only. Native only.
    WssCertPem = 104 "WSS_CERT_PEM" W NoOctets, 0, All;
    /// wss, connecting: certificates of issuers to trust, in PEM; empty: none. Write only. Native only.
    WssTrustPem = 105 "WSS_TRUST_PEM" W NoOctets, 0, All;
    /// wss, connecting: the host that the server's certificate has to be for; empty: the endpoint's. Write
    /// only. Native only.
    WssHostname = 106 "WSS_HOSTNAME" W NoOctets, 0, All;
    /// wss, connecting: whether to trust whom the system trusts. Write only. Native only.
    WssTrustSystem = 107 "WSS_TRUST_SYSTEM" W NoNumber, 0, All;
    /// XPUB, XSUB: of a message's parts, look for subscriptions in the first only. Write only.
    OnlyFirstSubscribe = 108 "ONLY_FIRST_SUBSCRIBE" W TruthFromZero, 0, PubsAndXsub;
    /// When to give up connecting: when nobody listens there (1), when a handshake fails (2), or both (3).
    ReconnectStop = 109 "RECONNECT_STOP" RW Any, 0, All;
    /// DEALER, ROUTER, CLIENT, SERVER, PEER: the first message to each peer that comes; empty: none. Write only.
    HelloMsg = 110 "HELLO_MSG" W Octets, 0, All;
    /// ROUTER, SERVER, PEER: what to receive when a peer that had connected to us is gone; empty: nothing. Write only.
    DisconnectMsg = 111 "DISCONNECT_MSG" W Octets, 0, All;
    /// The priority that the system's queues give each packet. Native only.
    Priority = 112 "PRIORITY" RW FromZero, 0, All;
    /// Microseconds that the system waits busily for packets. Kept, without effect. Write only.
    BusyPoll = 113 "BUSY_POLL" W Any, 0, All;
    /// DEALER, CLIENT, PEER: what to receive when a connection of ours is lost; empty: nothing. Write only.
    HiccupMsg = 114 "HICCUP_MSG" W Octets, 0, All;
    /// XSUB: tell peers of every unsubscription, not just the last of its topic. Write only.
    XsubVerboseUnsubscribe = 115 "XSUB_VERBOSE_UNSUBSCRIBE" W Truth, 0, Xsub;
    /// PUB, XPUB, SUB, XSUB: how many topics are subscribed to. Read only.
    TopicsCount = 116 "TOPICS_COUNT" R FromZero, 0, All;
    /// Send a part even where the WebSocket may cut it into fragments that the peer may not take.
    /// Ours, with no number of libzmq's.
    SendFragmented = 10_001 "SEND_FRAGMENTED" RW Flag, 0, All;
    /// Whether other sockets, of any context or process of the same user, may bind the same port if they
    /// have this option too. The system shares the connections out among them, so that there can be one
    /// context per core. Linux only, and native only. Ours, with no number of libzmq's.
    ReusePort = 10_002 "REUSE_PORT" RW Flag, 0, All;

    @security

    /// ws and wss, binding: whose pages may connect beside those of the same host, with commas between: host names
    /// (`example.org`), whole origins (`https://example.org:8443`), `null` for pages without one, or `*` for any.
    /// Empty: those of the same host only. Who sends no `Origin` is no page. Native only. Ours, with no number of
    /// libzmq's, as are the others below.
    Origins = 10_003 "ORIGINS" RW Octets, 0;
    /// Binding: how many connections the listener takes at once; 0: any number. Native only.
    MaxConnections = 10_004 "MAX_CONNECTIONS" RW FromZero, 16_384;
    /// tcp, ws and wss, binding: how many of them may come from one address, which is 64 bits of IPv6's; 0: any
    /// number; -1: 1024, and any number from this machine itself, where a proxy may be. Native only.
    MaxConnectionsPerAddress = 10_005 "MAX_CONNECTIONS_PER_ADDRESS" RW FromMinusOne, -1;
}
