//! CURVE's certificates, as pyzmq and CZMQ keep them in files: ZPL (RFC 4), of which two lines matter.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::z85;

/// A certificate is a few lines, with metadata at most some more.
const LONGEST: u64 = 64 * 1024;

/// The public key and, if it is there too, the secret one of a certificate in a file, both in Z85.
///
/// ```no_run
/// # use zmq_wasm::native::{Context, SocketOption, SocketType, auth::load_certificate};
/// # #[tokio::main(flavor = "local")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (public, secret) = load_certificate("private_keys/server.key_secret")?;
/// let server = Context::new().socket(SocketType::Rep)?;
/// server.set(SocketOption::CurveServer, true)?;
/// server.set_string(SocketOption::CurveSecretKey, &secret.ok_or(format!("only {public} is there"))?)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// What the system says about the file, and `InvalidData` where there is no public key in it.
pub fn load_certificate(path: impl AsRef<Path>) -> io::Result<(String, Option<String>)> {
    let path = path.as_ref();
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    let no_key =
        || io::Error::new(io::ErrorKind::InvalidData, format!("no public key in {}", path.display()));
    Ok((key(&text, "public-key").ok_or_else(no_key)?, key(&text, "secret-key")))
}

/// The value of the line `name = "value"`, if it is a key.
fn key(text: &str, name: &str) -> Option<String> {
    let values =
        text.lines().filter_map(|line| line.trim().strip_prefix(name)?.trim_start().strip_prefix('='));
    let mut keys = values.map(|value| value.trim().trim_matches(['"', '\'']));
    keys.find(|key| is_key(key)).map(str::to_owned)
}

/// Whether this is a key in Z85.
pub(super) fn is_key(text: &str) -> bool {
    z85::decode(text).is_ok_and(|octets| octets.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_of_pyzmqs_or_czmqs_is_read_and_what_is_none_is_an_error() {
        let (public, secret) =
            ("rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6");
        let file = |quote: &str, last: &str| {
            format!(
                "#  public-key = \"{secret}\"\nmetadata\n    name = \"x\"\ncurve\n    public-key = {quote}{public}{quote}\n{last}"
            )
        };
        assert_eq!(key(&file("\"", ""), "public-key").as_deref(), Some(public));
        assert_eq!(key(&file("", ""), "public-key").as_deref(), Some(public));
        assert_eq!(key(&file("'", ""), "secret-key"), None);
        assert_eq!(
            key(&file("\"", &format!("\tsecret-key=\"{secret}\"")), "secret-key").as_deref(),
            Some(secret)
        );
        for bad in [
            "",
            "public-key",
            "public-key = \"short\"",
            "public-key \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\"",
        ] {
            assert_eq!(key(bad, "public-key"), None, "{bad}");
        }
    }
}
