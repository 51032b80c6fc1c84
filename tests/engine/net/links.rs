//! What happens on the rig's links: dialling, carrying, and what a shell does with what arrives.

use std::collections::VecDeque;

use bytes::{Buf, Bytes, BytesMut};
use zmq_wasm::engine::{Flow, Heartbeat, Output, Protocol, Role, Transport};
use zmq_wasm::wire::zmtp::{Codec, Header};
use zmq_wasm::wire::zws::{Dialect, flag_octet, parse_flag};
use zmq_wasm::{CloseReason, DialerId, Endpoint, Frame, Instant, Misbehaviour};

use super::{End, EndState, Listening, Net, Owner, Sock, Unit, Wire};

impl Net {
    pub(super) fn step(&mut self) -> bool {
        if let Some((sock, dialer, endpoint)) = self.dialing.pop_front() {
            self.dial(sock, dialer, &endpoint);
            return true;
        }
        if let Some(end) = self.resumed.pop_front() {
            self.decode(end);
            return true;
        }
        let now = self.now;
        if let Some(index) = self.nodes.iter().position(|node| node.wake.is_some_and(|wake| wake <= now)) {
            self.with(Sock(index), |engine, now| engine.handle_timeout(now));
            return true;
        }
        let due = |end: &EndState| end.is_reading() && end.inbox.front().is_some_and(|(due, _)| *due <= now);
        for wire in 0..self.wires.len() {
            for side in [0, 1] {
                if due(&self.wires[wire].ends[side]) {
                    self.arrive(End { wire, side });
                    return true;
                }
            }
        }
        false
    }

    fn dial(&mut self, sock: Sock, dialer: DialerId, endpoint: &Endpoint) {
        let name = endpoint.to_string();
        if self.silent.contains(&name) {
            return;
        }
        if !self.listening.contains_key(&name) {
            let reason = "connection refused".to_owned();
            return self.with(sock, |engine, now| engine.handle_dial_failed(dialer, reason, now));
        }
        let wire = self.new_wire(endpoint);
        self.attach(End { wire, side: 0 }, sock, Role::Connecting(dialer));
        self.accept(wire, &name);
    }

    pub(super) fn accept(&mut self, wire: usize, name: &str) {
        match self.listening.get(name) {
            Some(&Listening::Engine(sock, id)) => {
                self.attach(End { wire, side: 1 }, sock, Role::Accepted(id))
            }
            Some(Listening::Raw) => self.accepted_raw.push_back(End { wire, side: 1 }),
            None => panic!("nobody listens at {name}"),
        }
    }

    pub(super) fn new_wire(&mut self, endpoint: &Endpoint) -> usize {
        let protocol = match endpoint {
            Endpoint::Tcp(_) => Protocol::Zmtp,
            Endpoint::Ws { path, .. } if path == "/bare" => Protocol::Zws(Dialect::Bare),
            Endpoint::Ws { path, .. } if path == "/plain" => Protocol::Zws(Dialect::Plain),
            Endpoint::Ws { path, .. } if path == "/curve" => Protocol::Zws(Dialect::Curve),
            Endpoint::Ws { .. } => Protocol::Zws(Dialect::Null),
            _ => Protocol::Inproc,
        };
        let end = || EndState {
            owner: Owner::Raw,
            codec: None,
            input: BytesMut::new(),
            inbox: VecDeque::new(),
            open: true,
            paused: false,
            held: false,
            heard: Vec::new(),
        };
        self.wires.push(Wire { protocol, plan: self.plan, ends: [end(), end()] });
        self.wires.len() - 1
    }

