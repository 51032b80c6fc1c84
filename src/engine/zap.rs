//! ZAP 1.0 (RFC 27): what a handler within the process is asked about a peer, and what its answer means.
//!
//! Each peer is asked about by a DEALER of its own, so that there is one request on its way there, and no other answer can come.

use super::{Engine, Verdict};
use crate::message::Message;
use crate::options::{Mechanism, SocketOption};
use crate::payload::Payload;
use crate::wire::command::Properties;
use crate::wire::mechanism::Credentials;

/// The inproc name that a handler is bound to.
///
/// ```
/// use zmq_wasm::engine::zap::HANDLER;
///
/// let endpoint: zmq_wasm::Endpoint = format!("inproc://{HANDLER}").parse()?;
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
pub const HANDLER: &str = "zeromq.zap.01";
const VERSION: &[u8] = b"1.0";
const REQUEST_ID: &[u8] = b"1";
/// RFC 27: "The user id, which SHALL be a string of 0 to 255 octets".
const LONGEST_USER_ID: usize = 255;

impl<P: Payload> Engine<P> {
    /// What the handler is asked about a peer that has come to this socket, as [`Output::Judge`](super::Output::Judge) tells. A DEALER of
    /// its own is to send it, and its answer is a [verdict](Verdict::from_zap).
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::engine::Engine;
    /// use zmq_wasm::{Credentials, Options, SocketType};
    ///
    /// let engine: Engine<Bytes> = Engine::new(SocketType::Rep, Options::default(), 1);
    /// let request = engine.zap_request("192.0.2.1:5555", &Credentials::Null);
    /// assert_eq!(request.parts(), ["", "1.0", "1", "", "192.0.2.1", "", "NULL"]);
    /// ```
    pub fn zap_request(&self, address: &str, credentials: &Credentials) -> Message<P> {
        let options = &self.core.options;
        let (mechanism, proofs): (_, Vec<&[u8]>) = match credentials {
            Credentials::Null => (Mechanism::Null, Vec::new()),
            Credentials::Plain { username, password } => (Mechanism::Plain, vec![username, password]),
            Credentials::Curve { public_key } => (Mechanism::Curve, vec![public_key]),
        };
        let envelope: [&[u8]; 7] = [
            b"",
            VERSION,
            REQUEST_ID,
            options.octets(SocketOption::ZapDomain),
            host(address).as_bytes(),
            // Of this socket, as libzmq has it: the peer's own is not known yet.
            options.octets(SocketOption::RoutingId),
            mechanism.name().as_bytes(),
        ];
        let mut request = Message::new();
        for part in envelope.into_iter().chain(proofs) {
            request.push(P::from_bytes(part));
        }
        request
    }
}

impl Verdict {
    /// What the handler has answered. A handler whose answer is none has failed.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use zmq_wasm::Message;
    /// use zmq_wasm::engine::Verdict;
    ///
    /// let answer: Message<Bytes> = ["", "1.0", "1", "200", "OK", "joe", ""].map(Bytes::from).into();
    /// assert_eq!(Verdict::from_zap(&answer), Verdict::allow("joe"));
    /// assert_eq!(Verdict::from_zap(&Message::<Bytes>::from("what?")), Verdict::Fail);
    /// ```
    pub fn from_zap<P: Payload>(reply: &Message<P>) -> Self {
        let parts: Vec<Vec<u8>> = reply.parts().iter().map(Payload::to_vec).collect();
        let [delimiter, version, id, status, _text, user_id, metadata] = parts.as_slice() else {
            return Self::Fail;
        };
        if !delimiter.is_empty() || version != VERSION || id != REQUEST_ID || user_id.len() > LONGEST_USER_ID
        {
            return Self::Fail;
        }
        match (status.as_slice(), Properties::parse(metadata)) {
            (b"200", Some(known)) => Self::Allow(known.with_user(user_id)),
            (b"300", _) => Self::TryLater,
            (b"400", _) => Self::Deny,
            _ => Self::Fail,
        }
    }
}

/// An address without its port: ZAP has the host's alone.
pub(crate) fn host(address: &str) -> &str {
    match address.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => match address.split_once(':') {
            Some((host, port)) if !port.contains(':') => host,
            _ => address,
        },
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::options::Options;
    use crate::socket_type::SocketType;

    fn reply(parts: &[&[u8]]) -> Message<Bytes> {
        let mut message = Message::new();
        parts.iter().for_each(|part| message.push(Bytes::copy_from_slice(part)));
        message
    }

    #[test]
    fn a_request_is_that_of_the_rfc() {
        let mut options = Options::default();
        options.set(SocketOption::ZapDomain, &"global".into()).expect("a domain");
        options.set(SocketOption::RoutingId, &"me".into()).expect("a routing id");
        let engine: Engine<Bytes> = Engine::new(SocketType::Rep, options, 1);
        let plain = Credentials::Plain { username: b"admin".to_vec(), password: b"secret".to_vec() };
        let request = engine.zap_request("10.0.0.1:5555", &plain);
        assert_eq!(request.parts(), ["", "1.0", "1", "global", "10.0.0.1", "me", "PLAIN", "admin", "secret"]);
        let curve = Credentials::Curve { public_key: [7; 32] };
        let request = engine.zap_request("[::1]:5555", &curve);
        assert_eq!(request.parts()[4..], [&b"::1"[..], b"me", b"CURVE", &[7; 32]]);
        for (address, host) in
            [("", ""), ("fe80::1", "fe80::1"), ("/tmp/feed", "/tmp/feed"), ("peer.example", "peer.example")]
        {
            assert_eq!(engine.zap_request(address, &Credentials::Null).parts()[4..], [host, "me", "NULL"]);
        }
    }

    #[test]
    fn an_answer_means_what_its_status_says_and_anything_else_that_the_handler_failed() {
        let known = b"\x06X-Team\0\0\0\x03red\x07user-id\0\0\0\x04fake";
        let Verdict::Allow(properties) =
            Verdict::from_zap(&reply(&[b"", b"1.0", b"1", b"200", b"OK", b"joe", known]))
        else {
            panic!("it was allowed");
        };
        let all: Vec<_> = properties.iter().collect();
        assert_eq!(all, [("X-Team", &b"red"[..]), ("User-Id", b"joe")]);
        for (status, verdict) in
            [("300", Verdict::TryLater), ("400", Verdict::Deny), ("500", Verdict::Fail), ("", Verdict::Fail)]
        {
            let parts: [&[u8]; 7] = [b"", b"1.0", b"1", status.as_bytes(), b"", b"", b""];
            assert_eq!(Verdict::from_zap(&reply(&parts)), verdict);
        }
        let long = [b'x'; 256];
        let faults: [&[&[u8]]; 6] = [
            &[],
            &[b"", b"1.0", b"1", b"200", b"OK", b""],
            &[b"", b"1.1", b"1", b"200", b"OK", b"", b""],
            &[b"", b"1.0", b"2", b"200", b"OK", b"", b""],
            &[b"", b"1.0", b"1", b"200", b"OK", &long, b""],
            &[b"", b"1.0", b"1", b"200", b"OK", b"", b"\x06X-Te"],
        ];
        for fault in faults {
            assert_eq!(Verdict::from_zap(&reply(fault)), Verdict::Fail, "{fault:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_a_handler_answers_is_a_verdict(parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..9)) {
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            prop_assert!(!matches!(Verdict::from_zap(&reply(&parts)), Verdict::Nobody));
        }
    }
}
