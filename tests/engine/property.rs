//! Random networks, and an account of every message.

mod network;

use std::collections::{BTreeMap, VecDeque};

use proptest::prelude::*;
use zmq_wasm::SocketOption::{HeartbeatIvl, RcvHwm, RouterMandatory, RoutingId};
use zmq_wasm::SocketType::{Dealer, Pair, Pub, Pull, Push, Rep, Req, Router, Sub, Xpub, Xsub};
use zmq_wasm::{Error, SocketType};

use self::network::{Account, Act, Rows, Shape, acts, shape};
use crate::net::{INPROC, LinkPlan, Net, Parts, Sock, TRANSPORTS, ms, msg};
use crate::raw::{COMMAND, LAST, ZWS_COMMAND, greeting, ready};

/// Sends numbered messages from the left to the right while all this happens, then lets everything arrive.
fn pipeline(shape: &Shape, kinds: (SocketType, SocketType), acts: &[Act], cuts: bool) -> Account {
    let mut rows = Rows::new(shape, kinds.0, kinds.1, &[]);
    let mut account = Account::default();
    for &act in acts {
        match act {
            Act::Cut(..) if !cuts => continue,
            // What is received on one connection and on the next is of two pipes, and so in no order.
            Act::Cut(a, b) | Act::CutAtRest(a, b) => {
                let (_, receiver) = rows.pick(a, b);
                account.receive_all(&mut rows.net, receiver);
            }
            _ => {}
        }
        match rows.act(act) {
            Some(Act::Send(who)) => {
                let who = who % rows.left.len();
                if rows.net.try_send(rows.left[who], account.next(who)).is_err() {
                    account.unsend(who);
                }
            }
            Some(Act::Recv(who)) => {
                let receiver = rows.right[who % rows.right.len()];
                if let Some(message) = rows.net.recv(receiver) {
                    account.receive(receiver, &message);
                }
            }
            _ => {}
        }
    }
    rows.unchoke_all();
    for _ in 0..200 {
        for receiver in rows.right.clone() {
            account.receive_all(&mut rows.net, receiver);
        }
        rows.net.advance(ms(100));
    }
    account
}

/// DEALERs on the left ask, ROUTERs on the right answer with what they were asked.
struct Exchange {
    rows: Rows,
    there: Account,
    back: Account,
    /// What each ROUTER has still to answer.
    answers: BTreeMap<Sock, VecDeque<Parts>>,
}

impl Exchange {
    fn ask(&mut self, who: usize) {
        let who = who % self.rows.left.len();
        if self.rows.net.try_send(self.rows.left[who], self.there.next(who)).is_err() {
            self.there.unsend(who);
        }
    }

    fn step(&mut self) {
        let net = &mut self.rows.net;
        for &router in &self.rows.right {
            let waiting = self.answers.entry(router).or_default();
            if let Some(message) = net.recv(router) {
                self.there.receive(router, &message[1..]);
                waiting.push_back(message);
            }
            let Some(answer) = waiting.pop_front() else { continue };
            match net.try_send(router, &answer) {
                Ok(()) => {}
                Err(Error::WouldBlock) => waiting.push_front(answer),
                Err(error) => panic!("{error}"),
            }
        }
        for (who, &dealer) in self.rows.left.iter().enumerate() {
            while let Some(message) = net.recv(dealer) {
                assert_eq!(message[0], who.to_string().into_bytes(), "an answer for another");
                self.back.receive(dealer, &message);
            }
        }
    }
}

/// Octets of which many mean something at the beginning of a frame.
fn octets() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop_oneof![0_u8..8, any::<u8>()], 0..60)
}

fn routing_id() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(1_u8.., 1..=255)
}

/// So many cases that they take a moment; PROPTEST_CASES asks for more.
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(32);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// The README says by which of these each guarantee is checked.
#[test]
fn the_readme_names_what_is_here() {
    let (readme, source) = (include_str!("../../README.md"), include_str!("property.rs"));
    let table = readme.split_once("| checked by |").expect("the README has a table of them").1;
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let names: Vec<&str> = rows.filter_map(|row| row.rsplit('`').nth(1)).collect();
    assert!(names.len() >= 6, "{names:?}");
    for name in names {
        assert!(source.contains(&format!("fn {name}(")), "{name}");
    }
}

