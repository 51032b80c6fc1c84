//! What stands between two sockets and does them harm: a proxy for TCP that obeys a seed. It counts the octets that pass, and
//! every so many of them it strikes: wherever that is, within a handshake, a frame or a header.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr};
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, spawn_local, yield_now};
use tokio::time::{sleep, timeout};

/// What can befall a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Strike {
    /// Ends it on both sides by a FIN, wherever the frames are.
    Cut,
    /// Ends it on both sides by a RST.
    Reset,
    /// Tells one side that nothing will come any more, and goes on to carry what that side sends.
    HalfClose,
    /// Swallows everything from now on and says nothing.
    Stall,
    /// Holds everything up for a moment.
    Delay,
    /// Carries the next octets one at a time.
    Octets,
    /// Turns one bit over of what the client sends, behind the handshake: libzmq does not connect again after a handshake that it
    /// does not understand. Once for a connection, so that what follows is that bit's doing.
    Flip,
}

impl Strike {
    /// Whether no connection outlives it.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::Cut | Self::Reset | Self::HalfClose | Self::Stall)
    }
}

/// Which strikes are to come, and when.
pub(crate) struct Fate {
    chance: u64,
    /// Drawn from with equal chances.
    strikes: &'static [Strike],
    /// Octets from one strike to the next, on average.
    mean: u64,
    left: u64,
}

impl Fate {
    pub(crate) fn new(seed: u64, strikes: &'static [Strike], mean: u64) -> Self {
        let mut fate = Self { chance: seed, strikes, mean: mean.max(1), left: 0 };
        fate.left = fate.distance();
        fate
    }

    /// SplitMix64.
    fn draw(&mut self, below: u64) -> u64 {
        self.chance = self.chance.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.chance;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (drawn ^ (drawn >> 31)) % below
    }

    /// One in eight comes soon, so that handshakes are struck too.
    fn distance(&mut self) -> u64 {
        let soon = self.draw(8) == 0;
        self.draw(if soon { 400 } else { 2 * self.mean })
    }

    /// Lets so many octets pass, or says behind how many of them which strike comes.
    fn pass(&mut self, octets: usize) -> Option<(usize, Strike)> {
        let at = self.left;
        if at >= octets as u64 {
            self.left -= octets as u64;
            return None;
        }
        self.left = self.distance();
        let which = self.draw(self.strikes.len() as u64) as usize;
        Some((at as usize, self.strikes[which]))
    }
}

/// What a proxy has done.
#[derive(Clone, Default)]
pub(crate) struct Tally {
    pub(crate) connections: u64,
    pub(crate) strikes: BTreeMap<Strike, u64>,
    /// Octets that were read from one side and never reached the other.
    pub(crate) thrown: u64,
}

impl Tally {
    /// How many connections the proxy has ended.
    pub(crate) fn ended(&self) -> u64 {
        self.strikes.iter().filter(|(strike, _)| strike.ends()).map(|(_, count)| count).sum()
    }

    pub(crate) fn count(&self, strike: Strike) -> u64 {
        self.strikes.get(&strike).copied().unwrap_or(0)
    }
}

/// A listener that carries what comes to it to another. It ends when it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    harm: Rc<Harm>,
    listening: AbortHandle,
}

#[derive(Default)]
struct Harm {
    /// None is to come where there is none.
    fate: RefCell<Option<Fate>>,
    tally: RefCell<Tally>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Proxy {
    /// Stands in front of a listener.
    pub(crate) async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let harm = Rc::<Harm>::default();
        let all = Rc::clone(&harm);
        let listening = spawn_local(async move {
            while let Ok((client, _)) = listener.accept().await {
                let harm = Rc::clone(&all);
                spawn_local(async move {
                    // Who is not there yet, or has just been killed, refuses; the client sees it end.
                    if let Ok(server) = TcpStream::connect(target).await {
                        harm.tally.borrow_mut().connections += 1;
                        harm.link(client, server).await;
                    }
                });
            }
        });
        Self { address, harm, listening: listening.abort_handle() }
    }

    pub(crate) fn storm(&self, fate: Fate) {
        *self.harm.fate.borrow_mut() = Some(fate);
    }

    /// From now on everything passes, but by a connection whose octets were changed: that is cut, for who can't see it waits for
    /// what never comes.
    pub(crate) fn calm(&self) {
        *self.harm.fate.borrow_mut() = None;
    }

    pub(crate) fn tally(&self) -> Tally {
        self.harm.tally.borrow().clone()
    }
}

/// More octets than any handshake has.
const HANDSHAKE: usize = 2_000;

/// How a direction of a connection came to its end.
enum End {
    /// By one of the two sides.
    Own,
    Struck(Strike),
}

/// What may still befall a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Whole,
    /// A bit was turned over.
    Spoiled,
    /// One side was told of its end.
    Closing,
}

