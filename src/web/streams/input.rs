//! What comes by a stream: chunks to a greeting and frames.

use std::cell::RefCell;
use std::collections::VecDeque;

use bytes::BytesMut;
use wasm_bindgen::prelude::*;

use crate::arena::PeerId;
use crate::engine::{Engine, Flow};
use crate::error::CloseReason;
use crate::message::{Flag, Frame};
use crate::payload::Payload;
use crate::time::Instant;
use crate::web::payload::JsPayload;
use crate::wire::zmtp::{Codec, Header};

#[wasm_bindgen(module = "/src/web/js/server/chunks.js")]
extern "C" {
    /// A body of so many octets from `at` of a chunk on.
    fn cut(chunk: u32, at: u32, length: u32) -> u32;

    /// A body that is to have so many octets, which will come by and by.
    fn begin(length: u32) -> u32;

    /// Puts `count` octets from `at` of a chunk on behind the `filled` ones of a body that is to have `length`.
    fn append(body: u32, filled: u32, length: u32, chunk: u32, at: u32, count: u32);
}

/// How many octets of a chunk are looked at in one go: a few headers with short bodies.
const WINDOW: usize = 512;

/// No header is longer.
const HEADER: usize = 9;

/// The longest greeting.
const GREETING: usize = 64;

/// What came and is not decoded yet, and why.
pub(super) struct Input {
    codec: Codec,
    pub(super) chunks: VecDeque<JsPayload>,
    /// How much of the first chunk is decoded.
    at: usize,
    /// The beginning of a greeting or a header.
    begun: BytesMut,
    partial: Option<Partial>,
    /// The engine wants no more for now.
    pub(super) is_paused: bool,
    /// JavaScript was told to stop reading.
    pub(super) is_held: bool,
    /// Nothing else will come.
    pub(super) end: Option<CloseReason>,
}

/// A frame whose body's end is still to come.
struct Partial {
    flag: Flag,
    body: JsPayload,
    filled: usize,
}

/// The octets of a chunk that headers are read from.
struct Window {
    octets: [u8; WINDOW],
    from: usize,
    len: usize,
}

impl Input {
    pub(super) fn new(codec: Codec) -> Self {
        Self {
            codec,
            chunks: VecDeque::new(),
            at: 0,
            begun: BytesMut::new(),
            partial: None,
            is_paused: false,
            is_held: false,
            end: None,
        }
    }

    /// Tells the engine all frames that have come, until it wants no more. What the greeting wants answered goes to `answer`.
    pub(super) fn decode(
        &mut self,
        engine: &RefCell<Engine<JsPayload>>,
        peer: PeerId,
        answer: &mut BytesMut,
        now: Instant,
    ) -> Result<Flow, CloseReason> {
        let mut window = Window { octets: [0; WINDOW], from: 0, len: 0 };
        while let Some(chunk) = self.chunks.pop_front() {
            window.len = 0;
            while self.at < chunk.len() {
                let frame = if !self.codec.is_greeted() {
                    self.greet(engine, peer, &chunk, answer, now)?;
                    None
                } else if self.partial.is_some() {
                    self.complete(&chunk)
                } else {
                    self.frame(&chunk, &mut window)?
                };
                if let Some(frame) = frame
                    && engine.borrow_mut().handle_frame(peer, frame, now) == Flow::Pause
                {
                    self.chunks.push_front(chunk);
                    return Ok(Flow::Pause);
                }
            }
            self.at = 0;
        }
        Ok(Flow::Continue)
    }

    fn greet(
        &mut self,
        engine: &RefCell<Engine<JsPayload>>,
        peer: PeerId,
        chunk: &JsPayload,
        answer: &mut BytesMut,
        now: Instant,
    ) -> Result<(), CloseReason> {
        let had = self.begun.len();
        let count = GREETING.min(chunk.len() - self.at);
        self.begun.resize(had + count, 0);
        chunk.copy_to(self.at, &mut self.begun[had..]);
        self.at += count;
        if let Some(greeting) = self.codec.greet(&mut self.begun, answer)? {
            // What is left are frames, and of this chunk: without it, the greeting was not complete.
            self.at -= self.begun.len();
            self.begun.clear();
            engine.borrow_mut().handle_greeting(peer, greeting, now);
        }
        Ok(())
    }

    /// The frame that begins here, if its end is in this chunk too.
    fn frame(
        &mut self,
        chunk: &JsPayload,
        window: &mut Window,
    ) -> Result<Option<Frame<JsPayload>>, CloseReason> {
        let octets = window.show(chunk, self.at);
        let begun = self.begun.len();
        let header = if begun == 0 {
            self.codec.header(octets)?
        } else {
            self.begun.extend_from_slice(&octets[..octets.len().min(HEADER - begun)]);
            self.codec.header(&self.begun)?
        };
        let Some(Header { flag, size, length }) = header else {
            if begun == 0 {
                self.begun.extend_from_slice(octets);
            }
            self.at = chunk.len();
            return Ok(None);
        };
        self.begun.clear();
        self.at += size - begun;
        if length == 0 {
            return Ok(Some(Frame::new(flag, JsPayload::default())));
        }
        if chunk.len() - self.at < length {
            let body = JsPayload::from_raw(begin(length as u32), length as u32);
            self.partial = Some(Partial { flag, body, filled: 0 });
            return Ok(None);
        }
        let body = cut(chunk.number(), self.at as u32, length as u32);
        self.at += length;
        Ok(Some(Frame::new(flag, JsPayload::from_raw(body, length as u32))))
    }

    /// Goes on with the frame that began in an earlier chunk.
    fn complete(&mut self, chunk: &JsPayload) -> Option<Frame<JsPayload>> {
        let mut partial = self.partial.take()?;
        let length = partial.body.len();
        let count = (chunk.len() - self.at).min(length - partial.filled);
        let [filled, whole, at, octets] =
            [partial.filled, length, self.at, count].map(|number| number as u32);
        append(partial.body.number(), filled, whole, chunk.number(), at, octets);
        self.at += count;
        partial.filled += count;
        if partial.filled == length {
            return Some(Frame::new(partial.flag, partial.body));
        }
        self.partial = Some(partial);
        None
    }
}

impl Window {
    /// The octets from `at` of a chunk on: a header's worth at least, where the chunk has as many.
    fn show(&mut self, chunk: &JsPayload, at: usize) -> &[u8] {
        let end = self.from + self.len;
        if self.len == 0 || end < chunk.len().min(at + HEADER) {
            self.from = at;
            self.len = WINDOW.min(chunk.len() - at);
            chunk.copy_to(at, &mut self.octets[..self.len]);
        }
        &self.octets[at - self.from..self.len]
    }
}
