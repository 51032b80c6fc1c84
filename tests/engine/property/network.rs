//! What the property tests have in common: two rows of sockets, what may happen to them, and an account of
//! messages.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use zmq_wasm::SocketOption::{RcvHwm, SndHwm};
use zmq_wasm::{OptionValue, SocketOption, SocketType};

use crate::net::{LinkPlan, Net, Parts, Sock, TRANSPORTS, at, ms, msg};

/// What may happen next; the numbers choose whom it happens to.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    Send(usize),
    Recv(usize),
    /// A sender gets no credit on any of its connections, or as much as it likes.
    Choke(usize, bool),
    /// A connection is lost while nothing is under way on it.
    CutAtRest(usize, usize),
    /// A connection is lost with all that is under way on it.
    Cut(usize, usize),
    Advance(u64),
}

pub(super) fn acts(length: usize) -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        8 => any::<usize>().prop_map(Act::Send),
        6 => any::<usize>().prop_map(Act::Recv),
        2 => any::<(usize, bool)>().prop_map(|(who, on)| Act::Choke(who, on)),
        1 => any::<(usize, usize)>().prop_map(|(a, b)| Act::CutAtRest(a, b)),
        1 => any::<(usize, usize)>().prop_map(|(a, b)| Act::Cut(a, b)),
        3 => (0_u64..300).prop_map(Act::Advance),
    ];
    prop::collection::vec(act, 0..length)
}

fn plan() -> impl Strategy<Value = LinkPlan> {
    let window = prop_oneof![Just(None), Just(Some(1)), Just(Some(40))];
    let chunk = prop_oneof![1_usize..20, Just(usize::MAX)];
    (0_u64..30, window, chunk).prop_map(|(latency, window, chunk)| LinkPlan {
        latency: ms(latency),
        window,
        can_pause: true,
        chunk,
        frame_limit: None,
    })
}

/// Two rows of sockets, each of the one row connected with each of the other.
pub(super) struct Rows {
    pub(super) net: Net,
    pub(super) left: Vec<Sock>,
    pub(super) right: Vec<Sock>,
}

#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) counts: (usize, usize),
    /// Whether the left row binds.
    pub(super) left_binds: bool,
    pub(super) endpoint: &'static str,
    pub(super) hwm: i32,
    pub(super) plan: LinkPlan,
}

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    let counts = (1_usize..4, 1_usize..4);
    (counts, any::<bool>(), prop::sample::select(&TRANSPORTS[..]), 1..4_i32, plan()).prop_map(
        |(counts, left_binds, endpoint, hwm, plan)| Shape { counts, left_binds, endpoint, hwm, plan },
    )
}

impl Rows {
    pub(super) fn new(
        shape: &Shape,
        left: SocketType,
        right: SocketType,
        options: &[(SocketOption, OptionValue)],
    ) -> Self {
        let mut net = Net::new();
        net.plan = shape.plan;
        let hwm = [(SndHwm, shape.hwm.into()), (RcvHwm, shape.hwm.into())];
        let mut row = |kind, count, options: &[_]| {
            let options = [&hwm[..], options].concat();
            (0..count).map(|_| net.open_with(kind, &options)).collect::<Vec<_>>()
        };
        let (left, right) = (row(left, shape.counts.0, &[]), row(right, shape.counts.1, options));
        let (binds, connects) = if shape.left_binds { (&left, &right) } else { (&right, &left) };
        for (host, &sock) in binds.iter().enumerate() {
            net.bind(sock, &at(shape.endpoint, host));
            for &other in connects {
                net.connect(other, &at(shape.endpoint, host));
            }
        }
        net.advance(ms(1000));
        Self { net, left, right }
    }

    pub(super) fn pick(&self, a: usize, b: usize) -> (Sock, Sock) {
        (self.left[a % self.left.len()], self.right[b % self.right.len()])
    }

    pub(super) fn choke(&mut self, who: usize, on: bool) {
        let sender = self.left[who % self.left.len()];
        for receiver in self.right.clone() {
            self.net.credit(sender, receiver, if on { 0 } else { usize::MAX });
        }
    }

    /// What both rows have in common; gives back what the test has to do by itself.
    pub(super) fn act(&mut self, act: Act) -> Option<Act> {
        match act {
            Act::Send(_) | Act::Recv(_) => return Some(act),
            Act::Choke(who, on) => self.choke(who, on),
            Act::CutAtRest(a, b) => {
                let (a, b) = self.pick(a, b);
                self.net.cut_at_rest(a, b);
            }
            Act::Cut(a, b) => {
                let (a, b) = self.pick(a, b);
                self.net.cut(a, b);
            }
            Act::Advance(millis) => self.net.advance(ms(millis)),
        }
        None
    }

    pub(super) fn unchoke_all(&mut self) {
        for who in 0..self.left.len() {
            self.choke(who, false);
        }
    }
}

/// Numbered messages: what each sender sent, and what each receiver got from each sender, in order.
#[derive(Default)]
pub(super) struct Account {
    pub(super) sent: BTreeMap<usize, usize>,
    pub(super) got: BTreeMap<(Sock, usize), Vec<usize>>,
}

impl Account {
    pub(super) fn next(&mut self, sender: usize) -> Parts {
        let number = self.sent.entry(sender).or_default();
        *number += 1;
        msg([format!("{sender}"), String::new(), format!("{}", *number - 1)])
    }

    pub(super) fn unsend(&mut self, sender: usize) {
        *self.sent.get_mut(&sender).expect("it was numbered") -= 1;
    }

    pub(super) fn receive(&mut self, receiver: Sock, message: &[Vec<u8>]) {
        let number = |part: &[u8]| core::str::from_utf8(part).ok().and_then(|text| text.parse().ok());
        let [sender, empty, sequence] = message else { panic!("a torn message: {message:?}") };
        assert!(empty.is_empty());
        let sender = number(sender).expect("it is as it was sent");
        self.got.entry((receiver, sender)).or_default().push(number(sequence).expect("it is as it was sent"));
    }

    pub(super) fn receive_all(&mut self, net: &mut Net, receiver: Sock) {
        while let Some(message) = net.recv(receiver) {
            self.receive(receiver, &message);
        }
    }

    /// RFC 37, "Socket Semantics": "All messages between two immediate peers SHALL be delivered in order",
    /// and "A message SHALL NOT be delivered more than once to any peer".
    pub(super) fn check_order(&self) {
        for (pair, numbers) in &self.got {
            assert!(numbers.is_sorted_by(|a, b| a < b), "{pair:?}: {numbers:?}");
        }
        let all =
            self.got.iter().flat_map(|((_, sender), numbers)| numbers.iter().map(move |n| (*sender, *n)));
        let all: Vec<_> = all.collect();
        assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "a message came to two");
    }

    pub(super) fn check_complete(&self) {
        for (sender, count) in &self.sent {
            let got =
                self.got.iter().filter(|((_, from), _)| from == sender).flat_map(|(_, numbers)| numbers);
            let mut got: Vec<usize> = got.copied().collect();
            got.sort_unstable();
            assert_eq!(got, (0..*count).collect::<Vec<_>>(), "of sender {sender}");
        }
    }
}
