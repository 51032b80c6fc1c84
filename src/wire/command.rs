//! Commands: RFC 37, "Commands", "The NULL Security Mechanism", "The Publish-Subscribe Pattern" and
//! "Connection Heartbeating"; and JOIN and LEAVE, which RFC 48 has.

use core::time::Duration;

use crate::error::Misbehaviour;
use crate::message::{Flag, Frame};
use crate::payload::Payload;
use crate::text::ascii;

/// The longest command that is read. A topic may fill it; nothing else comes near.
pub(crate) const MAX_COMMAND: usize = 64 * 1024;

/// The longest context of a PING.
const MAX_CONTEXT: usize = 16;

/// A command of RFC 37 or 48 that goes between peers who have shaken hands. What goes before is the mechanism's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// SUBSCRIBE or CANCEL; to a group, JOIN or LEAVE.
    Subscription {
        topic: Vec<u8>,
        on: bool,
        by_group: bool,
    },
    Ping {
        ttl: Duration,
        context: Vec<u8>,
    },
    Pong {
        context: Vec<u8>,
    },
    /// One of the handshake, which is over.
    Handshake,
    /// A name that this version does not know. RFC 37 lets mechanisms and successors add some.
    Unknown,
}

impl Command {
    pub(crate) fn decode<P: Payload>(body: &P) -> Result<Self, Misbehaviour> {
        if body.len() > MAX_COMMAND {
            return Err(Misbehaviour::Oversized);
        }
        Self::parse(&body.to_vec()).ok_or(Misbehaviour::MalformedCommand)
    }

    fn parse(octets: &[u8]) -> Option<Self> {
        let (name, data) = split(octets)?;
        Some(match name {
            b"SUBSCRIBE" | b"CANCEL" | b"JOIN" | b"LEAVE" => Self::Subscription {
                topic: data.to_vec(),
                on: matches!(name, b"SUBSCRIBE" | b"JOIN"),
                by_group: matches!(name, b"JOIN" | b"LEAVE"),
            },
            b"PING" => {
                let (ttl, context) = data.split_first_chunk::<2>()?;
                let ttl = Duration::from_millis(u64::from(u16::from_be_bytes(*ttl)) * 100);
                let context = context.get(..MAX_CONTEXT).unwrap_or(context).to_vec();
                Self::Ping { ttl, context }
            }
            b"PONG" => Self::Pong { context: data.to_vec() },
            b"READY" | b"ERROR" => Self::Handshake,
            b"" => return None,
            _ => Self::Unknown,
        })
    }

    /// The command as a frame to send.
    pub(crate) fn to_frame<P: Payload>(&self) -> Frame<P> {
        let name = match self {
            Self::Subscription { on: true, by_group: false, .. } => "SUBSCRIBE",
            Self::Subscription { on: false, by_group: false, .. } => "CANCEL",
            Self::Subscription { on: true, by_group: true, .. } => "JOIN",
            Self::Subscription { on: false, by_group: true, .. } => "LEAVE",
            Self::Ping { .. } => "PING",
            Self::Pong { .. } => "PONG",
            Self::Handshake => "READY",
            Self::Unknown => "UNKNOWN",
        };
        let mut octets = named(name);
        match self {
            Self::Ping { ttl, context } => {
                let tenths = ttl.as_secs() * 10 + u64::from(ttl.subsec_millis() / 100);
                let tenths = u16::try_from(tenths).unwrap_or(u16::MAX);
                octets.extend_from_slice(&tenths.to_be_bytes());
                octets.extend_from_slice(context);
            }
            Self::Subscription { topic: data, .. } | Self::Pong { context: data } => {
                octets.extend_from_slice(data);
            }
            Self::Handshake | Self::Unknown => {}
        }
        Frame::new(Flag::Command, P::from_bytes(&octets))
    }
}

/// The name of a command, and what is behind it.
pub(super) fn split(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&name_len, rest) = octets.split_first()?;
    rest.split_at_checked(name_len.into())
}

/// The beginning of a command of this name.
pub(super) fn named(name: &str) -> Vec<u8> {
    let mut octets = vec![name.len() as u8];
    octets.extend_from_slice(name.as_bytes());
    octets
}

/// The metadata of a READY command: names without regard to case, values of octets.
///
/// ```
/// use zmq_wasm::Properties;
///
/// fn room(properties: &Properties) -> Option<&str> {
///     std::str::from_utf8(properties.find("X-Room")?).ok()
/// }
/// assert_eq!(room(&Properties::default()), None);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(Vec<(String, Vec<u8>)>);

/// The property that tells who a peer is (RFC 27: "The user id").
const USER: &str = "User-Id";

