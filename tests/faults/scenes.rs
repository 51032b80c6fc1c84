//! One socket of ours, one of libzmq's, the proxy between them, and what they have to say to each other in spite of it.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use serde_json::json;
use tokio::task::spawn_local;
use tokio::time::sleep;
use zmq_wasm::native::engine::EventKind;
use zmq_wasm::native::{Context, Error, Message, Socket, SocketOption, SocketType, curve_keypair};

use crate::account::{Account, HELLO, LOT, body, flood, number, octets, record};
use crate::peer::{Handle, Peer};
use crate::proxy::{Fate, Proxy, Strike, Tally};

/// Everything that befalls connections whose octets nobody changes. What ends one is what comes most.
pub(crate) const WEATHER: &[Strike] = {
    use Strike::*;
    &[
        Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Cut, Reset, Reset, Reset, Reset, Reset,
        Reset, Reset, HalfClose, HalfClose, HalfClose, HalfClose, Stall, Delay, Delay, Delay, Octets, Octets,
        Octets,
    ]
};

/// What happened to the messages of one scene.
pub(crate) struct Outcome {
    pub(crate) tally: Tally,
    pub(crate) account: Account,
    /// How often a message was sent again, by who waited for an answer in vain.
    pub(crate) again: u32,
    /// The length of all bodies that came in beyond what their numbers say.
    pub(crate) surplus: i64,
}

/// A socket of ours that comes back at once, finds who has fallen silent, and gives up who does not shake hands.
pub(crate) fn hardy(context: &Context, kind: SocketType) -> Socket {
    let socket = context.socket(kind).unwrap();
    for (option, value) in [
        (SocketOption::ReconnectIvl, 1),
        (SocketOption::HeartbeatIvl, 100),
        (SocketOption::HeartbeatTimeout, 400),
        (SocketOption::HandshakeIvl, 1000),
        (SocketOption::Linger, 0),
    ] {
        socket.set(option, value).unwrap();
    }
    socket
}

pub(crate) struct Scene {
    context: Context,
    pub(crate) ours: Socket,
    pub(crate) theirs: Handle,
    pub(crate) proxy: Proxy,
}

impl Scene {
    /// Two sockets with the proxy between them; PULL, PUB, ROUTER and REP are bound.
    pub(crate) async fn new(
        (ours, theirs): (SocketType, SocketType),
        scheme: &str,
        peer: &Rc<Peer>,
        curve: bool,
    ) -> Self {
        use SocketType::{Pub, Pull, Rep, Req, Router};
        let we_bind = matches!(ours, Pull | Pub | Router | Rep);
        let context = Context::new();
        let socket = hardy(&context, ours);
        // Where a bit of a length is turned over, nobody waits for gigabytes.
        socket.set(SocketOption::MaxMsgSize, LONGEST).unwrap();
        let mut options = json!({ "linger": 0, "reconnectIvl": 1, "maxmsgsize": LONGEST });
        if theirs == Req {
            options["reqRelaxed"] = true.into();
            options["reqCorrelate"] = true.into();
        }
        if curve {
            let ((server_public, server_secret), (public, secret)) = (curve_keypair(), curve_keypair());
            let (mine, its) = if we_bind { (&server_secret, &secret) } else { (&secret, &server_secret) };
            socket.set_string(SocketOption::CurveSecretKey, mine).unwrap();
            options["curveSecretkey"] = its.as_str().into();
            if we_bind {
                socket.set(SocketOption::CurveServer, true).unwrap();
                options["curvePublickey"] = public.into();
                options["curveServerkey"] = server_public.into();
            } else {
                socket.set_string(SocketOption::CurvePublicKey, &public).unwrap();
                socket.set_string(SocketOption::CurveServerKey, &server_public).unwrap();
                options["curveServer"] = true.into();
            }
        }
        let handle = peer.socket(theirs, options).await;
        let anywhere = format!("{scheme}://127.0.0.1:*");
        let endpoint =
            if we_bind { socket.bind(&anywhere).await.unwrap() } else { handle.bind(&anywhere).await };
        let host = endpoint.split('/').nth(2).unwrap();
        let proxy = Proxy::before(host.parse().unwrap()).await;
        let through = endpoint.replace(host, &proxy.address.to_string());
        if we_bind {
            handle.connect(&through).await;
        } else {
            socket.connect(&through).unwrap();
        }
        match (ours, theirs) {
            (SocketType::Sub, _) => socket.subscribe("").unwrap(),
            (_, SocketType::Sub) => handle.subscribe("").await,
            _ => {}
        }
        Self { context, ours: socket, theirs: handle, proxy }
    }

    async fn end(self, account: Account, again: u32, surplus: i64) -> Outcome {
        let tally = self.proxy.tally();
        self.theirs.close().await;
        self.context.destroy(Some(Duration::ZERO)).await;
        Outcome { tally, account, again, surplus }
    }

