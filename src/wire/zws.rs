//! ZWS 2.0 (RFC 45): one binary WebSocket message is one frame, and the sub-protocol says how the
//! connection begins.

use crate::error::Misbehaviour;
use crate::message::Flag;

/// How a ZWS connection begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `ZWS2.0`: each side's first message is its routing id.
    Bare,
    /// `ZWS2.0/NULL`: the NULL handshake, as in ZMTP.
    Null,
}

/// What a native client offers, best first. Every ZWS peer knows one of the two.
pub const OFFER: [&str; 2] = ["ZWS2.0/NULL", "ZWS2.0"];

/// What a browser offers, best first. `/` is not legal in a browser's sub-protocol (RFC 6455 has it that
/// the names are tokens), hence an alias without it that our listeners know, and bare `ZWS2.0` for the others.
pub const BROWSER_OFFER: [&str; 2] = ["ZWS2.0-NULL", "ZWS2.0"];

/// The dialect that goes by this sub-protocol name.
pub fn dialect(protocol: &str) -> Option<Dialect> {
    match protocol {
        "ZWS2.0" => Some(Dialect::Bare),
        "ZWS2.0/NULL" | "ZWS2.0-NULL" => Some(Dialect::Null),
        _ => None,
    }
}

/// Whether only our own listeners choose this sub-protocol: they take fragmented messages and answer PING.
pub fn is_ours(protocol: &str) -> bool {
    protocol == BROWSER_OFFER[0]
}

/// Chooses from a `Sec-WebSocket-Protocol` header: the first entry that is known, as libzmq does.
pub fn choose(header: &str) -> Option<(&str, Dialect)> {
    header.split(',').map(str::trim).find_map(|name| dialect(name).map(|dialect| (name, dialect)))
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
        assert_eq!(choose("ZWS2.0/NULL,ZWS2.0"), Some(("ZWS2.0/NULL", Dialect::Null)));
        assert_eq!(choose("chat, ZWS2.0 , ZWS2.0/NULL"), Some(("ZWS2.0", Dialect::Bare)));
        assert_eq!(choose("ZWS2.0-NULL, ZWS2.0"), Some(("ZWS2.0-NULL", Dialect::Null)));
        assert_eq!(choose("ZWS2.0/CURVE"), None);
        assert_eq!(choose("zws2.0"), None);
        assert_eq!(choose(""), None);
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
