//! A socket's options: the engine's, and those that only native transports have.
//!
//! [`SocketOption`] names them all. What the engine does not know stays here, beside the sockets that it is
//! about, and costs nothing where there are none.

use tokio::time::Duration;

use super::http::Origins;
use super::tls::TlsOptions;
use super::{OptionValue, SocketOption};
use crate::endpoint::{Address, Endpoint};
use crate::error::ApiMisuse;
use crate::options::Checked;

/// The options of a socket that is still to be made, with libzmq's defaults.
///
/// ```
/// # use zmq_wasm::native::{OptionValue, Options, SocketOption};
/// let mut options = Options::default();
/// options.set(SocketOption::SndHwm, &10.into())?;
/// options.set(SocketOption::TcpKeepalive, &1.into())?;
/// assert_eq!(options.get(SocketOption::TcpKeepalive)?, OptionValue::Int(1));
/// assert_eq!(options.get(SocketOption::Backlog)?, OptionValue::Int(100));
/// # Ok::<(), zmq_wasm::ApiMisuse>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub(super) engine: crate::options::Options,
    pub(super) transport: TransportOptions,
}

impl Options {
    /// Sets an option, or says why not.
    ///
    /// ```
    /// # use zmq_wasm::native::{Options, SocketOption};
    /// let mut options = Options::default();
    /// options.set(SocketOption::Linger, &0.into())?;
    /// options.set(SocketOption::SocksProxy, &"localhost:1080".into())?;
    /// assert!(options.set(SocketOption::TcpKeepalive, &7.into()).is_err());
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn set(&mut self, option: SocketOption, value: &OptionValue) -> Result<(), ApiMisuse> {
        if is_of_transports(option) {
            self.transport.set(option, value)
        } else {
            self.engine.set(option, value)?;
            self.transport.chosen(option);
            Ok(())
        }
    }

    /// Reads an option. What only the socket knows (EVENTS, LAST_ENDPOINT, …) is not known here.
    ///
    /// ```
    /// # use zmq_wasm::native::{OptionValue, Options, SocketOption};
    /// assert_eq!(Options::default().get(SocketOption::Linger)?, OptionValue::Int(-1));
    /// # Ok::<(), zmq_wasm::ApiMisuse>(())
    /// ```
    pub fn get(&self, option: SocketOption) -> Result<OptionValue, ApiMisuse> {
        if is_of_transports(option) { self.transport.get(option) } else { self.engine.get(option) }
    }
}

/// Whether an option is kept here and not by the engine.
pub(super) fn is_of_transports(option: SocketOption) -> bool {
    use SocketOption as O;
    is_of_tls(option)
        || matches!(
            option,
            O::SndBuf
                | O::RcvBuf
                | O::Backlog
                | O::Ipv6
                | O::Tos
                | O::ConnectTimeout
                | O::TcpMaxRt
                | O::TcpKeepalive
                | O::TcpKeepaliveCnt
                | O::TcpKeepaliveIdle
                | O::TcpKeepaliveIntvl
                | O::Priority
                | O::ReusePort
                | O::BindToDevice
                | O::SocksProxy
                | O::SocksUsername
                | O::SocksPassword
                | O::Origins
                | O::MaxConnections
                | O::MaxConnectionsPerAddress
        )
}

/// What connections and listeners are made with.
#[derive(Clone, Debug, Default)]
pub(super) struct TransportOptions {
    /// Those that are numbers, which need no more than the table says of them.
    numbers: crate::options::Options,
    pub(super) socks_proxy: Option<Address>,
    pub(super) bind_to_device: String,
    pub(super) socks_username: String,
    pub(super) socks_password: Secret,
    pub(super) tls: TlsOptions,
    pub(super) origins: Origins,
    /// Whether somebody has set MAXMSGSIZE, be it to what it is at first.
    pub(super) is_size_chosen: bool,
}

