//! What each socket type does with peers and messages. A pattern sees pipes and messages; wires,
//! connections and time are the engine's.

mod core;
mod pair;
mod pipeline;
mod rep;
mod req;
mod router;
mod trie;
mod upstream;
mod xpub;
mod xsub;

use std::fmt;

pub(crate) use self::core::{Action, Core};

use crate::arena::PipeId;
use crate::error::{ApiMisuse, Error, Misbehaviour};
use crate::message::Message;
use crate::options::SocketOption;
use crate::payload::Payload;
use crate::socket_type::SocketType;

/// A send that was refused, with the message that was not sent.
///
/// ```
/// use bytes::Bytes;
/// use zmq_wasm::engine::Engine;
/// use zmq_wasm::{Error, Message, Options, SendError, SocketType};
///
/// let mut push: Engine<Bytes> = Engine::new(SocketType::Push, Options::default(), 1);
/// let SendError { error, message } = push.send(Message::from("to nobody")).unwrap_err();
/// assert_eq!(error, Error::WouldBlock);
/// assert_eq!(message.parts(), ["to nobody"]);
/// ```
#[derive(Debug)]
pub struct SendError<P> {
    /// Why.
    pub error: Error,
    /// The message, whole.
    pub message: Message<P>,
}

impl<P> SendError<P> {
    pub(crate) fn new(error: impl Into<Error>, message: Message<P>) -> Self {
        Self { error: error.into(), message }
    }
}

impl<P> fmt::Display for SendError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the message was not sent")
    }
}

impl<P: fmt::Debug> std::error::Error for SendError<P> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}

impl<P> From<SendError<P>> for Error {
    fn from(refused: SendError<P>) -> Self {
        refused.error
    }
}

/// What makes a socket type what it is.
pub(crate) trait Pattern<P: Payload> {
    /// A pipe is there: at connect, or when a peer that connected to us has shaken hands.
    fn attach(&mut self, _core: &mut Core<P>, _pipe: PipeId) {}

    /// A pipe is gone for sending. What it has received can still be read.
    fn detach(&mut self, _core: &mut Core<P>, _pipe: PipeId) {}

    /// A handshake is done, in which the peer gave this routing id. An error refuses the peer.
    fn connected(
        &mut self,
        _core: &mut Core<P>,
        _pipe: PipeId,
        _routing_id: Vec<u8>,
    ) -> Result<(), &'static str> {
        Ok(())
    }

    /// The connection is lost.
    fn disconnected(&mut self, _core: &mut Core<P>, _pipe: PipeId) {}

    /// A message came from a peer.
    fn deliver(&mut self, core: &mut Core<P>, pipe: PipeId, message: Message<P>) -> Result<(), Misbehaviour>;

    /// A peer subscribed, or took a subscription back.
    fn peer_subscription(
        &mut self,
        _core: &mut Core<P>,
        _pipe: PipeId,
        _topic: &[u8],
        _on: bool,
    ) -> Result<(), Misbehaviour> {
        Err(Misbehaviour::OutOfOrder)
    }

    /// The application subscribes, or takes a subscription back.
    fn subscribe(&mut self, _core: &mut Core<P>, _topic: &[u8], on: bool) -> Result<(), Error> {
        Err(no_subscriptions(on))
    }

    /// The subscriptions that a new peer must be told.
    fn subscriptions(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// How many topics are subscribed to; `None` where there are none.
    fn topics_count(&self) -> Option<usize> {
        None
    }

    /// The application sends.
    fn send(&mut self, core: &mut Core<P>, message: Message<P>) -> Result<(), SendError<P>> {
        Err(SendError::new(not_supported(core, "send"), message))
    }

    /// The application receives; `None` when nothing has come. `core.source` tells from where it was taken.
    fn recv(&mut self, core: &mut Core<P>) -> Result<Option<Message<P>>, Error> {
        Err(not_supported(core, "receive"))
    }

    fn can_send(&self, _core: &Core<P>) -> bool {
        false
    }

    fn can_recv(&self, _core: &Core<P>) -> bool {
        false
    }
}

/// The pattern of a socket type.
pub(crate) fn pattern<P: Payload>(socket_type: SocketType) -> Box<dyn Pattern<P>> {
    match socket_type {
        SocketType::Pair | SocketType::Channel => Box::new(pair::Pair::default()),
        SocketType::Push | SocketType::Scatter => Box::new(pipeline::Push::default()),
        SocketType::Pull | SocketType::Gather => Box::new(pipeline::Pull::default()),
        SocketType::Dealer | SocketType::Client => Box::new(pipeline::Dealer::default()),
        SocketType::Req => Box::new(req::Req::default()),
        SocketType::Rep => Box::new(rep::Rep::default()),
        SocketType::Router | SocketType::Server | SocketType::Peer => Box::new(router::Router::default()),
        SocketType::Pub | SocketType::Xpub | SocketType::Radio => Box::new(xpub::Xpub::new()),
        SocketType::Sub | SocketType::Xsub | SocketType::Dish => Box::new(xsub::Xsub::new()),
    }
}

/// As libzmq has it, SUBSCRIBE is an option that other types of socket do not have.
pub(crate) fn no_subscriptions(on: bool) -> Error {
    let option = if on { SocketOption::Subscribe } else { SocketOption::Unsubscribe };
    let reason = "only SUB sockets, and XPUB sockets under XPUB_MANUAL, have subscriptions";
    ApiMisuse::InvalidOption { option: option as i32, reason }.into()
}

fn not_supported<P>(core: &Core<P>, operation: &'static str) -> Error {
    ApiMisuse::NotSupported { operation, socket_type: core.socket_type }.into()
}
