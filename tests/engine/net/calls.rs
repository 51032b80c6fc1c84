//! The calls of an application, as short as tests like them.

use bytes::Bytes;
use zmq_wasm::engine::{Event, EventKind, EventValue};
use zmq_wasm::{Error, Message, OptionValue, SocketOption, SocketType};

use super::{Net, Parts, Sock, msg};

impl Net {
    pub(crate) fn set(&mut self, sock: Sock, option: SocketOption, value: impl Into<OptionValue>) {
        let value = value.into();
        self.with(sock, |engine, _| engine.set_option(option, &value)).expect("the option can be set");
    }

    pub(crate) fn redial(&mut self, sock: Sock) {
        self.with(sock, |engine, now| engine.redial(now));
    }

    pub(crate) fn subscribe(&mut self, sock: Sock, topic: &str) {
        self.with(sock, |engine, _| engine.subscribe(topic.as_bytes(), true)).expect("it can subscribe");
    }

    pub(crate) fn unsubscribe(&mut self, sock: Sock, topic: &str) {
        self.with(sock, |engine, _| engine.subscribe(topic.as_bytes(), false)).expect("it can unsubscribe");
    }

    /// Sends, and checks that a refused message is given back whole.
    pub(crate) fn try_send<T: AsRef<[u8]>>(
        &mut self,
        sock: Sock,
        parts: impl IntoIterator<Item = T>,
    ) -> Result<(), Error> {
        let parts = msg(parts);
        let message: Message<Bytes> = parts.iter().map(|part| Bytes::copy_from_slice(part)).collect();
        let (could, kind) = (self.can_send(sock), self.engine(sock).socket_type());
        let refused = self.with(sock, |engine, _| engine.send(message).err());
        refused.map_or(Ok(()), |refused| {
            assert_eq!(refused.message.parts(), parts, "a refused message is given back as it was");
            // Whom a message with a routing id is for, and how long its parts are, is not known before.
            let has_ids = matches!(kind, SocketType::Router | SocketType::Server | SocketType::Peer);
            let is_known = !has_ids && parts.iter().all(|part| part.len() <= 1000);
            let blocks = refused.error == Error::WouldBlock && is_known;
            assert!(!(could && blocks), "can_send said that a {kind:?} could");
            Err(refused.error)
        })
    }

    pub(crate) fn send<T: AsRef<[u8]>>(&mut self, sock: Sock, parts: impl IntoIterator<Item = T>) {
        self.try_send(sock, parts).expect("there is room for the message");
    }

    /// Receives after everything that can arrive by now has arrived.
    pub(crate) fn try_recv(&mut self, sock: Sock) -> Result<Option<Parts>, Error> {
        self.run();
        let can_recv = self.engine(sock).can_recv();
        let received = self.with(sock, |engine, _| engine.recv());
        assert_eq!(can_recv, !matches!(received, Ok(None) | Err(Error::WrongState(_) | Error::Misuse(_))));
        received.map(|message| message.map(msg))
    }

    pub(crate) fn recv(&mut self, sock: Sock) -> Option<Parts> {
        self.try_recv(sock).expect("this socket may receive now")
    }

    pub(crate) fn recv_all(&mut self, sock: Sock) -> Vec<Parts> {
        core::iter::from_fn(|| self.recv(sock)).collect()
    }

    pub(crate) fn can_send(&self, sock: Sock) -> bool {
        self.engine(sock).can_send()
    }

    /// What the monitor told since the last call.
    pub(crate) fn events(&mut self, sock: Sock) -> Vec<Event> {
        self.run();
        core::mem::take(&mut self.nodes[sock.0].events)
    }

    pub(crate) fn kinds(&mut self, sock: Sock) -> Vec<EventKind> {
        self.events(sock).into_iter().map(|event| event.kind).collect()
    }

    pub(crate) fn is_finished(&mut self, sock: Sock) -> bool {
        self.run();
        self.nodes[sock.0].finished
    }

    /// How often the engine asked to dial, and took a dial back.
    pub(crate) fn dials(&mut self, sock: Sock) -> (usize, usize) {
        self.run();
        (self.nodes[sock.0].dials, self.nodes[sock.0].cancelled)
    }

    /// How many connections the socket has, shaken hands or not.
    pub(crate) fn connections(&mut self, sock: Sock) -> usize {
        self.run();
        self.nodes[sock.0].ends.values().filter(|end| self.wires[end.wire].ends[end.side].open).count()
    }

    /// The events of this kind since the last call to any of these, as what they say in words or numbers.
    pub(crate) fn told(&mut self, sock: Sock, kind: EventKind) -> Vec<String> {
        let found = self.events(sock).into_iter().filter(|event| event.kind == kind);
        let said = found.map(|event| match event.value {
            EventValue::Number(number) => number.to_string(),
            EventValue::Text(text) => text,
        });
        said.collect()
    }
}

#[cfg(feature = "security")]
impl Net {
    /// Has this decide about the socket's peers.
    pub(crate) fn judge(&mut self, sock: Sock, judge: super::Judge) {
        self.nodes[sock.0].judge = judge;
    }

    /// About whom nothing is decided yet.
    pub(crate) fn judged(&mut self, sock: Sock) -> Vec<(zmq_wasm::PeerId, zmq_wasm::Credentials)> {
        self.run();
        core::mem::take(&mut self.nodes[sock.0].judged)
    }
}