impl Harm {
    async fn link(&self, client: TcpStream, server: TcpStream) {
        let (_, _) = (client.set_nodelay(true), server.set_nodelay(true));
        let condition = Cell::new(Condition::Whole);
        {
            let mut up = pin!(self.carry(&client, &server, true, &condition));
            let mut down = pin!(self.carry(&server, &client, false, &condition));
            let (end, is_up) = tokio::select! {
                end = &mut up => (end, true),
                end = &mut down => (end, false),
            };
            match end {
                End::Struck(Strike::Reset) => {
                    for stream in [&client, &server] {
                        self.throw(stream.try_read(&mut [0; 1 << 20]).unwrap_or(0));
                        let _ = SockRef::from(stream).set_linger(Some(Duration::ZERO));
                    }
                    return;
                }
                // The other direction goes on where it is, or there would be a hole in it.
                End::Struck(Strike::HalfClose) => {
                    condition.set(Condition::Closing);
                    let (from, to) = if is_up { (&client, &server) } else { (&server, &client) };
                    close(to);
                    tokio::select! {
                        _ = up, if !is_up => {}
                        _ = down, if is_up => {}
                        () = self.swallow(from) => {}
                    }
                }
                End::Struck(Strike::Stall) => tokio::select! {
                    () = self.swallow(&client) => {}
                    () = self.swallow(&server) => {}
                },
                End::Own | End::Struck(_) => {}
            }
        }
        close(&client);
        close(&server);
        // Closed with something unread, a socket would reset what the other side has yet to read.
        let rest = async { tokio::join!(self.swallow(&client), self.swallow(&server)) };
        let _ = timeout(Duration::from_secs(1), rest).await;
    }

    /// What is to strike within the next octets, and where.
    fn strike(&self, octets: usize, condition: Condition, is_flippable: bool) -> Option<(usize, Strike)> {
        let (at, strike) = match (condition, self.fate.borrow_mut().as_mut()) {
            (Condition::Spoiled, None) => (0, Strike::Cut),
            (Condition::Closing, _) | (Condition::Whole, None) => return None,
            (_, Some(fate)) => fate.pass(octets)?,
        };
        if strike == Strike::Flip && (condition == Condition::Spoiled || !is_flippable) {
            return None;
        }
        *self.tally.borrow_mut().strikes.entry(strike).or_default() += 1;
        Some((at, strike))
    }

    /// Carries one direction until it ends or is struck.
    async fn carry(&self, from: &TcpStream, to: &TcpStream, is_up: bool, condition: &Cell<Condition>) -> End {
        let mut buffer = [0; 16 << 10];
        let mut carried = 0;
        loop {
            let Ok(length @ 1..) = read(from, &mut buffer).await else { return End::Own };
            let strike = self.strike(length, condition.get(), is_up && carried > HANDSHAKE);
            carried += length;
            let (before, mut rest) = buffer[..length].split_at_mut(strike.map_or(length, |(at, _)| at));
            let mut written = write(to, before).await;
            match strike.map(|(_, strike)| strike) {
                None => {}
                Some(Strike::Delay) => sleep(Duration::from_millis(5)).await,
                Some(Strike::Octets) => {
                    let (few, many) = rest.split_at_mut(rest.len().min(500));
                    for octet in few.chunks(1) {
                        written = written.and(write(to, octet).await);
                        yield_now().await;
                    }
                    rest = many;
                }
                Some(Strike::Flip) => {
                    condition.set(Condition::Spoiled);
                    rest[0] ^= 1 << (length % 8);
                }
                Some(strike) => {
                    self.throw(rest.len());
                    return End::Struck(strike);
                }
            }
            if written.and(write(to, rest).await).is_err() {
                self.throw(length);
                return End::Own;
            }
        }
    }

    /// Reads to the end, for nobody.
    async fn swallow(&self, from: &TcpStream) {
        let mut buffer = [0; 16 << 10];
        while let Ok(length @ 1..) = read(from, &mut buffer).await {
            self.throw(length);
        }
    }

    fn throw(&self, octets: usize) {
        self.tally.borrow_mut().thrown += octets as u64;
    }
}

fn close(stream: &TcpStream) {
    // It may be closed already.
    let _ = SockRef::from(stream).shutdown(Shutdown::Write);
}

// By reference, so that both directions may go on at a time and be given up at any point.

async fn read(from: &TcpStream, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        from.readable().await?;
        match from.try_read(buffer) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            done => return done,
        }
    }
}

async fn write(to: &TcpStream, mut octets: &[u8]) -> io::Result<()> {
    while !octets.is_empty() {
        to.writable().await?;
        match to.try_write(octets) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            done => octets = &octets[done?..],
        }
    }
    Ok(())
}
