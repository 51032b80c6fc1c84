//! The socket types, their names on the wire and who may talk to whom.

/// The socket types of libzmq's stable API and, from SERVER on, of its draft API, with libzmq's numbers.
///
/// What the draft types send and receive has one part. Where a routing id or a group belongs to it, that is the
/// message's first part here: [`Message::to_peer`](crate::Message::to_peer) and
/// [`Message::to_group`](crate::Message::to_group) make such messages.
///
/// STREAM (11) and DGRAM (18), which speak no ZMTP, are not among them.
///
/// ```
/// use zmq_wasm::SocketType;
///
/// for kind in SocketType::ALL {
///     println!("{} is number {}", kind.name(), kind.number());
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names are the documentation: RFC 28, 29, 30 and 31 define them")]
pub enum SocketType {
    Pair = 0,
    Pub = 1,
    Sub = 2,
    Req = 3,
    Rep = 4,
    Dealer = 5,
    Router = 6,
    Pull = 7,
    Push = 8,
    Xpub = 9,
    Xsub = 10,
    /// Clients ask, and it answers each by the number it has for it (RFC 41).
    Server = 12,
    /// Talks to SERVERs in turn, without the lock-step of REQ (RFC 41).
    Client = 13,
    /// Sends to groups; what nobody takes is dropped (RFC 48).
    Radio = 14,
    /// Receives what RADIOs send to the groups that it joined (RFC 48).
    Dish = 15,
    /// Receives from SCATTERs in turn (RFC 49).
    Gather = 16,
    /// Sends to GATHERs in turn (RFC 49).
    Scatter = 17,
    /// Talks to any number of PEERs, each by a number (RFC 51).
    Peer = 19,
    /// Talks to one other CHANNEL (RFC 52).
    Channel = 20,
}

impl SocketType {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::Pair,
        Self::Pub,
        Self::Sub,
        Self::Req,
        Self::Rep,
        Self::Dealer,
        Self::Router,
        Self::Pull,
        Self::Push,
        Self::Xpub,
        Self::Xsub,
        Self::Server,
        Self::Client,
        Self::Radio,
        Self::Dish,
        Self::Gather,
        Self::Scatter,
        Self::Peer,
        Self::Channel,
    ];

    /// The type with libzmq's number.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert_eq!(SocketType::from_number(3), Some(SocketType::Req));
    /// ```
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| i32::from(kind.number()) == number)
    }

    /// The type that names itself so in its READY command.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert_eq!(SocketType::from_name(b"REQ"), Some(SocketType::Req));
    /// ```
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name().as_bytes() == name)
    }

    /// libzmq's number, also the octet of the ZMTP 2.0 greeting.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert_eq!(SocketType::Req.number(), 3);
    /// ```
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name, as in the READY command's Socket-Type property.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert_eq!(SocketType::Req.name(), "REQ");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pair => "PAIR",
            Self::Pub => "PUB",
            Self::Sub => "SUB",
            Self::Req => "REQ",
            Self::Rep => "REP",
            Self::Dealer => "DEALER",
            Self::Router => "ROUTER",
            Self::Pull => "PULL",
            Self::Push => "PUSH",
            Self::Xpub => "XPUB",
            Self::Xsub => "XSUB",
            Self::Server => "SERVER",
            Self::Client => "CLIENT",
            Self::Radio => "RADIO",
            Self::Dish => "DISH",
            Self::Gather => "GATHER",
            Self::Scatter => "SCATTER",
            Self::Peer => "PEER",
            Self::Channel => "CHANNEL",
        }
    }

    /// Whether the two may be connected (RFC 37, "Socket-Type property"). It is symmetric.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert!(SocketType::Req.is_compatible(SocketType::Router));
    /// assert!(!SocketType::Req.is_compatible(SocketType::Pull));
    /// ```
    pub fn is_compatible(self, peer: Self) -> bool {
        use SocketType::{
            Channel, Client, Dealer, Dish, Gather, Pair, Peer, Pub, Pull, Push, Radio, Rep, Req, Router,
            Scatter, Server, Sub, Xpub, Xsub,
        };
        match self {
            Pair | Peer | Channel => peer == self,
            Pub | Xpub => matches!(peer, Sub | Xsub),
            Sub | Xsub => matches!(peer, Pub | Xpub),
            Req => matches!(peer, Rep | Router),
            Rep => matches!(peer, Req | Dealer),
            Dealer => matches!(peer, Rep | Dealer | Router),
            Router => matches!(peer, Req | Dealer | Router),
            Pull => peer == Push,
            Push => peer == Pull,
            Server => peer == Client,
            Client => peer == Server,
            Radio => peer == Dish,
            Dish => peer == Radio,
            Gather => peer == Scatter,
            Scatter => peer == Gather,
        }
    }

    /// Whether its peers have numbers of four octets for routing ids (RFC 41, 51).
    pub(crate) fn numbers_peers(self) -> bool {
        matches!(self, Self::Server | Self::Peer)
    }

    /// Whether its messages belong to groups (RFC 48), which match as a whole, where topics match as a prefix.
    pub(crate) fn has_groups(self) -> bool {
        matches!(self, Self::Radio | Self::Dish)
    }

    /// How many parts its messages have on the wire, where that is not any number.
    pub(crate) fn parts_on_wire(self) -> Option<usize> {
        (self.number() >= Self::Server.number()).then_some(if self.has_groups() { 2 } else { 1 })
    }

    /// How many parts the application gives it to send, where that is not any number.
    pub(crate) fn parts_to_send(self) -> Option<usize> {
        match self {
            Self::Client | Self::Scatter | Self::Channel => Some(1),
            Self::Server | Self::Peer | Self::Radio => Some(2),
            _ => None,
        }
    }

    /// Whether it tells its routing id to its peers (RFC 37, "Identity property").
    pub(crate) fn has_routing_id(self) -> bool {
        matches!(self, Self::Req | Self::Dealer | Self::Router)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compatibility_is_symmetric_and_names_round_trip() {
        for a in SocketType::ALL {
            assert_eq!(SocketType::from_number(a.number().into()), Some(a));
            assert_eq!(SocketType::from_name(a.name().as_bytes()), Some(a));
            for b in SocketType::ALL {
                assert_eq!(a.is_compatible(b), b.is_compatible(a), "{} and {}", a.name(), b.name());
            }
        }
        for number in [11, 18, 21, -1] {
            assert_eq!(SocketType::from_number(number), None, "{number}");
        }
        assert_eq!(SocketType::from_name(b"req"), None);
    }
}