proptest! {
    #![proptest_config(config())]

    /// RFC 30, PUSH, and RFC 28, DEALER: "SHALL NOT discard messages that it cannot queue". Where the senders
    /// connect, nothing is lost at all as long as connections are lost at rest: the queue survives them.
    #[test]
    fn connecting_senders_lose_nothing(shape in shape(), acts in acts(120), dealer in any::<bool>()) {
        let shape = Shape { left_binds: false, ..shape };
        let account = pipeline(&shape, if dealer { (Dealer, Dealer) } else { (Push, Pull) }, &acts, false);
        account.check_order();
        account.check_complete();
    }

    /// RFC 37, "Socket Semantics": whatever is cut whenever, and whoever binds, what arrives is whole, in
    /// order and there once.
    #[test]
    fn what_arrives_is_in_order_and_once(shape in shape(), acts in acts(120), dealer in any::<bool>()) {
        let account = pipeline(&shape, if dealer { (Dealer, Dealer) } else { (Push, Pull) }, &acts, true);
        account.check_order();
    }

    /// RFC 30: a pipeline whose connections live loses nothing, whoever binds.
    #[test]
    fn a_pipeline_without_cuts_loses_nothing(shape in shape(), acts in acts(120)) {
        let acts: Vec<Act> = acts.into_iter().filter(|act| !matches!(act, Act::CutAtRest(..))).collect();
        let account = pipeline(&shape, (Push, Pull), &acts, false);
        account.check_order();
        account.check_complete();
    }

    /// RFC 28, DEALER and ROUTER: each message reaches a ROUTER under its sender's identity, and each answer,
    /// sent when there is room, reaches whom it is for, in order.
    #[test]
    fn routers_answer_each_dealer(shape in shape(), acts in acts(120)) {
        let mut exchange = Exchange {
            rows: Rows::new(&shape, Dealer, Router, &[(RouterMandatory, true.into())]),
            there: Account::default(),
            back: Account::default(),
            answers: BTreeMap::new(),
        };
        for act in acts.into_iter().filter(|act| !matches!(act, Act::Cut(..) | Act::CutAtRest(..))) {
            match exchange.rows.act(act) {
                Some(Act::Send(who)) => exchange.ask(who),
                Some(_) => exchange.step(),
                None => {}
            }
        }
        exchange.rows.unchoke_all();
        for _ in 0..150 {
            exchange.step();
            exchange.rows.net.advance(ms(100));
        }
        let Exchange { there, mut back, .. } = exchange;
        there.check_order();
        there.check_complete();
        back.sent.clone_from(&there.sent);
        back.check_complete();
    }

    /// RFC 28, REQ: each request gets its own reply, or the REQ is told that it is lost: after a cut, and
    /// only then.
    #[test]
    fn each_request_gets_its_own_reply(shape in shape(), acts in acts(150), cuts in any::<bool>()) {
        let mut rows = Rows::new(&shape, Req, Rep, &[]);
        let mut asked: Vec<Option<Parts>> = vec![None; rows.left.len()];
        let mut requests = Account::default();
        let mut lost = 0;
        let mut take_reply = |rows: &mut Rows, asked: &mut Vec<Option<Parts>>, who: usize| {
            if asked[who].is_none() {
                return;
            }
            match rows.net.try_recv(rows.left[who]) {
                Ok(Some(reply)) => assert_eq!(asked[who].take(), Some(reply)),
                Ok(None) => {}
                Err(Error::ReplyLost) => {
                    asked[who] = None;
                    lost += 1;
                }
                Err(error) => panic!("{error}"),
            }
        };
        let serve = |rows: &mut Rows, who: usize| {
            let rep = rows.right[who % rows.right.len()];
            if let Some(request) = rows.net.recv(rep) {
                rows.net.send(rep, request);
            }
        };
        for act in acts {
            if matches!(act, Act::Cut(..) | Act::CutAtRest(..)) && !cuts {
                continue;
            }
            match rows.act(act) {
                Some(Act::Send(who)) => {
                    let who = who % rows.left.len();
                    let request = requests.next(who);
                    match (rows.net.try_send(rows.left[who], &request), &asked[who]) {
                        (Ok(()), None) => asked[who] = Some(request),
                        (Err(Error::ReplyPending), Some(_)) | (Err(Error::WouldBlock), None) => {}
                        (outcome, asked) => panic!("{outcome:?} with {asked:?} asked"),
                    }
                }
                Some(Act::Recv(who)) => {
                    serve(&mut rows, who);
                    let who = who % rows.left.len();
                    take_reply(&mut rows, &mut asked, who);
                }
                _ => {}
            }
        }
        rows.unchoke_all();
        for round in 0..60 {
            rows.net.advance(ms(100));
            (0..rows.right.len()).for_each(|who| serve(&mut rows, who + round));
            (0..rows.left.len()).for_each(|who| take_reply(&mut rows, &mut asked, who));
        }
        prop_assert_eq!(asked, vec![None; rows.left.len()]);
        prop_assert!(cuts || lost == 0);
    }

    /// RFC 29: while no queue is full, each subscriber gets exactly the messages that begin with one of its
    /// topics, from each publisher in order; also after its connections were lost and made again.
    #[test]
    fn subscribers_get_what_they_asked_for(
        shape in shape(),
        steps in prop::collection::vec((0_u8..8, any::<(usize, usize)>(), "[ab]{0,3}"), 0..80),
        raw in any::<(bool, bool)>(),
    ) {
        let shape = Shape { hwm: 0, plan: LinkPlan { window: None, ..shape.plan }, ..shape };
        let kinds = (if raw.0 { Xpub } else { Pub }, if raw.1 { Xsub } else { Sub });
        let mut rows = Rows::new(&shape, kinds.0, kinds.1, &[]);
        let mut topics: Vec<Vec<String>> = vec![Vec::new(); rows.right.len()];
        for (number, (what, (a, b), text)) in steps.into_iter().enumerate() {
            let who = b % rows.right.len();
            let (publisher, sub) = rows.pick(a, b);
            match what {
                0 | 1 => {
                    change(&mut rows.net, sub, true, &text);
                    topics[who].push(text);
                }
                2 => {
                    change(&mut rows.net, sub, false, &text);
                    if let Some(at) = topics[who].iter().position(|topic| *topic == text) {
                        topics[who].remove(at);
                    }
                }
                3 => {
                    rows.net.cut(publisher, sub);
                    rows.net.advance(ms(1000));
                }
                _ => {
                    let message = msg([text.clone(), number.to_string()]);
                    rows.net.send(publisher, &message);
                    rows.net.advance(ms(100));
                    for (sub, topics) in rows.right.clone().into_iter().zip(&topics) {
                        let wanted = topics.iter().any(|topic| text.starts_with(topic.as_str()));
                        let expected = if wanted { vec![message.clone()] } else { vec![] };
                        prop_assert_eq!(rows.net.recv_all(sub), expected);
                    }
                }
            }
            rows.net.advance(ms(100));
        }
    }

    /// Whatever octets a peer sends, before, within and after the handshake: nothing panics, no other peer
    /// notices, and when it has hung up nothing of it is left.
    #[test]
    fn arbitrary_octets_harm_nobody_else(
        kind in prop::sample::select(&SocketType::ALL[..]),
        endpoint in prop::sample::select(&TRANSPORTS[..3]),
        handshake in any::<bool>(),
        pieces in prop::collection::vec(octets(), 0..20),
    ) {
        let mut net = Net::new();
        let sock = net.open_with(kind, &[(HeartbeatIvl, 50.into()), (RcvHwm, 2.into())]);
        net.bind(sock, endpoint);
        let mut types = SocketType::ALL.into_iter();
        let theirs = types.find(|theirs| kind.is_compatible(*theirs)).expect("each has a match");
        let bystander = net.open(theirs);
        if kind != Pair && kind != SocketType::Channel {
            net.join(sock, bystander, INPROC);
        }
        let bystanders = net.connections(bystander);
        let raw = net.raw_connect(endpoint);
        if handshake {
            match endpoint.starts_with("tcp") {
                true => {
                    net.tell(raw, greeting(3, 1, "NULL"));
                    net.tell_frame(raw, COMMAND, ready(theirs.name()));
                }
                false if endpoint.ends_with("bare") => net.tell_zws(raw, LAST, "me"),
                false => net.tell_zws(raw, ZWS_COMMAND, ready(theirs.name())),
            }
        }
        for piece in pieces {
            if !net.is_closed(raw) {
                net.tell(raw, piece);
            }
            net.advance(ms(10));
            let _ = net.with(sock, |engine, _| engine.recv());
        }
        if !net.is_closed(raw) {
            net.hang_up(raw);
        }
        prop_assert_eq!((net.connections(sock), net.connections(bystander)), (bystanders, bystanders));
        net.close(sock, Some(ms(0)));
        prop_assert!(net.is_finished(sock));
    }

    /// Names as long and as strange as they may be: a ROUTER finds each peer again.
    #[test]
    fn any_routing_id_works(names in prop::collection::btree_set(routing_id(), 1..8)) {
        let mut net = Net::new();
        let router = net.open(Router);
        net.bind(router, TRANSPORTS[0]);
        let peers: Vec<_> = names.into_iter().map(|name| {
            let dealer = net.open_with(Dealer, &[(RoutingId, name.clone().into())]);
            net.connect(dealer, TRANSPORTS[0]);
            (dealer, name)
        }).collect();
        net.run();
        for (dealer, name) in &peers {
            net.send(*dealer, ["hello"]);
            prop_assert_eq!(net.recv(router), Some(vec![name.clone(), b"hello".to_vec()]));
        }
        for (dealer, name) in peers.iter().rev() {
            net.send(router, [&name[..], name]);
            prop_assert_eq!(net.recv_all(*dealer), vec![vec![name.clone()]]);
        }
    }
}

/// Subscribes or takes a subscription back, the way that the socket's type has.
fn change(net: &mut Net, sub: Sock, on: bool, topic: &str) {
    if net.engine(sub).socket_type() == Sub {
        if on { net.subscribe(sub, topic) } else { net.unsubscribe(sub, topic) }
    } else {
        net.send(sub, [format!("{}{topic}", if on { '\x01' } else { '\0' })]);
    }
}
