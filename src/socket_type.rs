//! The socket types, their names on the wire and who may talk to whom.

/// The eleven socket types of libzmq's stable API, with libzmq's numbers.
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
}

impl SocketType {
    /// All of them.
    pub const ALL: [Self; 11] = [
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
    ];

    /// The type with libzmq's number.
    ///
    /// ```
    /// # use zmq_wasm::SocketType;
    /// assert_eq!(SocketType::from_number(3), Some(SocketType::Req));
    /// ```
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number).ok().and_then(|index| Self::ALL.get(index)).copied()
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
        use SocketType::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub, Xsub};
        match self {
            Pair => peer == Pair,
            Pub | Xpub => matches!(peer, Sub | Xsub),
            Sub | Xsub => matches!(peer, Pub | Xpub),
            Req => matches!(peer, Rep | Router),
            Rep => matches!(peer, Req | Dealer),
            Dealer => matches!(peer, Rep | Dealer | Router),
            Router => matches!(peer, Req | Dealer | Router),
            Pull => peer == Push,
            Push => peer == Pull,
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
        for (index, a) in SocketType::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(a.number()), index);
            assert_eq!(SocketType::from_number(index as i32), Some(a));
            assert_eq!(SocketType::from_name(a.name().as_bytes()), Some(a));
            for b in SocketType::ALL {
                assert_eq!(a.is_compatible(b), b.is_compatible(a), "{} and {}", a.name(), b.name());
            }
        }
        assert_eq!(SocketType::from_number(11), None);
        assert_eq!(SocketType::from_number(-1), None);
        assert_eq!(SocketType::from_name(b"req"), None);
    }
}
