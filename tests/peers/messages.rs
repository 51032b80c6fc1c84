//! Numbered messages and their tally: `messages.mjs`, which says more of them, in Rust.

use serde_json::{Value, json};
use zmq_wasm::native::Body;

/// The body of message `number`.
pub(crate) fn numbered(number: u32, size: usize) -> Vec<u8> {
    let mut body = vec![number as u8; size.max(4)];
    body[..4].copy_from_slice(&number.to_be_bytes());
    body.truncate(size);
    body
}

/// What a receiver of many messages reports.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) count: u64,
    octets: usize,
    checksum: u32,
    first: Option<u32>,
    last: Option<u32>,
    gaps: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, parts: &[Body]) {
        for part in parts {
            self.checksum = crc32(part, crc32(&(part.len() as u32).to_be_bytes(), self.checksum));
            self.octets += part.len();
        }
        if let Some(number) = parts.last().and_then(|body| body.first_chunk()) {
            let number = u32::from_be_bytes(*number);
            self.gaps += u64::from(self.last.is_some_and(|last| last + 1 != number));
            self.first = self.first.or(Some(number));
            self.last = Some(number);
        }
        self.count += 1;
    }

    pub(crate) fn report(&self) -> Value {
        let Self { count, octets, checksum, first, last, gaps } = self;
        json!({ "count": count, "octets": octets, "checksum": checksum, "first": first, "last": last, "gaps": gaps })
    }
}

/// CRC-32 (the one of zlib), continued from `crc`.
fn crc32(octets: &[u8], crc: u32) -> u32 {
    let step = |crc: u32, octet: &u8| CRC_TABLE[usize::from(crc as u8 ^ octet)] ^ (crc >> 8);
    !octets.iter().fold(!crc, step)
}

const CRC_TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut crc = octet as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
            bit += 1;
        }
        table[octet] = crc;
        octet += 1;
    }
    table
};
