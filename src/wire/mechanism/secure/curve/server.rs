//! The server's side. It keeps nothing of a client that has not shown yet that it has a key, but for the mark of its cookie.

use super::boxes::{self, Key, TAG, nonce, public_key, shared_key};
use super::cipher::Cipher;
use super::cookies::{COOKIE, Mark};
use super::number;
use crate::error::{CloseReason, Misbehaviour};
use crate::options::SocketOption;
use crate::wire::command::{Properties, named};
use crate::wire::mechanism::{Credentials, Scene, Step, Then, read_metadata, write_metadata};

/// How far it is.
pub(crate) enum Server {
    Hello,
    /// WELCOME is said, with the cookie that has this mark.
    Initiate(Mark),
    /// Somebody decides about this client.
    Verdict(Box<Proven>),
    Done(Cipher),
}

/// A client that has shown who it is.
pub(crate) struct Proven {
    key: Key,
    /// The number of its INITIATE.
    number: u64,
    properties: Properties,
}

/// The client's key, the nonce of its vouch, and the vouch.
const VOUCH: usize = 32 + 16 + TAG + 64;

/// The number of the one command that the server encrypts by the connection's key.
const READY: u64 = 1;

impl Server {
    pub(super) fn read(
        &mut self,
        name: &[u8],
        data: &[u8],
        scene: &mut Scene<'_>,
    ) -> Result<Step, CloseReason> {
        match (&self, name) {
            (Self::Hello, b"HELLO") => {
                let (welcome, mark) = welcome(data, scene)?;
                *self = Self::Initiate(mark);
                Ok(Step::say(welcome))
            }
            (Self::Initiate(mark), b"INITIATE") => {
                let (proven, public_key) = prove(data, mark, scene)?;
                *self = Self::Verdict(Box::new(proven));
                Ok(Step::ask(Credentials::Curve { public_key }))
            }
            _ => Err(Misbehaviour::OutOfOrder.into()),
        }
    }

    pub(super) fn allowed(&mut self, scene: &Scene<'_>) -> Step {
        let Self::Verdict(proven) = self else { return Step::wait() };
        let short = READY.to_be_bytes();
        let mut ready = named("READY");
        ready.extend_from_slice(&short);
        let metadata = write_metadata(Vec::new(), scene);
        boxes::seal(&proven.key, &nonce(b"CurveZMQREADY---", &short), &metadata, &mut ready);
        let properties = core::mem::take(&mut proven.properties);
        *self = Self::Done(Cipher::new(&proven.key, true, READY, proven.number));
        Step { say: Some(ready), then: Then::Ready(properties) }
    }
}

/// What a HELLO is answered with.
fn welcome(data: &[u8], scene: &mut Scene<'_>) -> Result<(Vec<u8>, Mark), CloseReason> {
    const LENGTH: usize = 2 + 72 + 32 + 8 + TAG + 64;
    if data.len() != LENGTH || data[..2] != [1, 0] {
        return Err(Misbehaviour::MalformedCommand.into());
    }
    let ours = Key::new(scene.options.key(SocketOption::CurveSecretKey));
    let client: [u8; 32] = part(data, 74);
    let key = shared_key(&ours, &client)?;
    // It can only be opened if the client knows our key, and we its.
    boxes::open(&key, &nonce(b"CurveZMQHELLO---", &data[106..114]), &data[114..])?;

    let secret = Key::new(scene.keeper.random()?);
    let mut text = zeroize::Zeroizing::new([0; 64]);
    text[..32].copy_from_slice(&client);
    text[32..].copy_from_slice(&*secret);
    let (cookie, mark) = scene.keeper.bake(&text, scene.now)?;
    let long: [u8; 16] = scene.keeper.random()?;
    let mut welcome = named("WELCOME");
    welcome.extend_from_slice(&long);
    let text = [&public_key(&secret)[..], &cookie].concat();
    boxes::seal(&key, &nonce(b"WELCOME-", &long), &text, &mut welcome);
    Ok((welcome, mark))
}

/// What an INITIATE proves of a client, and its long-term public key.
fn prove(data: &[u8], mark: &Mark, scene: &mut Scene<'_>) -> Result<(Proven, [u8; 32]), CloseReason> {
    if data.len() < COOKIE + 8 + TAG + VOUCH {
        return Err(Misbehaviour::MalformedCommand.into());
    }
    let (cookie, rest) = data.split_at(COOKIE);
    let cookie = scene.keeper.open(cookie, mark, scene.now)?;
    let (client, secret): ([u8; 32], Key) = (part(&cookie, 0), Key::new(part(&cookie, 32)));
    let key = shared_key(&secret, &client)?;
    let (short, sealed) = rest.split_at(8);
    let text = boxes::open(&key, &nonce(b"CurveZMQINITIATE", short), sealed)?;

    let (vouch, metadata) = text.split_at(VOUCH);
    let theirs: [u8; 32] = part(vouch, 0);
    let vouched =
        boxes::open(&shared_key(&secret, &theirs)?, &nonce(b"VOUCH---", &vouch[32..48]), &vouch[48..])?;
    let ours = public_key(&Key::new(scene.options.key(SocketOption::CurveSecretKey)));
    if !boxes::is_same(&vouched, &[client, ours].concat()) {
        return Err(Misbehaviour::Forged.into());
    }
    let properties = read_metadata(metadata, scene)?;
    Ok((Proven { key, number: number(&part(short, 0)), properties }, theirs))
}

/// As many octets as are asked for, from where they are.
fn part<const N: usize>(octets: &[u8], at: usize) -> [u8; N] {
    let mut part = [0; N];
    part.copy_from_slice(&octets[at..at + N]);
    part
}
