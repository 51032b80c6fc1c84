//! Endpoints: `"ws://host:1/path"` parsed once into a type.

use core::fmt;
use core::str::FromStr;

use crate::error::ApiMisuse;
use crate::text::{concat, decimal};

/// Where to connect or bind.
///
/// ```
/// use zmq_wasm::Endpoint;
///
/// let endpoint: Endpoint = "ws://localhost:5555/rooms".parse()?;
/// assert!(matches!(&endpoint, Endpoint::Ws { secure: false, path, .. } if path == "/rooms"));
/// assert_eq!(endpoint.to_string(), "ws://localhost:5555/rooms");
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Endpoint {
    /// `tcp://host:port`
    Tcp(Address),
    /// `ws://host:port/path` and `wss://host:port/path`
    Ws {
        /// Whether it is `wss://`.
        secure: bool,
        /// Host and port.
        address: Address,
        /// Path and query, beginning with `/`.
        path: String,
    },
    /// `ipc://path`, or `ipc://@name` for an abstract name; `ipc://*` lets the system choose, when binding.
    Ipc(String),
    /// `inproc://name`, within one context.
    Inproc(String),
    /// `port:name`, between the threads of JavaScript.
    Port(String),
}

/// A host and a port.
///
/// ```
/// use zmq_wasm::Address;
///
/// let address = Address { host: "::1".to_owned(), port: 5555 };
/// assert_eq!(address.to_string(), "[::1]:5555");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// A name or a literal address (IPv6 without its brackets); `*` stands for every interface.
    pub host: String,
    /// The port; 0 (written `0` or `*`) lets the system choose, when binding.
    pub port: u16,
}

impl Endpoint {
    /// The scheme, as it is written.
    ///
    /// ```
    /// # use zmq_wasm::Endpoint;
    /// assert_eq!(Endpoint::Inproc("here".to_owned()).scheme(), "inproc");
    /// ```
    pub fn scheme(&self) -> &'static str {
        match self {
            Self::Tcp(_) => "tcp",
            Self::Ws { secure: false, .. } => "ws",
            Self::Ws { secure: true, .. } => "wss",
            Self::Ipc(_) => "ipc",
            Self::Inproc(_) => "inproc",
            Self::Port(_) => "port",
        }
    }

    /// Checks that one can connect there: a host and a port that are no wildcards.
    ///
    /// ```
    /// # use zmq_wasm::Endpoint;
    /// let anywhere: Endpoint = "tcp://*:5555".parse()?;
    /// assert!(anywhere.for_connect().is_err());
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn for_connect(self) -> Result<Self, ApiMisuse> {
        self.check_for_connect().map(|()| self)
    }

    pub(crate) fn check_for_connect(&self) -> Result<(), ApiMisuse> {
        match self {
            Self::Tcp(address) | Self::Ws { address, .. } if address.host == "*" => {
                Err(invalid(&self.text(), "a wildcard host is for binding"))
            }
            Self::Tcp(address) | Self::Ws { address, .. } if address.port == 0 => {
                Err(invalid(&self.text(), "a wildcard port is for binding"))
            }
            _ => Ok(()),
        }
    }
}

impl FromStr for Endpoint {
    type Err = ApiMisuse;

    fn from_str(text: &str) -> Result<Self, ApiMisuse> {
        let invalid = |reason| Err(invalid(text, reason));
        let (scheme, rest) = split_before(text, |octet| octet == b':');
        let slashes = if scheme == "port" { ":" } else { "://" };
        let Some(rest) = rest.strip_prefix(slashes) else { return invalid("expected scheme://address") };
        if text.bytes().any(|octet| octet.is_ascii_control() || octet == b' ' && scheme != "ipc") {
            return invalid("spaces and control characters are not allowed");
        }
        match scheme {
            "tcp" => Ok(Self::Tcp(parse_address(text, rest, None)?)),
            "ws" | "wss" => {
                let secure = scheme == "wss";
                let (authority, path) = split_before(rest, |octet| matches!(octet, b'/' | b'?' | b'#'));
                if path.bytes().any(|octet| octet == b'#') {
                    return invalid("a fragment (#) is not allowed");
                }
                let default_port = if secure { 443 } else { 80 };
                let address = parse_address(text, authority, Some(default_port))?;
                let slash = if path.starts_with("/") { "" } else { "/" };
                Ok(Self::Ws { secure, address, path: concat(&[slash, path]) })
            }
            "" => invalid("the scheme is missing"),
            "ipc" | "inproc" | "port" if rest.is_empty() => invalid("the name is missing"),
            "inproc" | "port" if rest.len() > 255 => invalid("the name is longer than 255 octets"),
            "ipc" => Ok(Self::Ipc(rest.to_owned())),
            "inproc" => Ok(Self::Inproc(rest.to_owned())),
            "port" => Ok(Self::Port(rest.to_owned())),
            _ => Err(ApiMisuse::UnsupportedScheme {
                endpoint: text.to_owned(),
                supported: "known schemes: tcp, ipc, ws, wss, inproc, port",
            }),
        }
    }
}

