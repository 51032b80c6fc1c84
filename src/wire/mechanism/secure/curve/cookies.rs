//! Cookies (RFC 26, "The WELCOME Command"): what a server would have to remember of a client that has proved nothing yet, it
//! gives to that client to bring along, locked.
//!
//! A key opens cookies for two minutes at most, and is forgotten then: who records the traffic and finds the server's memory
//! later can't open them. What a connection keeps of its cookie is the nonce, which is another each time; so no cookie
//! can be brought to another connection than it was given on, nor twice.

use core::time::Duration;

use zeroize::Zeroizing;

use super::boxes::{self, Key, nonce};
use crate::error::{CloseReason, Misbehaviour};
use crate::time::Instant;
use crate::wire::mechanism::Entropy;

/// How long new cookies get the same key. They are good for as long again.
const PERIOD: Duration = Duration::from_secs(60);

/// What is in a cookie: the client's short-term public key and the server's short-term secret one.
pub(super) const TEXT: usize = 64;

/// A nonce and a box.
pub(super) const COOKIE: usize = NONCE + boxes::TAG + TEXT;
const NONCE: usize = 16;

const BEGINNING: &[u8] = b"COOKIE--";

/// By which a cookie is known again.
pub(crate) type Mark = [u8; NONCE];

/// A socket's source of chance, and the keys of its cookies.
#[derive(Default)]
pub(crate) struct Keeper {
    source: Option<Entropy>,
    /// The newest last.
    keys: Vec<(Instant, Key)>,
}

impl Keeper {
    pub(crate) fn draw_from(&mut self, source: Entropy) {
        self.source = Some(source);
    }

    /// Octets that nobody can guess.
    pub(super) fn random<const N: usize>(&self) -> Result<[u8; N], CloseReason> {
        let source = self.source.ok_or(CloseReason::Refused("CURVE needs a source of random octets"))?;
        let mut octets = [0; N];
        source(&mut octets);
        Ok(octets)
    }

    /// A new cookie, and the mark to know it by.
    pub(super) fn bake(&mut self, text: &[u8; TEXT], now: Instant) -> Result<(Vec<u8>, Mark), CloseReason> {
        self.forget(now);
        if self.keys.last().is_none_or(|(since, _)| now >= *since + PERIOD) {
            self.keys.push((now, Key::new(self.random()?)));
        }
        let mark = self.random()?;
        let mut cookie = mark.to_vec();
        if let Some((_, key)) = self.keys.last() {
            boxes::seal(key, &nonce(BEGINNING, &mark), text, &mut cookie);
        }
        Ok((cookie, mark))
    }

    /// What is in a cookie that has this mark.
    pub(super) fn open(
        &mut self,
        cookie: &[u8],
        mark: &Mark,
        now: Instant,
    ) -> Result<Zeroizing<Vec<u8>>, Misbehaviour> {
        self.forget(now);
        let (theirs, sealed) = cookie.split_at(NONCE);
        if !boxes::is_same(theirs, mark) {
            return Err(Misbehaviour::Forged);
        }
        let nonce = nonce(BEGINNING, mark);
        let opened = self.keys.iter().find_map(|(_, key)| boxes::open(key, &nonce, sealed).ok());
        opened.ok_or(Misbehaviour::Forged)
    }

    /// Forgets the keys that are too old.
    pub(crate) fn forget(&mut self, now: Instant) {
        self.keys.retain(|(since, _)| now < *since + 2 * PERIOD);
    }

    /// When the next one will be.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.keys.first().map(|(since, _)| *since + 2 * PERIOD)
    }
}
