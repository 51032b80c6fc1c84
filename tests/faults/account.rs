//! Numbered messages, and what became of each.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::json;

use crate::peer::Handle;

/// The number of what is sent until the first one is heard. The number behind the last one's tells that there is no more.
pub(crate) const HELLO: u32 = u32::MAX - 1;

const SHORT: usize = 32;
/// Long enough for many segments, and for a WebSocket's longer header.
const LONG: usize = 5_000;

/// So many short ones, then a long one.
pub(crate) const LOT: u32 = 100;

/// How long the message of this number is.
pub(crate) fn size(number: u32) -> usize {
    if number % LOT == LOT - 1 { LONG } else { SHORT }
}

/// What so many messages take on a wire, roughly.
pub(crate) fn octets(messages: u32) -> u64 {
    u64::from(messages) * (SHORT as u64 + 4) + u64::from(messages / LOT) * LONG as u64
}

/// The body of the message of this number: see `tests/peers/messages.mjs`.
pub(crate) fn body(number: u32) -> Bytes {
    let mut body = vec![number as u8; size(number)];
    body[..4].copy_from_slice(&number.to_be_bytes());
    body.into()
}

/// The number of a message, if it is as it was sent.
pub(crate) fn number(received: &[u8]) -> Option<u32> {
    let number = u32::from_be_bytes(received.get(..4)?.try_into().ok()?);
    (received == body(number)).then_some(number)
}

/// Has a peer send `count` messages from this number on, all of the size of the first.
pub(crate) async fn flood(peer: &Handle, from: u32, count: u32) {
    peer.ask("flood", json!({ "from": from, "n": count, "size": size(from) })).await;
}

/// Has a peer receive up to the message of this number. Gives what came of those before, and by how much all their bodies together
/// are longer than their numbers say.
pub(crate) async fn record(peer: &Handle, messages: u32) -> (Account, i64) {
    let answer = peer.ask("record", json!({ "until": messages })).await;
    let numbers = BASE64_STANDARD.decode(answer["numbers"].as_str().unwrap()).unwrap();
    let mut surplus = answer["octets"].as_i64().unwrap();
    let mut account = Account::of(messages);
    for four in numbers.chunks(4) {
        let number = u32::from_be_bytes(four.try_into().unwrap());
        let number = (number != u32::MAX).then_some(number);
        surplus -= number.map_or(0, size) as i64;
        account.add(number, "");
    }
    (account, surplus)
}

/// What came of the messages from 0 on, as they were received.
#[derive(Debug)]
pub(crate) struct Account {
    seen: Vec<bool>,
    pub(crate) received: u32,
    pub(crate) duplicates: u32,
    /// Neither as they were sent, nor with a number that was.
    pub(crate) torn: u32,
    /// By connection, as far as one knows by which a message came, the highest number in each of the rising sequences that what came
    /// can be sorted into.
    lanes: BTreeMap<String, Vec<u32>>,
}

impl Account {
    pub(crate) fn of(messages: u32) -> Self {
        let seen = vec![false; messages as usize];
        Self { seen, received: 0, duplicates: 0, torn: 0, lanes: BTreeMap::new() }
    }

    /// `connection`: the same for all messages that may have come by the same one.
    pub(crate) fn add(&mut self, number: Option<u32>, connection: &str) {
        if number == Some(HELLO) || number == Some(self.seen.len() as u32) {
            return;
        }
        let Some((number, seen)) =
            number.and_then(|number| Some((number, self.seen.get_mut(number as usize)?)))
        else {
            self.torn += 1;
            return;
        };
        if std::mem::replace(seen, true) {
            self.duplicates += 1;
            return;
        }
        self.received += 1;
        let lanes = self.lanes.entry(connection.to_owned()).or_default();
        match lanes.iter_mut().filter(|highest| **highest < number).max() {
            Some(highest) => *highest = number,
            None => lanes.push(number),
        }
    }

    pub(crate) fn lost(&self) -> u32 {
        self.seen.len() as u32 - self.received
    }

    /// How long the lost ones' bodies were, all together.
    pub(crate) fn lost_octets(&self) -> u64 {
        let lost = (0..).zip(&self.seen).filter(|(_, seen)| !**seen);
        lost.map(|(number, _)| size(number) as u64).sum()
    }

    /// How many sequences took turns at the most: one, where nothing was reordered and each connection is known; one for each
    /// connection at a time where they are not, as a socket with several takes from them in turn.
    pub(crate) fn at_a_time(&self) -> usize {
        self.lanes.values().map(Vec::len).max().unwrap_or(0)
    }
}