    fn attach(&mut self, end: End, sock: Sock, role: Role) {
        let protocol = self.wires[end.wire].protocol;
        let heartbeat = match protocol {
            Protocol::Zmtp => Heartbeat::Command,
            Protocol::Zws(_) => Heartbeat::Transport,
            Protocol::Inproc => Heartbeat::None,
        };
        let frame_limit = self.wires[end.wire].plan.frame_limit.filter(|_| end.side == 0);
        let transport = Transport { protocol, heartbeat, frame_limit, address: "10.0.0.1".to_owned() };
        let (now, window) = (self.now, self.wires[end.wire].plan.window);
        let engine = &mut self.nodes[sock.0].engine;
        let Some(peer) = engine.handle_connected(role, transport, now) else {
            self.state(end).open = false;
            return self.push(end.other(), Unit::Close);
        };
        if let Some(window) = window {
            engine.handle_writable(peer, window);
        }
        self.state(end).owner = Owner::Engine(sock, peer);
        if protocol == Protocol::Zmtp {
            let codec = Codec::new(self.engine(sock).socket_type(), self.engine(sock).options());
            let mut out = BytesMut::new();
            codec.start(&mut out);
            self.state(end).codec = Some(codec);
            self.push_octets(end.other(), &out);
        }
        self.nodes[sock.0].ends.insert(peer, end);
        self.drain(sock);
    }

    /// Does what an engine says until it is idle.
    pub(super) fn drain(&mut self, sock: Sock) {
        loop {
            let node = &mut self.nodes[sock.0];
            match node.engine.poll_output() {
                Output::Transmit { peer, frame } => {
                    let end = node.ends[&peer];
                    self.transmit(end.other(), frame);
                }
                Output::Ping { peer } => {
                    let end = node.ends[&peer];
                    self.push(end.other(), Unit::Ping);
                }
                Output::Resume { peer } => {
                    let end = node.ends[&peer];
                    self.state(end).paused = false;
                    self.resumed.push_back(end);
                }
                Output::Close { peer, reason } => {
                    let end = node.ends.remove(&peer).expect("the engine closes what it has");
                    self.state(end).open = false;
                    if !reason.is_graceful() {
                        self.state(end.other()).inbox.clear();
                    }
                    self.push(end.other(), Unit::Close);
                }
                #[cfg(feature = "security")]
                Output::Judge { peer, credentials, .. } => match (node.judge)(&credentials) {
                    Some(verdict) => node.engine.handle_verdict(peer, verdict, self.now),
                    None => node.judged.push((peer, credentials)),
                },
                Output::Dial { dialer, endpoint } => {
                    node.dials += 1;
                    self.dialing.push_back((sock, dialer, endpoint));
                }
                Output::CancelDial { dialer } => {
                    node.cancelled += 1;
                    self.dialing.retain(|(whose, id, _)| (*whose, *id) != (sock, dialer));
                }
                Output::Event(event) => node.events.push(event),
                Output::Finished => {
                    assert!(!node.finished, "a socket finishes once");
                    node.finished = true;
                }
                Output::Idle { wake } => {
                    node.wake = wake;
                    return;
                }
            }
        }
    }

    fn transmit(&mut self, to: End, frame: Frame<Bytes>) {
        match self.wires[to.wire].protocol {
            Protocol::Inproc => self.push(to, Unit::Frame(frame)),
            Protocol::Zws(_) => {
                let message = [&[flag_octet(frame.flag)], &frame.body[..]].concat();
                self.push(to, Unit::Octets(message));
            }
            Protocol::Zmtp => {
                let mut out = BytesMut::new();
                Codec::encode_header(frame.flag, frame.body.len(), &mut out);
                out.extend_from_slice(&frame.body);
                self.push_octets(to, &out);
            }
        }
    }

    fn push_octets(&mut self, to: End, octets: &[u8]) {
        for piece in octets.chunks(self.wires[to.wire].plan.chunk) {
            self.push(to, Unit::Octets(piece.to_vec()));
        }
    }

    pub(crate) fn push(&mut self, to: End, unit: Unit) {
        let due = self.now + self.wires[to.wire].plan.latency;
        self.state(to).inbox.push_back((due, unit));
    }