impl TransportOptions {
    pub(super) fn set(&mut self, option: SocketOption, value: &OptionValue) -> Result<(), ApiMisuse> {
        use SocketOption as O;
        let checked = Checked { option, name: option.name(), value };
        match option {
            O::SocksProxy => checked.put_address(&mut self.socks_proxy),
            O::BindToDevice => {
                checked.put_text(MAX_DEVICE, "the name of a network interface", &mut self.bind_to_device)
            }
            O::SocksUsername => checked.put_text(255, TEXT, &mut self.socks_username),
            O::SocksPassword => checked.put_text(255, TEXT, &mut self.socks_password.0),
            O::Origins => {
                let mut text = String::new();
                checked.put_text(usize::MAX, ORIGINS, &mut text)?;
                self.origins = Origins::parse(&text).ok_or_else(|| checked.refuse(ORIGINS))?;
                Ok(())
            }
            option if is_of_tls(option) => self.tls.set(&checked),
            _ => self.numbers.set(option, value),
        }
    }

    pub(super) fn get(&self, option: SocketOption) -> Result<OptionValue, ApiMisuse> {
        use SocketOption as O;
        Ok(match option {
            O::SocksProxy => {
                self.socks_proxy.as_ref().map(Address::to_string).unwrap_or_default().as_str().into()
            }
            O::BindToDevice => self.bind_to_device.as_str().into(),
            O::SocksUsername => self.socks_username.as_str().into(),
            O::SocksPassword => self.socks_password.0.as_str().into(),
            O::Origins => self.origins.text().into(),
            _ => return self.numbers.get(option),
        })
    }

    /// An option that the engine keeps was set.
    pub(super) fn chosen(&mut self, option: SocketOption) {
        self.is_size_chosen |= option == SocketOption::MaxMsgSize;
    }

    /// An option that is a number.
    pub(super) fn number(&self, option: SocketOption) -> i32 {
        match self.numbers.get(option) {
            Ok(OptionValue::Int(number)) => number as i32,
            _ => unreachable!("{option:?} is no number"),
        }
    }

    pub(super) fn is_on(&self, option: SocketOption) -> bool {
        self.number(option) != 0
    }

    /// How long a connection may take to come about, where CONNECT_TIMEOUT sets a limit.
    pub(super) fn connect_timeout(&self) -> Option<Duration> {
        self.limit(SocketOption::ConnectTimeout)
    }

    /// Milliseconds of which 0 is no limit.
    pub(super) fn limit(&self, option: SocketOption) -> Option<Duration> {
        let millis = self.number(option);
        (millis > 0).then(|| Duration::from_millis(millis.unsigned_abs().into()))
    }
}

/// Whether it is about certificates.
fn is_of_tls(option: SocketOption) -> bool {
    use SocketOption as O;
    matches!(option, O::WssKeyPem | O::WssCertPem | O::WssTrustPem | O::WssHostname | O::WssTrustSystem)
}

const TEXT: &str = "at most 255 octets of text";

const ORIGINS: &str = "host names, origins such as https://example.org, null or *, with commas between";

/// The longest name of a network interface that Linux takes.
const MAX_DEVICE: usize = 15;

/// Text that does not show in the [`Debug`](std::fmt::Debug) output of what it is part of.
#[derive(Clone, Default)]
pub(super) struct Secret(pub(super) String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "none" } else { "hidden" })
    }
}

