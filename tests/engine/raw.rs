//! Peers without an engine: they say by hand what a peer of another make, an old one or a hostile one says.
//! The octets here are written down from the RFCs and not by the code under test.

use crate::net::{End, Net, Unit};

pub(crate) const LAST: u8 = 0;
pub(crate) const MORE: u8 = 1;
/// The flag octet of a command in ZWS (RFC 45, "Framing"); in ZMTP it is 4.
pub(crate) const ZWS_COMMAND: u8 = 2;
pub(crate) const COMMAND: u8 = 4;

/// The signature and a major version (RFC 37, "Formal Grammar").
pub(crate) fn opening(major: u8) -> Vec<u8> {
    [&[0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f], &[major][..]].concat()
}

/// A whole greeting of 64 octets.
pub(crate) fn greeting(major: u8, minor: u8, mechanism: &str) -> Vec<u8> {
    let mut octets = opening(major);
    octets.push(minor);
    octets.extend_from_slice(mechanism.as_bytes());
    octets.resize(64, 0);
    octets
}

/// A frame of a byte stream.
pub(crate) fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    match u8::try_from(body.len()) {
        Ok(length) => [&[flags, length], body].concat(),
        Err(_) => [&[flags | 2], &(body.len() as u64).to_be_bytes()[..], body].concat(),
    }
}

/// The body of a command.
pub(crate) fn command(name: &str, data: &[u8]) -> Vec<u8> {
    [&[name.len() as u8], name.as_bytes(), data].concat()
}

/// The body of a READY command with these properties.
pub(crate) fn ready_with(properties: &[(&str, &[u8])]) -> Vec<u8> {
    let mut data = Vec::new();
    for (name, value) in properties {
        data.push(name.len() as u8);
        data.extend_from_slice(name.as_bytes());
        data.extend_from_slice(&(value.len() as u32).to_be_bytes());
        data.extend_from_slice(value);
    }
    command("READY", &data)
}

pub(crate) fn ready(socket_type: &str) -> Vec<u8> {
    ready_with(&[("Socket-Type", socket_type.as_bytes())])
}

/// The frames in these octets: their flags without LONG, and their bodies.
pub(crate) fn frames(mut octets: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut found = Vec::new();
    while let [flags, rest @ ..] = octets {
        let (length, rest) = if flags & 2 == 0 {
            (usize::from(rest[0]), &rest[1..])
        } else {
            let (length, rest) =
                rest.split_first_chunk::<8>().expect("a long frame has a length of 8 octets");
            (u64::from_be_bytes(*length) as usize, rest)
        };
        let (body, rest) = rest.split_at(length);
        found.push((flags & !2, body.to_vec()));
        octets = rest;
    }
    found
}

impl Net {
    /// The raw peer sends these octets, or this WebSocket message.
    pub(crate) fn tell(&mut self, raw: End, octets: impl AsRef<[u8]>) {
        self.push(raw.other(), Unit::Octets(octets.as_ref().to_vec()));
        self.run();
    }

    /// The raw peer sends a frame over its byte stream.
    pub(crate) fn tell_frame(&mut self, raw: End, flags: u8, body: impl AsRef<[u8]>) {
        self.tell(raw, frame(flags, body.as_ref()));
    }

    /// The raw peer sends a frame as a WebSocket message.
    pub(crate) fn tell_zws(&mut self, raw: End, flag: u8, body: impl AsRef<[u8]>) {
        self.tell(raw, [&[flag], body.as_ref()].concat());
    }

    /// All the octets that the raw peer has heard since the last call.
    pub(crate) fn heard(&mut self, raw: End) -> Vec<u8> {
        self.heard_units(raw).concat()
    }

    /// All the WebSocket messages that the raw peer has heard since the last call.
    pub(crate) fn heard_units(&mut self, raw: End) -> Vec<Vec<u8>> {
        self.run();
        let octets = |unit| if let Unit::Octets(octets) = unit { Some(octets) } else { None };
        core::mem::take(&mut self.state(raw).heard).into_iter().filter_map(octets).collect()
    }

    /// All the frames that the raw peer has heard since the last call, from where it is past the greeting.
    pub(crate) fn heard_frames(&mut self, raw: End) -> Vec<(u8, Vec<u8>)> {
        frames(&self.heard(raw))
    }

    /// Whether the engine has closed the connection.
    pub(crate) fn is_closed(&mut self, raw: End) -> bool {
        self.run();
        !self.state(raw).open
    }

    /// The raw peer closes the connection.
    pub(crate) fn hang_up(&mut self, raw: End) {
        self.state(raw).open = false;
        self.push(raw.other(), Unit::Close);
        self.run();
    }

    /// The raw peer greets as ZMTP 3.`minor` and says READY; what the engine said is dropped.
    pub(crate) fn shake(&mut self, raw: End, minor: u8, socket_type: &str) {
        self.tell(raw, greeting(3, minor, "NULL"));
        self.tell_frame(raw, COMMAND, ready(socket_type));
        assert!(!self.is_closed(raw), "the engine takes a {socket_type}");
        // 64 octets of greeting, then READY, and whatever the engine had to say at once.
        let heard = self.heard(raw);
        assert_eq!(frames(&heard[64..])[0].1[..6], *b"\x05READY");
    }

    /// The raw peer greets as ZMTP 3.1 and says READY; what the engine says is still to be heard.
    pub(crate) fn shake_and_keep(&mut self, raw: End, socket_type: &str) {
        self.tell(raw, greeting(3, 1, "NULL"));
        self.tell_frame(raw, COMMAND, ready(socket_type));
    }

    /// A raw peer that has connected to an engine's `tcp://` endpoint and shaken hands.
    pub(crate) fn raw_peer(&mut self, endpoint: &str, socket_type: &str) -> End {
        let raw = self.raw_connect(endpoint);
        self.shake(raw, 1, socket_type);
        raw
    }
}
