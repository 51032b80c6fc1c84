//! ZWS 2.0 (RFC 45): one binary WebSocket message is one frame, and the sub-protocol says how the
//! connection begins.

use crate::error::Misbehaviour;
use crate::message::Flag;
use crate::options::{HAS_SECURITY, Mechanism};

/// How a ZWS connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `ZWS2.0`: each side's first message is its routing id.
    Bare,
    /// `ZWS2.0/NULL`: the NULL handshake, as in ZMTP.
    Null,
    /// `ZWS2.0/PLAIN`: PLAIN's.
    Plain,
    /// `ZWS2.0/CURVE`: CURVE's, which libzmq has and RFC 45 not yet.
    Curve,
}

impl Dialect {
    /// The mechanism of its handshake. Bare ZWS has no handshake, and therefore no other mechanism than none.
    pub fn mechanism(self) -> Mechanism {
        match self {
            Self::Bare | Self::Null => Mechanism::Null,
            Self::Plain => Mechanism::Plain,
            Self::Curve => Mechanism::Curve,
        }
    }
}

/// What a native client offers that has this mechanism, best first. Without security, every ZWS peer knows one of the two.
pub fn offer(mechanism: Mechanism) -> &'static [&'static str] {
    match mechanism {
        Mechanism::Null => &["ZWS2.0/NULL", "ZWS2.0"],
        Mechanism::Plain => &["ZWS2.0/PLAIN"],
        Mechanism::Curve => &["ZWS2.0/CURVE"],
    }
}

/// The dialect that goes by this sub-protocol name. `/` is not legal in a browser's sub-protocol (RFC 6455 has it that
/// the names are tokens), hence the aliases without it.
pub fn dialect(protocol: &str) -> Option<Dialect> {
    match protocol {
        "ZWS2.0" => Some(Dialect::Bare),
        "ZWS2.0/NULL" | "ZWS2.0-NULL" => Some(Dialect::Null),
        "ZWS2.0/PLAIN" | "ZWS2.0-PLAIN" if HAS_SECURITY => Some(Dialect::Plain),
        "ZWS2.0/CURVE" | "ZWS2.0-CURVE" if HAS_SECURITY => Some(Dialect::Curve),
        _ => None,
    }
}

/// Whether only our own listeners choose this sub-protocol: they take fragmented messages and answer PING.
pub fn is_ours(protocol: &str) -> bool {
    protocol.starts_with("ZWS2.0-")
}

/// Chooses from a `Sec-WebSocket-Protocol` header: the first entry that is known and has this mechanism, as libzmq does.
pub fn choose(header: &str, mechanism: Mechanism) -> Option<(&str, Dialect)> {
    let mut known = header.split(',').map(str::trim).filter_map(|name| Some((name, dialect(name)?)));
    known.find(|(_, dialect)| dialect.mechanism() == mechanism)
}

/// The flag octet in front of a frame's body.
pub fn flag_octet(flag: Flag) -> u8 {
    match flag {
        Flag::Last => 0x00,
        Flag::More => 0x01,
        Flag::Command => 0x02,
    }
}

/// Reads a flag octet.
pub fn parse_flag(octet: u8) -> Result<Flag, Misbehaviour> {
    match octet {
        0x00 => Ok(Flag::Last),
        0x01 => Ok(Flag::More),
        0x02 => Ok(Flag::Command),
        _ => Err(Misbehaviour::ReservedBits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_entry_is_chosen_and_spaces_do_not_matter() {
        let choose = |header| choose(header, Mechanism::Null);
        assert_eq!(choose("ZWS2.0/NULL,ZWS2.0"), Some(("ZWS2.0/NULL", Dialect::Null)));
        assert_eq!(choose("chat, ZWS2.0 , ZWS2.0/NULL"), Some(("ZWS2.0", Dialect::Bare)));
        assert_eq!(choose("ZWS2.0-NULL, ZWS2.0"), Some(("ZWS2.0-NULL", Dialect::Null)));
        assert_eq!(choose("ZWS2.0/CURVE"), None);
        assert_eq!(choose("zws2.0"), None);
        assert_eq!(choose(""), None);
    }

    #[test]
    fn where_security_is_asked_for_nothing_less_is_chosen_or_offered() {
        assert_eq!(choose("ZWS2.0/NULL,ZWS2.0", Mechanism::Plain), None);
        if !HAS_SECURITY {
            return assert_eq!(dialect("ZWS2.0/PLAIN"), None);
        }
        let header = "ZWS2.0, ZWS2.0/NULL, ZWS2.0-CURVE, ZWS2.0/PLAIN, ZWS2.0-PLAIN";
        assert_eq!(choose(header, Mechanism::Plain), Some(("ZWS2.0/PLAIN", Dialect::Plain)));
        assert_eq!(choose(header, Mechanism::Curve), Some(("ZWS2.0-CURVE", Dialect::Curve)));
        for mechanism in [Mechanism::Null, Mechanism::Plain, Mechanism::Curve] {
            let offered = offer(mechanism);
            assert_eq!(choose(&offered.join(","), mechanism).map(|(name, _)| name), Some(offered[0]));
            assert!(offered.iter().all(|name| dialect(name).map(Dialect::mechanism) == Some(mechanism)));
        }
    }

    #[test]
    fn flag_octets_round_trip_and_others_are_reserved() {
        for octet in 0..=u8::MAX {
            match parse_flag(octet) {
                Ok(flag) => assert_eq!(flag_octet(flag), octet),
                Err(reason) => assert_eq!((reason, octet > 2), (Misbehaviour::ReservedBits, true)),
            }
        }
    }
}
