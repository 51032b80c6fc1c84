//! The PLAIN mechanism (RFC 24): the client says a name and a password, which everybody on the way can read.
//!
//! ```text
//! client              server
//!    HELLO name, password ->
//!                      (asks whether to let it in)
//!    <- WELCOME, or ERROR
//!    INITIATE metadata ->
//!    <- READY metadata
//! ```

use super::{Credentials, Scene, Step, read_metadata, write_metadata};
use crate::error::{CloseReason, Misbehaviour};
use crate::options::SocketOption;
use crate::wire::command::named;

/// How far one side is: what it waits for.
pub(crate) enum Handshake {
    /// The client.
    Welcome,
    Ready,
    /// The server.
    Hello,
    /// Somebody decides.
    Verdict,
    Initiate,
}

impl Handshake {
    pub(super) fn new(is_server: bool) -> Self {
        if is_server { Self::Hello } else { Self::Welcome }
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self, Self::Hello | Self::Verdict | Self::Initiate)
    }

    pub(super) fn begin(&self, scene: &Scene<'_>) -> Step {
        if self.is_server() {
            return Step::wait();
        }
        let mut hello = named("HELLO");
        for option in [SocketOption::PlainUsername, SocketOption::PlainPassword] {
            // The option takes no more than fit.
            let octets = scene.options.octets(option);
            hello.push(octets.len() as u8);
            hello.extend_from_slice(octets);
        }
        Step::say(hello)
    }

    pub(super) fn read(&mut self, name: &[u8], data: &[u8], scene: &Scene<'_>) -> Result<Step, CloseReason> {
        match (&self, name) {
            (Self::Welcome, b"WELCOME") if data.is_empty() => {
                *self = Self::Ready;
                Ok(Step::say(write_metadata(named("INITIATE"), scene)))
            }
            (Self::Welcome, b"WELCOME") => Err(Misbehaviour::MalformedCommand.into()),
            (Self::Ready, b"READY") => Ok(Step::ready(None, read_metadata(data, scene)?)),
            (Self::Hello, b"HELLO") => {
                *self = Self::Verdict;
                Ok(Step::ask(read_hello(data).ok_or(Misbehaviour::MalformedCommand)?))
            }
            (Self::Initiate, b"INITIATE") => {
                let properties = read_metadata(data, scene)?;
                Ok(Step::ready(Some(write_metadata(named("READY"), scene)), properties))
            }
            _ => Err(Misbehaviour::OutOfOrder.into()),
        }
    }

    pub(super) fn allowed(&mut self) -> Step {
        *self = Self::Initiate;
        Step::say(named("WELCOME"))
    }
}

fn read_hello(data: &[u8]) -> Option<Credentials> {
    let (username, rest) = read_short(data)?;
    let (password, rest) = read_short(rest)?;
    let credentials = Credentials::Plain { username: username.to_vec(), password: password.to_vec() };
    rest.is_empty().then_some(credentials)
}

/// Octets behind an octet that says how many.
fn read_short(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&length, rest) = data.split_first()?;
    rest.split_at_checked(length.into())
}