impl Properties {
    /// The value of the property of this name.
    ///
    /// ```
    /// # use zmq_wasm::Properties;
    /// assert_eq!(Properties::default().find("Socket-Type"), None);
    /// ```
    pub fn find(&self, name: &str) -> Option<&[u8]> {
        let found = self.0.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_slice())
    }

    /// All of them, in the order they came.
    ///
    /// ```
    /// # use zmq_wasm::Properties;
    /// for (name, value) in Properties::default().iter() {
    ///     println!("{name}: {}", String::from_utf8_lossy(value));
    /// }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_slice()))
    }

    /// Puts this in the place of whatever there is under that name.
    ///
    /// ```
    /// # use zmq_wasm::Properties;
    /// let mut known = Properties::default();
    /// known.set("X-Team", b"red");
    /// assert_eq!(known.find("x-team"), Some(&b"red"[..]));
    /// ```
    pub fn set(&mut self, name: &str, value: &[u8]) {
        self.remove(name);
        self.push(name, value);
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// With this user, or with none.
    #[cfg(feature = "security")]
    pub(crate) fn with_user(mut self, user: &[u8]) -> Self {
        self.remove(USER);
        if !user.is_empty() {
            self.push(USER, user);
        }
        self
    }

    /// Lets what was decided about a peer take the place of what it says of itself; who it is, nobody says of itself.
    pub(crate) fn override_by(&mut self, known: &Self) {
        self.remove(USER);
        for (name, value) in known.iter() {
            self.set(name, value);
        }
    }

    pub(crate) fn push(&mut self, name: &str, value: &[u8]) {
        self.0.push((name.to_owned(), value.to_vec()));
    }

    pub(crate) fn parse(mut data: &[u8]) -> Option<Self> {
        let mut properties = Self::default();
        while let Some((&name_len, rest)) = data.split_first() {
            let (name, rest) = rest.split_at_checked(name_len.into())?;
            let (value_len, rest) = rest.split_first_chunk::<4>()?;
            let value_len = usize::try_from(u32::from_be_bytes(*value_len)).ok()?;
            let (value, rest) = rest.split_at_checked(value_len)?;
            if name.is_empty() {
                return None;
            }
            properties.push(core::str::from_utf8(name).ok()?, value);
            data = rest;
        }
        Some(properties)
    }

    pub(super) fn write(&self, octets: &mut Vec<u8>) {
        for (name, value) in self.iter() {
            octets.push(name.len() as u8);
            octets.extend_from_slice(name.as_bytes());
            octets.extend_from_slice(&(value.len() as u32).to_be_bytes());
            octets.extend_from_slice(value);
        }
    }
}

/// What a peer calls text, for people to read: where it is no UTF-8, octets that are no ASCII are replaced.
pub(crate) fn readable(octets: &[u8]) -> String {
    match core::str::from_utf8(octets) {
        Ok(text) => text.to_owned(),
        Err(_) => ascii(octets.iter().map(|&octet| if octet.is_ascii() { octet } else { b'?' }).collect()),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn context() -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(any::<u8>(), 0..=MAX_CONTEXT)
    }

    fn properties() -> impl Strategy<Value = Properties> {
        let property = ("[A-Za-z0-9-]{1,40}", prop::collection::vec(any::<u8>(), 0..300));
        prop::collection::vec(property, 0..6).prop_map(Properties)
    }

    fn any_command() -> impl Strategy<Value = Command> {
        prop_oneof![
            (prop::collection::vec(any::<u8>(), 0..400), any::<bool>(), any::<bool>())
                .prop_map(|(topic, on, by_group)| Command::Subscription { topic, on, by_group }),
            (any::<u16>(), context()).prop_map(|(tenths, context)| Command::Ping {
                ttl: Duration::from_millis(u64::from(tenths) * 100),
                context,
            }),
            context().prop_map(|context| Command::Pong { context }),
        ]
    }

    proptest! {
        #[test]
        fn every_command_comes_back_as_it_was(command in any_command()) {
            let frame: Frame<Bytes> = command.to_frame();
            prop_assert_eq!(frame.flag, Flag::Command);
            prop_assert_eq!(Command::decode(&frame.body), Ok(command));
        }

        #[test]
        fn arbitrary_octets_never_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Command::decode(&Bytes::from(octets));
        }

        #[test]
        fn metadata_comes_back_as_it_was_and_shorter_where_it_is_cut(properties in properties(), cut in 1_usize..50) {
            let mut octets = Vec::new();
            properties.write(&mut octets);
            prop_assert_eq!(Properties::parse(&octets), Some(properties.clone()));
            octets.truncate(octets.len().saturating_sub(cut));
            if let Some(shorter) = Properties::parse(&octets) {
                prop_assert!(shorter.0.len() < properties.0.len() || properties.0.is_empty());
            }
        }
    }

    #[test]
    fn a_length_beyond_the_end_is_malformed() {
        assert_eq!(Properties::parse(b"\x0bSocket-Type\xff\xff\xff\xffREQ"), None);
        assert_eq!(Command::decode(&Bytes::from_static(b"\x09PING")), Err(Misbehaviour::MalformedCommand));
        assert_eq!(Command::decode(&Bytes::new()), Err(Misbehaviour::MalformedCommand));
        let long = Bytes::from(vec![1; MAX_COMMAND + 1]);
        assert_eq!(Command::decode(&long), Err(Misbehaviour::Oversized));
    }
}