fn parse_address(text: &str, authority: &str, default_port: Option<u16>) -> Result<Address, ApiMisuse> {
    let invalid = |reason| Err(invalid(text, reason));
    let (host, rest) = match authority.strip_prefix("[") {
        Some(bracketed) => {
            let (host, rest) = split_before(bracketed, |octet| octet == b']');
            let Some(rest) = rest.strip_prefix("]") else { return invalid("the bracket is not closed") };
            // Whether it is an address to the last digit, the system or the browser says.
            if !is_ipv6(host)
                || !host.bytes().all(|octet| {
                    octet.is_ascii_alphanumeric() || matches!(octet, b':' | b'.' | b'%' | b'-' | b'_')
                })
            {
                return invalid("not an IPv6 address between the brackets");
            }
            (host, rest)
        }
        None => split_before(authority, |octet| octet == b':'),
    };
    if host.is_empty() {
        return invalid("the host is missing");
    }
    if host.bytes().any(|octet| matches!(octet, b'@' | b'/' | b'\\' | b'?')) {
        return invalid("the host has characters that a host can't have");
    }
    let port = match (rest.strip_prefix(":"), default_port) {
        (Some("*"), _) => 0,
        (Some(digits), _) if digits.bytes().all(|octet| octet.is_ascii_digit()) => match digits.parse() {
            Ok(port) => port,
            Err(_) => return invalid("the port is not between 0 and 65535"),
        },
        (Some(_), _) => return invalid("the port is not a number"),
        (None, _) if !rest.is_empty() => return invalid("expected : and a port after the bracket"),
        (None, Some(port)) => port,
        (None, None) => return invalid("the port is missing"),
    };
    Ok(Address { host: host.to_owned(), port })
}

/// The text before the first delimiter, an ASCII character, and the text from there on.
fn split_before(text: &str, is_delimiter: fn(u8) -> bool) -> (&str, &str) {
    let at = text.bytes().position(is_delimiter);
    at.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
}

/// Whether it can be nothing else: no other host has a colon.
fn is_ipv6(host: &str) -> bool {
    host.bytes().any(|octet| octet == b':')
}

fn invalid(endpoint: &str, reason: &'static str) -> ApiMisuse {
    ApiMisuse::InvalidEndpoint { endpoint: endpoint.to_owned(), reason }
}

impl Endpoint {
    /// What [`Display`](fmt::Display) writes: the endpoint in full.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Tcp(address) => concat(&["tcp://", &address.text()]),
            Self::Ws { address, path, .. } => concat(&[self.scheme(), "://", &address.text(), path]),
            Self::Ipc(name) => concat(&["ipc://", name]),
            Self::Inproc(name) => concat(&["inproc://", name]),
            Self::Port(name) => concat(&["port:", name]),
        }
    }
}

impl Address {
    fn text(&self) -> String {
        let Self { host, port } = self;
        let (open, close) = if is_ipv6(host) { ("[", "]:") } else { ("", ":") };
        concat(&[open, host, close, &decimal((*port).into())])
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Endpoint, ApiMisuse> {
        text.parse()
    }

    #[test]
    fn good_endpoints_are_written_back_in_full() {
        for (given, full) in [
            ("tcp://127.0.0.1:5555", "tcp://127.0.0.1:5555"),
            ("tcp://*:*", "tcp://*:0"),
            ("tcp://[::1]:80", "tcp://[::1]:80"),
            ("ws://host", "ws://host:80/"),
            ("wss://host/a/b?c=d", "wss://host:443/a/b?c=d"),
            ("wss://host?token=1", "wss://host:443/?token=1"),
            ("ws://[::1]:9000/x", "ws://[::1]:9000/x"),
            ("ipc:///tmp/a b", "ipc:///tmp/a b"),
            ("ipc://@name", "ipc://@name"),
            ("inproc://anything/at:all", "inproc://anything/at:all"),
            ("port:feed", "port:feed"),
        ] {
            assert_eq!(parse(given).expect(given).to_string(), full);
        }
    }

    #[test]
    fn bad_endpoints_are_refused_with_the_endpoint_in_the_sentence() {
        for bad in [
            "",
            "tcp",
            "://x",
            "tcp:/x",
            "tcp://",
            "tcp://host",
            "tcp://host:",
            "tcp://host:x",
            "tcp://host:65536",
            "tcp://:5555",
            "tcp://a:b:1",
            "tcp://[::1",
            "tcp://[x]:1",
            "tcp://[::1]1",
            "ws://u@host:1/",
            "ws://host:1/#f",
            "inproc://",
            "inproc://a b",
            "port",
            "port:",
            "port:a b",
            "ipc://",
            "tcp://host:-1",
            "tcp://host:+1",
        ] {
            let error = parse(bad).expect_err(bad);
            assert!(matches!(error, ApiMisuse::InvalidEndpoint { .. }), "{bad}");
            assert!(error.to_string().contains(bad));
        }
        assert!(matches!(parse("udp://host:1"), Err(ApiMisuse::UnsupportedScheme { .. })));
    }

    #[test]
    fn wildcards_are_for_binding() {
        assert!(parse("tcp://*:1").expect("parses").for_connect().is_err());
        assert!(parse("tcp://host:0").expect("parses").for_connect().is_err());
        assert!(parse("ws://host/").expect("parses").for_connect().is_ok());
    }
}
