//! The client's side: it knows the server's public key before it begins.

use super::boxes::{self, Key, nonce, public_key, shared_key};
use super::cipher::Cipher;
use super::cookies::COOKIE;
use super::number;
use crate::error::{CloseReason, Misbehaviour};
use crate::options::SocketOption;
use crate::wire::command::named;
use crate::wire::mechanism::{Scene, Step, read_metadata, write_metadata};

/// How far it is.
pub(crate) enum Client {
    New,
    /// HELLO is said, with the public key of this short-term secret one.
    Welcome(Key),
    /// INITIATE is said; this is the key of the connection.
    Ready(Key),
    Done(Cipher),
}

/// The numbers of the two commands that the client encrypts.
const HELLO: u64 = 1;
const INITIATE: u64 = 2;

impl Client {
    pub(super) fn begin(&mut self, scene: &Scene<'_>) -> Result<Step, CloseReason> {
        let secret = Key::new(scene.keeper.random()?);
        let key = shared_key(&secret, &scene.options.key(SocketOption::CurveServerKey))?;
        let number = HELLO.to_be_bytes();
        let mut hello = named("HELLO");
        // Version 1.0, and as many zeros as make HELLO longer than what it is answered with: nobody shall have a
        // server send more to others than he sends himself.
        hello.extend_from_slice(&[1, 0]);
        hello.extend_from_slice(&[0; 72]);
        hello.extend_from_slice(&public_key(&secret));
        hello.extend_from_slice(&number);
        boxes::seal(&key, &nonce(b"CurveZMQHELLO---", &number), &[0; 64], &mut hello);
        *self = Self::Welcome(secret);
        Ok(Step::say(hello))
    }

    pub(super) fn read(&mut self, name: &[u8], data: &[u8], scene: &Scene<'_>) -> Result<Step, CloseReason> {
        match (&self, name) {
            (Self::Welcome(secret), b"WELCOME") => {
                let (initiate, key) = welcomed(secret, data, scene)?;
                *self = Self::Ready(key);
                Ok(Step::say(initiate))
            }
            (Self::Ready(key), b"READY") => {
                let (short, sealed) = data.split_first_chunk().ok_or(Misbehaviour::MalformedCommand)?;
                let metadata = boxes::open(key, &nonce(b"CurveZMQREADY---", short), sealed)?;
                let properties = read_metadata(&metadata, scene)?;
                *self = Self::Done(Cipher::new(key, false, INITIATE, number(short)));
                Ok(Step::ready(None, properties))
            }
            _ => Err(Misbehaviour::OutOfOrder.into()),
        }
    }
}

/// What a WELCOME is answered with, and the key of the connection.
fn welcomed(secret: &Key, data: &[u8], scene: &Scene<'_>) -> Result<(Vec<u8>, Key), CloseReason> {
    let server = scene.options.key(SocketOption::CurveServerKey);
    let (long, sealed) = data.split_first_chunk::<16>().ok_or(Misbehaviour::MalformedCommand)?;
    let text = boxes::open(&shared_key(secret, &server)?, &nonce(b"WELCOME-", long), sealed)?;
    let (theirs, cookie) = text.split_first_chunk::<32>().ok_or(Misbehaviour::MalformedCommand)?;
    if cookie.len() != COOKIE {
        return Err(Misbehaviour::MalformedCommand.into());
    }

    // The long-term key vouches for the short-term one, to this server and no other.
    let vouched = [public_key(secret), server].concat();
    let long: [u8; 16] = scene.keeper.random()?;
    let ours = Key::new(scene.options.key(SocketOption::CurveSecretKey));
    let mut text = scene.options.key(SocketOption::CurvePublicKey).to_vec();
    text.extend_from_slice(&long);
    boxes::seal(&shared_key(&ours, theirs)?, &nonce(b"VOUCH---", &long), &vouched, &mut text);
    let text = write_metadata(text, scene);

    let key = shared_key(secret, theirs)?;
    let short = INITIATE.to_be_bytes();
    let mut initiate = named("INITIATE");
    initiate.extend_from_slice(cookie);
    initiate.extend_from_slice(&short);
    boxes::seal(&key, &nonce(b"CurveZMQINITIATE", &short), &text, &mut initiate);
    Ok((initiate, key))
}