    /// Messages one way, and from a ROUTER of ours each back to where it came from.
    pub(crate) async fn stream(self, messages: u32, fate: Fate) -> Outcome {
        use SocketType::{Pub, Pull, Push, Router, Sub};
        let we_send = matches!(self.ours.socket_type(), Push | Pub);
        let router = self.ours.socket_type() == Router;
        assert!(we_send || router || matches!(self.ours.socket_type(), Pull | Sub));
        // One publishes in vain until the other has subscribed.
        let hello = Message::from(body(HELLO));
        loop {
            if we_send {
                self.ours.send(hello.clone()).await.unwrap();
                if self.theirs.recv_within(50).await.is_some() {
                    break;
                }
            } else {
                self.theirs.send(&hello).await;
                if tokio::time::timeout(Duration::from_millis(50), self.ours.recv()).await.is_ok() {
                    break;
                }
            }
        }
        self.proxy.storm(fate);
        let sending = async {
            for lot in (0..messages).step_by(LOT as usize) {
                if we_send {
                    for number in lot..lot + LOT {
                        self.ours.send(body(number)).await.unwrap();
                    }
                } else {
                    flood(&self.theirs, lot, LOT - 1).await;
                    flood(&self.theirs, lot + LOT - 1, 1).await;
                }
                // Like an application that has something else to do; a sender at full speed would show what its buffers hold.
                sleep(PAUSE).await;
            }
            self.proxy.calm();
            loop {
                if we_send {
                    self.ours.send(body(messages)).await.unwrap();
                } else {
                    flood(&self.theirs, messages, 1).await;
                }
                sleep(Duration::from_millis(20)).await;
            }
        };
        let receiving = async {
            if we_send {
                return record(&self.theirs, messages).await;
            }
            let mut account = Account::of(messages);
            loop {
                let received = self.ours.recv().await.unwrap();
                let number = number(received.parts().last().unwrap());
                // The port of who connected, where we are bound.
                let connection = self.ours.last_peer().expect("there is a message").address;
                account.add(number, &connection);
                if router {
                    // Dropped where the connection is gone that it came by.
                    self.ours.send(received).await.unwrap();
                }
                if number == Some(messages) {
                    return (account, 0);
                }
            }
        };
        let both = async {
            if router {
                let ((account, _), (replies, surplus)) =
                    tokio::join!(receiving, record(&self.theirs, messages));
                assert_eq!((replies.duplicates, replies.torn), (0, 0));
                assert!(replies.received <= account.received, "replies to what never came");
                return (account, surplus);
            }
            receiving.await
        };
        let (account, surplus) = tokio::select! {
            done = both => done,
            () = sending => unreachable!("it goes on until the last is received"),
        };
        self.end(account, 0, surplus).await
    }

    /// A DEALER of ours that has each message acknowledged by a ROUTER, and sends anew on a new connection what was not.
    pub(crate) async fn acknowledged(self, messages: u32, fate: Fate) -> Outcome {
        const WINDOW: usize = 50;
        self.theirs.echo().await;
        let mut monitor = self.ours.monitor();
        self.proxy.storm(fate);
        let mut account = Account::of(messages);
        let (mut open, mut next, mut again) = (BTreeSet::new(), 0, 0);
        while next < messages || !open.is_empty() {
            while next < messages && open.len() < WINDOW {
                self.ours.send(body(next)).await.unwrap();
                open.insert(next);
                next += 1;
            }
            tokio::select! {
                event = monitor.recv() => {
                    if event.unwrap().kind == EventKind::HandshakeSucceeded {
                        for number in &open {
                            self.ours.send(body(*number)).await.unwrap();
                            again += 1;
                        }
                    }
                }
                reply = self.ours.recv() => {
                    let number = number(&reply.unwrap().parts()[0]);
                    account.add(number, "");
                    number.inspect(|number| _ = open.remove(number));
                }
            }
        }
        self.end(account, again, 0).await
    }

    /// A REQ of ours that asks again where the reply is lost.
    pub(crate) async fn requests(self, messages: u32, fate: Fate) -> Outcome {
        self.theirs.echo().await;
        self.proxy.storm(fate);
        let (mut account, mut again) = (Account::of(messages), 0);
        for asked in 0..messages {
            self.ours.send(body(asked)).await.unwrap();
            loop {
                match self.ours.recv().await {
                    Ok(reply) => break account.add(number(&reply.parts()[0]), ""),
                    Err(error) => assert_eq!(error, Error::ReplyLost),
                }
                again += 1;
                self.ours.send(body(asked)).await.unwrap();
            }
        }
        self.end(account, again, 0).await
    }

    /// A REP of ours, and a REQ that asks again after a while (REQ_RELAXED, REQ_CORRELATE).
    pub(crate) async fn asked(self, messages: u32, fate: Fate) -> Outcome {
        let replier = self.ours.clone();
        let serving = spawn_local(async move {
            while let Ok(request) = replier.recv().await {
                replier.send(request).await.unwrap();
            }
        });
        self.proxy.storm(fate);
        let (mut account, mut again) = (Account::of(messages), 0);
        for asked in 0..messages {
            let reply = loop {
                self.theirs.send(&Message::from(body(asked))).await;
                if let Some(reply) = self.theirs.recv_within(100).await {
                    break reply;
                }
                again += 1;
            };
            account.add(number(&reply.parts()[0]), "");
        }
        serving.abort();
        self.end(account, again, 0).await
    }
}

/// MAXMSGSIZE.
const LONGEST: i64 = 100_000;

/// Between lots of messages that go one way.
const PAUSE: Duration = Duration::from_millis(8);

/// Octets from one strike to the next, so that there are somewhat more of those that end connections than `cuts`.
pub(crate) fn distance(messages: u32, ways: u64, cuts: u32) -> u64 {
    (ways * octets(messages) / u64::from(2 * cuts).max(1)).max(4_000)
}
