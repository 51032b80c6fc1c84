//! Octets of a byte stream: the codec says the same of them however they come in pieces, and never of a frame
//! longer than it was told to take.
#![no_main]

use bytes::{Buf, BytesMut};
use libfuzzer_sys::fuzz_target;
use zmq_wasm::wire::zmtp::{Codec, Greeting, Header};
use zmq_wasm::{CloseReason, Flag, Options, SocketOption, SocketType};

const MAX_FRAME: i64 = 1000;

/// What a codec made of a stream.
#[derive(Debug, Default, PartialEq)]
struct Reading {
    greeting: Option<Greeting>,
    frames: Vec<(Flag, Vec<u8>)>,
    answered: Vec<u8>,
    fault: Option<CloseReason>,
}

fn read<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> Reading {
    let mut options = Options::default();
    options.set(SocketOption::MaxMsgSize, &MAX_FRAME.into()).expect("it can be");
    let mut codec = Codec::new(SocketType::Dealer, &options);
    let (mut reading, mut input, mut out) = (Reading::default(), BytesMut::new(), BytesMut::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while reading.fault.is_none() {
            match step(&mut codec, &mut input, &mut out, &mut reading) {
                Ok(true) => {}
                Ok(false) => break,
                Err(reason) => reading.fault = Some(reason),
            }
        }
    }
    reading.answered = out.to_vec();
    reading
}

/// Whether there may be more to be had from what has come.
fn step(
    codec: &mut Codec,
    input: &mut BytesMut,
    out: &mut BytesMut,
    reading: &mut Reading,
) -> Result<bool, CloseReason> {
    if !codec.is_greeted() {
        reading.greeting = codec.greet(input, out)?;
        return Ok(reading.greeting.is_some());
    }
    let Some(Header { flag, size, length }) = codec.header(input)? else { return Ok(false) };
    assert!(length as i64 <= MAX_FRAME || flag == Flag::Command, "a frame of {length} octets is announced");
    if input.len() - size < length {
        return Ok(false);
    }
    input.advance(size);
    reading.frames.push((flag, input.split_to(length).to_vec()));
    Ok(true)
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, octets) = input;
    let whole = read(std::iter::once(octets));
    let pieces = read(octets.chunks(usize::from(size).max(1)));
    assert_eq!(whole, pieces);
});
