//! The CURVE mechanism (RFC 26): both sides have keys, and everything between them is encrypted.
//!
//! ```text
//! client                                              server
//!    HELLO its short-term public key ->
//!    <- WELCOME the server's short-term public key, cookie
//!    INITIATE cookie, its long-term key and a vouch, metadata ->
//!                               (asks whether to let it in)
//!    <- READY metadata, or ERROR
//!    MESSAGE <-> MESSAGE, each with the next number
//! ```
//!
//! The keys of the connection are made for it and forgotten with it: who gets hold of the long-term ones later can't read
//! what was recorded before.

mod boxes;
mod cipher;
mod client;
mod cookies;
mod mac;
mod server;
#[cfg_attr(not(target_arch = "x86_64"), path = "narrow.rs")]
mod wide;

use zeroize::Zeroizing;

pub(crate) use self::cipher::{Cipher, OVERHEAD};
pub(crate) use self::cookies::Keeper;

use self::boxes::Key;
use self::client::Client;
use self::server::Server;
use super::{Scene, Step};
use crate::error::{ApiMisuse, CloseReason};
use crate::wire::mechanism::Entropy;
use crate::z85;

/// One side's.
pub(crate) enum Handshake {
    Client(Client),
    Server(Server),
}

impl Handshake {
    pub(super) fn new(is_server: bool) -> Self {
        if is_server { Self::Server(Server::Hello) } else { Self::Client(Client::New) }
    }

    pub(super) fn is_server(&self) -> bool {
        matches!(self, Self::Server(_))
    }

    pub(super) fn begin(&mut self, scene: &mut Scene<'_>) -> Result<Step, CloseReason> {
        match self {
            Self::Client(client) => client.begin(scene),
            Self::Server(_) => Ok(Step::wait()),
        }
    }

    pub(super) fn read(
        &mut self,
        name: &[u8],
        data: &[u8],
        scene: &mut Scene<'_>,
    ) -> Result<Step, CloseReason> {
        match self {
            Self::Client(client) => client.read(name, data, scene),
            Self::Server(server) => server.read(name, data, scene),
        }
    }

    pub(super) fn allowed(&mut self, scene: &mut Scene<'_>) -> Step {
        match self {
            Self::Client(_) => Step::wait(),
            Self::Server(server) => server.allowed(scene),
        }
    }

    pub(super) fn cipher(self) -> Option<Cipher> {
        match self {
            Self::Client(Client::Done(cipher)) | Self::Server(Server::Done(cipher)) => Some(cipher),
            _ => None,
        }
    }
}

/// Makes a new pair of long-term keys, the public one and the secret one, in Z85. `source` fills octets with what nobody
/// can guess; natively, [`native::curve_keypair`](crate::native::curve_keypair) has the system's.
///
/// ```
/// # fn system(octets: &mut [u8]) { octets.fill(7) }
/// let (public_key, secret_key) = zmq_wasm::curve_keypair(system);
/// assert_eq!(zmq_wasm::curve_public(&secret_key)?, public_key);
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
pub fn curve_keypair(source: Entropy) -> (String, String) {
    let mut secret = Key::new([0; 32]);
    source(&mut *secret);
    let text = |key: &[u8; 32]| z85::encode(key).expect("32 is a multiple of 4");
    (text(&boxes::public_key(&secret)), text(&secret))
}

/// The public key of a secret one, both in Z85.
///
/// ```
/// // libzmq's and pyzmq's own example.
/// let secret_key = "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6";
/// assert_eq!(zmq_wasm::curve_public(secret_key)?, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
///
/// # Errors
///
/// `EINVAL` for what is no key in Z85.
pub fn curve_public(secret_key: &str) -> Result<String, ApiMisuse> {
    let secret = Zeroizing::new(z85::decode(secret_key)?);
    let Ok(secret) = <&[u8; 32]>::try_from(&secret[..]) else {
        return Err(ApiMisuse::InvalidArgument("a key has 40 characters"));
    };
    z85::encode(&boxes::public_key(secret))
}

/// The number that a nonce ends in.
fn number(octets: &[u8; 8]) -> u64 {
    u64::from_be_bytes(*octets)
}
