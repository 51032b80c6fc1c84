//! Socket options: typed, with libzmq's numbers, defaults and ranges, validated once.

use core::time::Duration;

use crate::error::ApiMisuse;

/// An option's value as it crosses an API: a number, or octets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OptionValue {
    /// A number or a truth value.
    Int(i64),
    /// Octets or text.
    Bytes(Vec<u8>),
}

macro_rules! value_from {
    ($($from:ty => |$it:ident| $to:expr),+ $(,)?) => {$(
        impl From<$from> for OptionValue {
            fn from($it: $from) -> Self {
                $to
            }
        }
    )+};
}

value_from! {
    i32 => |it| Self::Int(it.into()),
    i64 => |it| Self::Int(it),
    bool => |it| Self::Int(it.into()),
    &str => |it| Self::Bytes(it.as_bytes().to_vec()),
    &[u8] => |it| Self::Bytes(it.to_vec()),
    Vec<u8> => |it| Self::Bytes(it),
}

macro_rules! options {
    (
        everywhere { $($(#[$doc:meta])* $name:ident = $number:literal, $text:literal;)+ }
        native { $($(#[$native_doc:meta])* $native_name:ident = $native_number:literal, $native_text:literal;)+ }
    ) => {
        /// The options, with libzmq's numbers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[repr(i32)]
        pub enum SocketOption {
            $($(#[$doc])* $name = $number,)+
            $($(#[$native_doc])* $native_name = $native_number,)+
        }

        impl SocketOption {
            /// The option with libzmq's number.
            pub fn from_number(number: i32) -> Option<Self> {
                match number {
                    $($native_number => Some(Self::$native_name),)+
                    _ => Self::of_everywhere(number),
                }
            }

            /// libzmq's name, without the `ZMQ_`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$native_name => $native_text,)+
                    _ => self.name_everywhere(),
                }
            }

            /// The option with libzmq's number, if every shell has it: what a browser need know.
            pub(crate) fn of_everywhere(number: i32) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)+
                    _ => None,
                }
            }

            /// Its name, if every shell has it; empty for those that the native shell keeps.
            pub(crate) fn name_everywhere(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                    _ => "",
                }
            }
        }
    };
}

options! {
    everywhere {
        /// The name a ROUTER knows this socket by: 1 to 255 octets.
        RoutingId = 5, "ROUTING_ID";
        /// Subscribe to a topic (SUB; XPUB under XPUB_MANUAL). Write only.
        Subscribe = 6, "SUBSCRIBE";
        /// Take a subscription back. Write only.
        Unsubscribe = 7, "UNSUBSCRIBE";
        /// Whether more parts of the message received last are to come. Read only.
        RcvMore = 13, "RCVMORE";
        /// POLLIN and POLLOUT, as they are now. Read only.
        Events = 15, "EVENTS";
        /// The socket's type. Read only.
        Type = 16, "TYPE";
        /// Milliseconds that a closed socket goes on to send what is queued; -1 for ever.
        Linger = 17, "LINGER";
        /// Milliseconds to the first try to reconnect; -1 never.
        ReconnectIvl = 18, "RECONNECT_IVL";
        /// Milliseconds that the doubling pause between tries may reach; 0: no doubling.
        ReconnectIvlMax = 21, "RECONNECT_IVL_MAX";
        /// The longest frame to accept, in octets; -1 any.
        MaxMsgSize = 22, "MAXMSGSIZE";
        /// How many messages may be queued to one peer; 0 any number.
        SndHwm = 23, "SNDHWM";
        /// How many messages may be queued from one peer; 0 any number.
        RcvHwm = 24, "RCVHWM";
        /// Milliseconds a receive waits; -1 for ever.
        RcvTimeo = 27, "RCVTIMEO";
        /// Milliseconds a send waits; -1 for ever.
        SndTimeo = 28, "SNDTIMEO";
        /// The endpoint bound or connected last. Read only.
        LastEndpoint = 32, "LAST_ENDPOINT";
        /// ROUTER: fail with EHOSTUNREACH instead of dropping. Write only.
        RouterMandatory = 33, "ROUTER_MANDATORY";
        /// Queue only to connections that are up.
        Immediate = 39, "IMMEDIATE";
        /// XPUB: give the application every subscription, not just the first of its topic. Write only.
        XpubVerbose = 40, "XPUB_VERBOSE";
        /// The security mechanism. Read only.
        Mechanism = 43, "MECHANISM";
        /// Greet each new ROUTER peer with an empty message. Write only.
        ProbeRouter = 51, "PROBE_ROUTER";
        /// REQ: prefix each request with a number and take only the reply that carries it. Write only.
        ReqCorrelate = 52, "REQ_CORRELATE";
        /// REQ: a new request may be sent before the reply to the last. Write only.
        ReqRelaxed = 53, "REQ_RELAXED";
        /// Keep only the newest message of each queue.
        Conflate = 54, "CONFLATE";
        /// ROUTER: a new peer takes over the routing id of an older one. Write only.
        RouterHandover = 56, "ROUTER_HANDOVER";
        /// ROUTER: the routing id for the peer of the next connect. Write only.
        ConnectRoutingId = 61, "CONNECT_ROUTING_ID";
        /// Milliseconds a handshake may take; 0 any time.
        HandshakeIvl = 66, "HANDSHAKE_IVL";
        /// XPUB, PUB: wait instead of dropping when a subscriber's queue is full. Write only.
        XpubNodrop = 69, "XPUB_NODROP";
        /// XPUB: the application answers each subscription by SUBSCRIBE. Write only.
        XpubManual = 71, "XPUB_MANUAL";
        /// XPUB: a message to each new subscriber. Write only.
        XpubWelcomeMsg = 72, "XPUB_WELCOME_MSG";
        /// PUB, XPUB, SUB: match where topics do not match.
        InvertMatching = 74, "INVERT_MATCHING";
        /// Milliseconds between heartbeats; 0: none.
        HeartbeatIvl = 75, "HEARTBEAT_IVL";
        /// Milliseconds after which the peer shall give us up; in steps of 100.
        HeartbeatTtl = 76, "HEARTBEAT_TTL";
        /// Milliseconds to wait for an answer to a heartbeat; -1: as HEARTBEAT_IVL.
        HeartbeatTimeout = 77, "HEARTBEAT_TIMEOUT";
        /// XPUB: like XPUB_VERBOSE, and every unsubscription too. Write only.
        XpubVerboser = 78, "XPUB_VERBOSER";
        /// Send a part even where the WebSocket may cut it into fragments that the peer may not take.
        /// Ours, with no number of libzmq's.
        SendFragmented = 10_001, "SEND_FRAGMENTED";
    }
    native {
        /// Octets of the system's buffer for sending, per connection; -1: as the system has it.
        SndBuf = 11, "SNDBUF";
        /// Octets of the system's buffer for receiving, per connection; -1: as the system has it.
        RcvBuf = 12, "RCVBUF";
        /// How many connections may wait to be accepted.
        Backlog = 19, "BACKLOG";
        /// Whether TCP looks after idle connections: 1, 0, or -1 as the system has it.
        TcpKeepalive = 34, "TCP_KEEPALIVE";
        /// How many unanswered probes end a connection; -1: as the system has it. With TCP_KEEPALIVE only.
        TcpKeepaliveCnt = 35, "TCP_KEEPALIVE_CNT";
        /// Seconds of silence before the first probe; -1: as the system has it. With TCP_KEEPALIVE only.
        TcpKeepaliveIdle = 36, "TCP_KEEPALIVE_IDLE";
        /// Seconds between probes; -1: as the system has it. With TCP_KEEPALIVE only.
        TcpKeepaliveIntvl = 37, "TCP_KEEPALIVE_INTVL";
        /// Whether host names may stand for IPv6 addresses, and `*` for those of both kinds. An IPv6 address
        /// written as such needs no option.
        Ipv6 = 42, "IPV6";
        /// The type-of-service octet of each packet.
        Tos = 57, "TOS";
        /// `host:port` of a SOCKS5 proxy to connect through; empty: none.
        SocksProxy = 68, "SOCKS_PROXY";
        /// Milliseconds a connection may take to come about; 0: as long as the system tries.
        ConnectTimeout = 79, "CONNECT_TIMEOUT";
        /// Milliseconds that sent octets may stay without acknowledgement; 0: as the system has it.
        TcpMaxRt = 80, "TCP_MAXRT";
        /// The network interface that everything goes through; empty: any.
        BindToDevice = 92, "BINDTODEVICE";
        /// The name to tell the SOCKS5 proxy; empty: it wants none.
        SocksUsername = 99, "SOCKS_USERNAME";
        /// The password to tell the SOCKS5 proxy.
        SocksPassword = 100, "SOCKS_PASSWORD";
        /// wss, binding: the private key of the certificate in WSS_CERT_PEM, in PEM; empty: none. Write only.
        WssKeyPem = 103, "WSS_KEY_PEM";
        /// wss, binding: the certificate to show, and behind it those that lead to one that clients trust, in
        /// PEM; empty: none. Write only.
        WssCertPem = 104, "WSS_CERT_PEM";
        /// wss, connecting: certificates of issuers to trust, in PEM; empty: none. Write only.
        WssTrustPem = 105, "WSS_TRUST_PEM";
        /// wss, connecting: the host that the server's certificate has to be for; empty: the endpoint's. Write
        /// only.
        WssHostname = 106, "WSS_HOSTNAME";
        /// wss, connecting: whether to trust whom the system trusts. Write only.
        WssTrustSystem = 107, "WSS_TRUST_SYSTEM";
        /// The priority that the system's queues give each packet.
        Priority = 112, "PRIORITY";
        /// Whether other sockets, of any context or process of the same user, may bind the same port if they
        /// have this option too. The system shares the connections out among them, so that there can be one
        /// context per core. Linux only. Ours, with no number of libzmq's.
        ReusePort = 10_002, "REUSE_PORT";
    }
}

/// Every option's value. The fields say what the engine needs to know; [`set`](Self::set) checks ranges.
#[derive(Clone, Debug)]
pub struct Options {
    pub(crate) routing_id: Vec<u8>,
    pub(crate) linger: i32,
    pub(crate) reconnect_ivl: i32,
    pub(crate) reconnect_ivl_max: i32,
    pub(crate) max_msg_size: i64,
    pub(crate) sndhwm: i32,
    pub(crate) rcvhwm: i32,
    pub(crate) rcvtimeo: i32,
    pub(crate) sndtimeo: i32,
    pub(crate) router_mandatory: bool,
    pub(crate) immediate: bool,
    pub(crate) xpub_verbose: bool,
    pub(crate) xpub_verboser: bool,
    pub(crate) xpub_nodrop: bool,
    pub(crate) xpub_manual: bool,
    pub(crate) xpub_welcome_msg: Vec<u8>,
    pub(crate) probe_router: bool,
    pub(crate) req_correlate: bool,
    pub(crate) req_relaxed: bool,
    pub(crate) conflate: bool,
    pub(crate) router_handover: bool,
    pub(crate) connect_routing_id: Vec<u8>,
    pub(crate) handshake_ivl: i32,
    pub(crate) invert_matching: bool,
    pub(crate) heartbeat_ivl: i32,
    pub(crate) heartbeat_ttl: i32,
    pub(crate) heartbeat_timeout: i32,
    pub(crate) send_fragmented: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            routing_id: Vec::new(),
            linger: -1,
            reconnect_ivl: 100,
            reconnect_ivl_max: 0,
            max_msg_size: -1,
            sndhwm: 1000,
            rcvhwm: 1000,
            rcvtimeo: -1,
            sndtimeo: -1,
            router_mandatory: false,
            immediate: false,
            xpub_verbose: false,
            xpub_verboser: false,
            xpub_nodrop: false,
            xpub_manual: false,
            xpub_welcome_msg: Vec::new(),
            probe_router: false,
            req_correlate: false,
            req_relaxed: false,
            conflate: false,
            router_handover: false,
            connect_routing_id: Vec::new(),
            handshake_ivl: 30_000,
            invert_matching: false,
            heartbeat_ivl: 0,
            heartbeat_ttl: 0,
            heartbeat_timeout: -1,
            send_fragmented: false,
        }
    }
}

impl Options {
    /// Sets an option, or says why not.
    pub fn set(&mut self, option: SocketOption, value: &OptionValue) -> Result<(), ApiMisuse> {
        use SocketOption as O;
        let value = Checked::new(option.name_everywhere(), value);
        match option {
            O::RoutingId => value.put_routing_id(&mut self.routing_id),
            O::Linger => value.put_from(-1, &mut self.linger),
            O::ReconnectIvl => value.put_from(-1, &mut self.reconnect_ivl),
            O::ReconnectIvlMax => value.put_from(0, &mut self.reconnect_ivl_max),
            O::MaxMsgSize => {
                self.max_msg_size = value.int(-1, i64::MAX, "-1 or a number of octets")?;
                Ok(())
            }
            O::SndHwm => value.put_from(0, &mut self.sndhwm),
            O::RcvHwm => value.put_from(0, &mut self.rcvhwm),
            O::RcvTimeo => value.put_from(-1, &mut self.rcvtimeo),
            O::SndTimeo => value.put_from(-1, &mut self.sndtimeo),
            O::RouterMandatory => value.put_flag(&mut self.router_mandatory),
            O::Immediate => value.put_flag(&mut self.immediate),
            O::XpubVerbose => {
                value.put_flag(&mut self.xpub_verbose)?;
                self.xpub_verboser = false;
                Ok(())
            }
            O::XpubVerboser => {
                value.put_flag(&mut self.xpub_verboser)?;
                self.xpub_verbose = self.xpub_verboser;
                Ok(())
            }
            O::XpubNodrop => value.put_flag(&mut self.xpub_nodrop),
            O::XpubManual => value.put_flag(&mut self.xpub_manual),
            O::XpubWelcomeMsg => value.put_octets(0, usize::MAX, &mut self.xpub_welcome_msg),
            O::ProbeRouter => value.put_flag(&mut self.probe_router),
            O::ReqCorrelate => value.put_flag(&mut self.req_correlate),
            O::ReqRelaxed => value.put_flag(&mut self.req_relaxed),
            O::Conflate => value.put_flag(&mut self.conflate),
            O::RouterHandover => value.put_flag(&mut self.router_handover),
            O::ConnectRoutingId => value.put_octets(1, 255, &mut self.connect_routing_id),
            O::HandshakeIvl => value.put_from(0, &mut self.handshake_ivl),
            O::InvertMatching => value.put_flag(&mut self.invert_matching),
            O::HeartbeatIvl => value.put_from(0, &mut self.heartbeat_ivl),
            O::HeartbeatTtl => {
                let ttl = value.int(0, MAX_TTL_MS, "0 to 6553599 milliseconds")?;
                self.heartbeat_ttl = (ttl - ttl % 100) as i32;
                Ok(())
            }
            O::HeartbeatTimeout => value.put_from(-1, &mut self.heartbeat_timeout),
            O::SendFragmented => value.put_flag(&mut self.send_fragmented),
            O::Subscribe | O::Unsubscribe => {
                Err(invalid(option, "only SUB and manual XPUB sockets have subscriptions"))
            }
            // What can be read only, and what the native shell keeps by itself.
            _ => Err(invalid(option, "it can't be set")),
        }
    }

    /// Reads an option. What only the socket knows (EVENTS, LAST_ENDPOINT, …) is not known here.
    pub fn get(&self, option: SocketOption) -> Result<OptionValue, ApiMisuse> {
        use SocketOption as O;
        Ok(match option {
            O::RoutingId => self.routing_id.clone().into(),
            O::Linger => self.linger.into(),
            O::ReconnectIvl => self.reconnect_ivl.into(),
            O::ReconnectIvlMax => self.reconnect_ivl_max.into(),
            O::MaxMsgSize => self.max_msg_size.into(),
            O::SndHwm => self.sndhwm.into(),
            O::RcvHwm => self.rcvhwm.into(),
            O::RcvTimeo => self.rcvtimeo.into(),
            O::SndTimeo => self.sndtimeo.into(),
            O::Immediate => self.immediate.into(),
            O::Conflate => self.conflate.into(),
            O::HandshakeIvl => self.handshake_ivl.into(),
            O::InvertMatching => self.invert_matching.into(),
            O::HeartbeatIvl => self.heartbeat_ivl.into(),
            O::HeartbeatTtl => self.heartbeat_ttl.into(),
            O::HeartbeatTimeout => self.heartbeat_timeout.into(),
            O::SendFragmented => self.send_fragmented.into(),
            // NULL is the only mechanism there is.
            O::Mechanism => 0.into(),
            _ => return Err(invalid(option, "it can't be read")),
        })
    }

    /// How long a closed socket goes on to send; `None` for ever.
    pub fn linger(&self) -> Option<Duration> {
        millis_or_forever(self.linger)
    }

    /// How long a receive waits; `None` for ever.
    pub fn rcvtimeo(&self) -> Option<Duration> {
        millis_or_forever(self.rcvtimeo)
    }

    /// How long a send waits; `None` for ever.
    pub fn sndtimeo(&self) -> Option<Duration> {
        millis_or_forever(self.sndtimeo)
    }

    pub(crate) fn handshake_ivl(&self) -> Option<Duration> {
        (self.handshake_ivl > 0).then(|| millis(self.handshake_ivl))
    }

    pub(crate) fn heartbeat_ivl(&self) -> Option<Duration> {
        (self.heartbeat_ivl > 0).then(|| millis(self.heartbeat_ivl))
    }

    pub(crate) fn heartbeat_timeout(&self) -> Duration {
        millis(if self.heartbeat_timeout < 0 { self.heartbeat_ivl } else { self.heartbeat_timeout })
    }

    /// The longest frame to accept, in octets.
    pub fn max_frame(&self) -> u64 {
        u64::try_from(self.max_msg_size).unwrap_or(u64::MAX)
    }

    pub(crate) fn send_limit(&self) -> usize {
        hwm(self.sndhwm)
    }

    pub(crate) fn receive_limit(&self) -> usize {
        hwm(self.rcvhwm)
    }
}

/// RFC 37 has the time to live as a 16-bit number of tenths of a second.
const MAX_TTL_MS: i64 = u16::MAX as i64 * 100 + 99;

fn hwm(value: i32) -> usize {
    if value == 0 { usize::MAX } else { value as usize }
}

fn millis(value: i32) -> Duration {
    Duration::from_millis(u64::try_from(value).unwrap_or(0))
}

fn millis_or_forever(value: i32) -> Option<Duration> {
    (value >= 0).then(|| millis(value))
}

fn invalid(option: SocketOption, reason: &'static str) -> ApiMisuse {
    ApiMisuse::InvalidOption { option: option as i32, reason }
}

/// A value on its way to the option of this name, which the error will tell.
pub(crate) struct Checked<'a> {
    name: &'static str,
    pub(crate) value: &'a OptionValue,
}

impl<'a> Checked<'a> {
    pub(crate) fn new(name: &'static str, value: &'a OptionValue) -> Self {
        Self { name, value }
    }

    pub(crate) fn int(&self, low: i64, high: i64, expected: &'static str) -> Result<i64, ApiMisuse> {
        match self.value {
            OptionValue::Int(value) if (low..=high).contains(value) => Ok(*value),
            _ => Err(self.refuse(expected)),
        }
    }

    pub(crate) fn put_from(&self, low: i32, place: &mut i32) -> Result<(), ApiMisuse> {
        let expected = if low == 0 { "0 or a positive number" } else { "-1, 0 or a positive number" };
        *place = self.int(low.into(), i32::MAX.into(), expected)? as i32;
        Ok(())
    }

    pub(crate) fn put_flag(&self, place: &mut bool) -> Result<(), ApiMisuse> {
        *place = self.int(0, 1, "true or false")? == 1;
        Ok(())
    }

    fn put_octets(&self, shortest: usize, longest: usize, place: &mut Vec<u8>) -> Result<(), ApiMisuse> {
        match self.value {
            OptionValue::Bytes(octets) if (shortest..=longest).contains(&octets.len()) => {
                place.clone_from(octets);
                Ok(())
            }
            _ if longest == 255 => Err(self.refuse("1 to 255 octets")),
            _ => Err(self.refuse("octets or a string")),
        }
    }

    /// RFC 37, "The Identity Property": "The first octet of the Identity SHALL NOT be zero".
    fn put_routing_id(&self, place: &mut Vec<u8>) -> Result<(), ApiMisuse> {
        match self.value {
            OptionValue::Bytes(octets) if octets.starts_with(&[0]) => {
                Err(self.refuse("octets of which the first is not zero"))
            }
            _ => self.put_octets(1, 255, place),
        }
    }

    pub(crate) fn refuse(&self, expected: &'static str) -> ApiMisuse {
        let value = match self.value {
            OptionValue::Int(value) => value.to_string(),
            OptionValue::Bytes(octets) => format!("{} octets", octets.len()),
        };
        ApiMisuse::InvalidValue { option: self.name, value, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_read_and_what_is_out_of_range_is_refused_by_name() {
        let mut options = Options::default();
        options.set(SocketOption::Linger, &OptionValue::Int(5)).expect("in range");
        assert_eq!(options.get(SocketOption::Linger), Ok(OptionValue::Int(5)));
        let error = options.set(SocketOption::Linger, &OptionValue::Int(-2)).expect_err("out of range");
        assert_eq!(error.to_string(), "LINGER can't be -2: expected -1, 0 or a positive number");
        assert_eq!(options.linger(), Some(Duration::from_millis(5)));
        assert!(options.set(SocketOption::SndHwm, &"ten".into()).is_err());
        assert!(options.set(SocketOption::RoutingId, &[0_u8; 256][..].into()).is_err());
        assert!(options.set(SocketOption::Type, &OptionValue::Int(1)).is_err());
        assert!(options.get(SocketOption::RouterMandatory).is_err());
        assert_eq!(SocketOption::from_number(4242), None);
    }

    #[test]
    fn heartbeat_ttl_goes_in_tenths_of_a_second() {
        let mut options = Options::default();
        options.set(SocketOption::HeartbeatTtl, &OptionValue::Int(1250)).expect("in range");
        assert_eq!(options.get(SocketOption::HeartbeatTtl), Ok(OptionValue::Int(1200)));
        assert!(options.set(SocketOption::HeartbeatTtl, &OptionValue::Int(MAX_TTL_MS + 1)).is_err());
    }
}