impl Checked<'_> {
    fn put_text(&self, longest: usize, expected: &'static str, place: &mut String) -> Result<(), ApiMisuse> {
        let text = match self.value {
            OptionValue::Bytes(octets) if octets.len() <= longest => std::str::from_utf8(octets).ok(),
            _ => None,
        };
        text.ok_or_else(|| self.refuse(expected))?.clone_into(place);
        Ok(())
    }

    /// `host:port`, or nothing.
    fn put_address(&self, place: &mut Option<Address>) -> Result<(), ApiMisuse> {
        const EXPECTED: &str = "host:port, or an empty string";
        let mut text = String::new();
        self.put_text(usize::MAX, EXPECTED, &mut text)?;
        *place = match format!("tcp://{text}").parse().and_then(Endpoint::for_connect) {
            _ if text.is_empty() => None,
            Ok(Endpoint::Tcp(address)) => Some(address),
            _ => return Err(self.refuse(EXPECTED)),
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers, ranges and defaults as in libzmq 4.3.5's zmq.h and options.cpp.
    #[test]
    fn options_have_libzmqs_numbers_ranges_and_defaults() {
        for (number, name, default, lowest, highest) in [
            (11, "SNDBUF", -1, -1, i64::from(i32::MAX)),
            (12, "RCVBUF", -1, -1, i64::from(i32::MAX)),
            (19, "BACKLOG", 100, 0, i64::from(i32::MAX)),
            (34, "TCP_KEEPALIVE", -1, -1, 1),
            (35, "TCP_KEEPALIVE_CNT", -1, -1, i64::from(i32::MAX)),
            (36, "TCP_KEEPALIVE_IDLE", -1, -1, i64::from(i32::MAX)),
            (37, "TCP_KEEPALIVE_INTVL", -1, -1, i64::from(i32::MAX)),
            (42, "IPV6", 0, 0, 1),
            (57, "TOS", 0, 0, i64::from(i32::MAX)),
            (79, "CONNECT_TIMEOUT", 0, 0, i64::from(i32::MAX)),
            (80, "TCP_MAXRT", 0, 0, i64::from(i32::MAX)),
            (112, "PRIORITY", 0, 0, i64::from(i32::MAX)),
            (10_002, "REUSE_PORT", 0, 0, 1),
            (10_004, "MAX_CONNECTIONS", 16_384, 0, i64::from(i32::MAX)),
            (10_005, "MAX_CONNECTIONS_PER_ADDRESS", -1, -1, i64::from(i32::MAX)),
        ] {
            let option = SocketOption::from_number(number).expect(name);
            assert_eq!(option.name(), name);
            let mut options = Options::default();
            assert_eq!(options.get(option), Ok(default.into()), "{name}");
            for good in [lowest, highest] {
                assert_eq!(options.set(option, &good.into()), Ok(()), "{name} = {good}");
                assert_eq!(options.get(option), Ok(good.into()), "{name}");
            }
            for bad in [(lowest - 1).into(), (highest + 1).into(), OptionValue::from("1")] {
                let error = options.set(option, &bad).expect_err(name);
                assert!(error.to_string().starts_with(name), "{error}");
            }
            assert_eq!(options.get(option), Ok(highest.into()), "{name}");
        }
    }

    #[test]
    fn text_is_checked_and_a_password_does_not_show() {
        let mut options = Options::default();
        let long = "x".repeat(256);
        for (number, good, bad) in [
            (68, "proxy:1080", "proxy"),
            (68, "[::1]:1080", "proxy:*"),
            (92, "eth0", "sixteen-octets-."),
            (99, "name", &long),
            (100, "open sesame", &long),
            (10_003, "*", "https://"),
            (10_003, "null, example.org,https://a.example:8443, [::1]", "example.org,,null"),
            (10_003, "localhost", "example.org/path"),
        ] {
            let option = SocketOption::from_number(number).expect("there is one");
            assert_eq!(options.set(option, &good.into()), Ok(()));
            let error = options.set(option, &bad.into()).expect_err(bad);
            assert!(error.to_string().starts_with(option.name()), "{error}");
            assert!(options.set(option, &[0xff][..].into()).is_err());
            assert_eq!(options.get(option), Ok(good.into()));
            assert!(!format!("{options:?}").contains("sesame"));
            assert_eq!(options.set(option, &"".into()), Ok(()));
            assert_eq!(options.get(option), Ok("".into()));
            options.set(option, &good.into()).expect("as before");
        }
    }
}