    /// The next thing under way arrives.
    fn arrive(&mut self, end: End) {
        let Some((_, unit)) = self.state(end).inbox.pop_front() else { return };
        self.grant_credit(end.other());
        let Owner::Engine(sock, peer) = self.state(end).owner else {
            self.state(end).open &= unit != Unit::Close;
            return self.state(end).heard.push(unit);
        };
        match (unit, self.wires[end.wire].protocol) {
            (Unit::Octets(octets), Protocol::Zmtp) => {
                self.state(end).input.extend_from_slice(&octets);
                self.decode(end);
            }
            (Unit::Octets(octets), _) => match octets.split_first() {
                None => self.fault(end, Misbehaviour::EmptyFrame.into()),
                Some((&octet, body)) => match parse_flag(octet) {
                    Ok(flag) => self.hand_over(end, Frame::new(flag, Bytes::copy_from_slice(body))),
                    Err(reason) => self.fault(end, reason.into()),
                },
            },
            (Unit::Text, _) => self.fault(end, Misbehaviour::TextFrame.into()),
            (Unit::Frame(frame), _) => self.hand_over(end, frame),
            (Unit::Ping, _) => self.push(end.other(), Unit::Pong),
            (Unit::Pong, _) => self.with(sock, |engine, now| engine.handle_activity(peer, now)),
            (Unit::Close, _) => {
                self.end_of_connection(end, CloseReason::Remote("closed by the peer".to_owned()));
            }
        }
    }

    /// What a shell does with a byte stream: decodes until there is no more, or the engine says stop.
    fn decode(&mut self, end: End) {
        while self.state(end).is_reading() {
            let Owner::Engine(sock, peer) = self.state(end).owner else { return };
            let mut out = BytesMut::new();
            let state = self.state(end);
            let Some(codec) = &mut state.codec else { return };
            if codec.is_greeted() {
                match codec.header(&state.input) {
                    Ok(Some(Header { flag, size, length })) if state.input.len() - size >= length => {
                        state.input.advance(size);
                        let body = state.input.split_to(length).freeze();
                        self.hand_over(end, Frame::new(flag, body));
                    }
                    Ok(_) => return,
                    Err(fault) => return self.fault(end, fault.into()),
                }
                continue;
            }
            let greeted = codec.greet(&mut state.input, &mut out);
            self.push_octets(end.other(), &out);
            match greeted {
                Ok(None) => return,
                Ok(Some(greeting)) => {
                    self.with(sock, |engine, now| engine.handle_greeting(peer, greeting, now));
                }
                Err(reason) => return self.fault(end, reason),
            }
        }
    }

    fn hand_over(&mut self, end: End, frame: Frame<Bytes>) {
        let Owner::Engine(sock, peer) = self.state(end).owner else { return };
        let can_pause = self.wires[end.wire].plan.can_pause;
        let flow = self.with(sock, |engine, now| engine.handle_frame(peer, frame, now));
        self.state(end).paused = can_pause && flow == Flow::Pause;
    }

    /// The shell found something that the protocol does not allow.
    fn fault(&mut self, end: End, reason: CloseReason) {
        self.end_of_connection(end, reason);
        self.push(end.other(), Unit::Close);
    }

    pub(super) fn end_of_connection(&mut self, end: End, reason: CloseReason) {
        let state = self.state(end);
        if core::mem::replace(&mut state.open, false)
            && let Owner::Engine(sock, peer) = state.owner
        {
            self.nodes[sock.0].ends.remove(&peer);
            self.with(sock, |engine, now| engine.handle_disconnected(peer, reason, now));
        }
    }

    /// Tells a sender how much of the window is free again.
    fn grant_credit(&mut self, end: End) {
        let Some(window) = self.wires[end.wire].plan.window else { return };
        let under_way = |(_, unit): &(Instant, Unit)| match unit {
            Unit::Octets(octets) => octets.len(),
            Unit::Frame(frame) => frame.body.len() + 1,
            _ => 0,
        };
        let used: usize = self.state(end.other()).inbox.iter().map(under_way).sum();
        if let Owner::Engine(sock, peer) = self.state(end).owner {
            self.with(sock, |engine, _| engine.handle_writable(peer, window.saturating_sub(used)));
        }
    }

    pub(crate) fn state(&mut self, end: End) -> &mut EndState {
        &mut self.wires[end.wire].ends[end.side]
    }
}

impl EndState {
    pub(super) fn is_at_rest(&self) -> bool {
        self.inbox.is_empty() && self.input.is_empty()
    }

    pub(super) fn is_reading(&self) -> bool {
        self.open && !self.paused && !self.held
    }
}
