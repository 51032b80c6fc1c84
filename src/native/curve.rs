//! Keys for CURVE.

use crate::wire;

/// Fills octets with what nobody can guess.
pub(super) fn chance(octets: &mut [u8]) {
    getrandom::fill(octets).expect("the system has a random number generator");
}

/// Makes a new pair of keys for CURVE, the public one and the secret one, in Z85.
///
/// ```
/// # use zmq_wasm::native::{Context, SocketOption, SocketType, curve_keypair};
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), zmq_wasm::Error> {
/// # let context = Context::new();
/// let (server_public, server_secret) = curve_keypair();
/// let server = context.socket(SocketType::Rep)?;
/// server.set(SocketOption::CurveServer, true)?;
/// server.set_string(SocketOption::CurveSecretKey, &server_secret)?;
///
/// let (public, secret) = curve_keypair();
/// let client = context.socket(SocketType::Req)?;
/// client.set_string(SocketOption::CurveServerKey, &server_public)?;
/// client.set_string(SocketOption::CurvePublicKey, &public)?;
/// client.set_string(SocketOption::CurveSecretKey, &secret)?;
/// client.connect(&server.bind("ws://127.0.0.1:*").await?)?;
/// client.send("nobody else can read this").await?;
/// assert_eq!(server.recv_string().await?, "nobody else can read this");
/// # Ok(())
/// # }
/// ```
pub fn curve_keypair() -> (String, String) {
    wire::mechanism::curve::curve_keypair(chance)
}
