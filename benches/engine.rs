//! The engine alone, without a network: messages through a pair of engines, the codec, and matching topics.
//!
//! `cargo bench --features native --bench engine`

use std::hint::black_box;

use bytes::{Buf, Bytes, BytesMut};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use zmq_wasm::engine::{Engine, Heartbeat, Output, Protocol, Role, Transport};
use zmq_wasm::wire::zmtp::{Codec, Header};
use zmq_wasm::{Endpoint, Flag, Instant, Options, PeerId, SocketType};

const NOW: Instant = Instant::from_micros(1);
/// Frames in one buffer, as a busy connection reads them.
const BATCH: usize = 1000;

/// Two engines whose frames go straight from one to the other.
struct Pair {
    binds: Engine<Bytes>,
    connects: Engine<Bytes>,
    /// Whom each knows the other as.
    peers: [PeerId; 2],
}

impl Pair {
    fn join(binds: SocketType, connects: SocketType) -> Self {
        let endpoint: Endpoint = "inproc://bench".parse().expect("a sound endpoint");
        let mut binds = Engine::new(binds, Options::default(), 1);
        let mut connects = Engine::new(connects, Options::default(), 2);
        let listener = binds.listening(endpoint.clone()).expect("it is open");
        let dialer = connects.connect(endpoint, "inproc://bench", NOW).expect("it is open");
        let transport = || Transport {
            protocol: Protocol::Inproc,
            heartbeat: Heartbeat::None,
            frame_limit: None,
            address: String::new(),
        };
        let peers = [
            binds.handle_connected(Role::Accepted(listener), transport(), NOW).expect("there is room"),
            connects.handle_connected(Role::Connecting(dialer), transport(), NOW).expect("there is room"),
        ];
        let mut pair = Self { binds, connects, peers };
        pair.settle();
        pair
    }

    /// Carries frames both ways until nobody has any.
    fn settle(&mut self) {
        while carry(&mut self.binds, &mut self.connects, self.peers[1])
            | carry(&mut self.connects, &mut self.binds, self.peers[0])
        {}
    }

    /// Sends from the one that binds and carries what comes of it.
    fn send(&mut self, message: Bytes) {
        self.binds.send(message.into()).expect("there is room");
        carry(&mut self.binds, &mut self.connects, self.peers[1]);
    }
}

/// Tells whether there was a frame.
fn carry(from: &mut Engine<Bytes>, to: &mut Engine<Bytes>, peer: PeerId) -> bool {
    let mut any = false;
    loop {
        match from.poll_output() {
            Output::Transmit { frame, .. } => {
                to.handle_frame(peer, frame, NOW);
                any = true;
            }
            Output::Idle { .. } => return any,
            _ => {}
        }
    }
}

fn messages(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("one message through two engines");
    let body = Bytes::from_static(&[7; 16]);
    for (name, from, to) in [
        ("PUSH to PULL", SocketType::Push, SocketType::Pull),
        ("DEALER to ROUTER", SocketType::Dealer, SocketType::Router),
    ] {
        let mut pair = Pair::join(from, to);
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                pair.send(body.clone());
                // A receiver that makes room again has something to tell.
                let received = pair.connects.recv().expect("it can receive").expect("it came");
                carry(&mut pair.connects, &mut pair.binds, pair.peers[0]);
                received
            });
        });
    }
    group.finish();
}

fn codec(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ZMTP, one frame");
    group.throughput(Throughput::Elements(BATCH as u64));
    for size in [16, 1024] {
        let body = vec![7; size];
        let mut encoded = BytesMut::new();
        group.bench_with_input(BenchmarkId::new("encode", size), &body, |bencher, body| {
            bencher.iter(|| {
                encoded.clear();
                for _ in 0..BATCH {
                    Codec::encode_header(Flag::Last, body.len(), &mut encoded);
                    encoded.extend_from_slice(body);
                }
                encoded.len()
            });
        });
        let codec = greeted();
        let octets = encoded.freeze();
        group.bench_with_input(BenchmarkId::new("decode", size), &octets, |bencher, octets| {
            bencher.iter_batched_ref(
                || BytesMut::from(&octets[..]),
                |input| {
                    while let Some(Header { size, length, .. }) = codec.header(input).expect("it is sound") {
                        input.advance(size);
                        black_box(input.split_to(length));
                    }
                },
                criterion::BatchSize::LargeInput,
            );
        });
    }
    group.finish();
}

/// A codec that has had its greeting and expects frames.
fn greeted() -> Codec {
    let (mut ours, mut theirs) = (codec_of(SocketType::Pull), codec_of(SocketType::Push));
    let (mut to_us, mut to_them) = (BytesMut::new(), BytesMut::new());
    ours.start(&mut to_them);
    theirs.start(&mut to_us);
    // Each says the rest when it has heard the other's beginning.
    let _ = theirs.greet(&mut to_them, &mut to_us);
    ours.greet(&mut to_us, &mut to_them).expect("it is sound");
    assert!(ours.is_greeted());
    ours
}

fn codec_of(socket_type: SocketType) -> Codec {
    Codec::new(socket_type, &Options::default())
}

fn topics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("PUB, one message to one SUB");
    for count in [1, 100, 10_000] {
        let mut pair = Pair::join(SocketType::Pub, SocketType::Sub);
        for topic in 0..count {
            pair.connects.subscribe(topic_name(topic).as_bytes(), true).expect("it is a SUB");
            // As it goes on a network: a peer is told of each before the next.
            pair.settle();
        }
        let matching = Bytes::from(topic_name(count / 2) + ": 21.5");
        let other = Bytes::from_static(b"weather.none: 21.5");
        group.bench_function(BenchmarkId::new("matches, topics", count), |bencher| {
            bencher.iter(|| {
                pair.send(matching.clone());
                pair.connects.recv().expect("it can receive").expect("it came")
            });
        });
        group.bench_function(BenchmarkId::new("does not match, topics", count), |bencher| {
            bencher.iter(|| pair.send(other.clone()));
        });
    }
    group.finish();
}

fn topic_name(number: usize) -> String {
    format!("weather.{number:05}")
}

criterion_group! {
    name = benches;
    config = settings();
    targets = messages, codec, topics
}
criterion_main!(benches);

/// Short: all of it takes half a minute.
fn settings() -> Criterion {
    let seconds = if std::env::var_os("QUICK").is_some_and(|quick| !quick.is_empty()) { 0.3 } else { 1.5 };
    Criterion::default()
        .warm_up_time(std::time::Duration::from_millis(300))
        .measurement_time(std::time::Duration::from_secs_f64(seconds))
        .sample_size(30)
        .without_plots()
}
