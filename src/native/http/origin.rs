//! Whose pages may connect: by the header `Origin`, which browsers send and pages can't choose.

use std::net::{Ipv4Addr, Ipv6Addr};

use hyper::HeaderMap;
use hyper::header::{self, HeaderName};
use hyper::http::uri::Authority;

/// What ORIGINS lists.
#[derive(Clone, Debug, Default)]
pub(in crate::native) struct Origins {
    text: String,
    /// Hosts, whole origins, `null` and `*`.
    entries: Vec<String>,
}

/// Where a page is from.
struct Origin {
    /// With its port, unless that is its scheme's own.
    whole: String,
    host: String,
}

impl Origins {
    /// The list that this text is, unless it is none.
    pub(in crate::native) fn parse(text: &str) -> Option<Self> {
        let entries = if text.is_empty() { Some(Vec::new()) } else { text.split(',').map(entry).collect() };
        Some(Self { text: text.to_owned(), entries: entries? })
    }

    pub(in crate::native) fn text(&self) -> &str {
        &self.text
    }

    /// Tells why the page that a request comes from has to stay out, if there is a page and it has to.
    ///
    /// Those of the host that the request is for come in. But a page that has its own name lead to this machine's
    /// loopback address is of that host too, in the browser's eyes: what has come there has to be for a host that is
    /// always this machine.
    pub(super) fn check(&self, headers: &HeaderMap, is_at_loopback: bool) -> Result<(), String> {
        let Some(text) = only(headers, header::ORIGIN)? else { return Ok(()) };
        let origin = Origin::parse(text);
        if self.entries.iter().any(|entry| is_listed(entry, text, origin.as_ref())) {
            return Ok(());
        }
        let host = only(headers, header::HOST)?.and_then(host_of);
        let (Some(origin), Some(host)) = (origin, host) else {
            return Err(format!("ORIGINS does not list {}, which is no host's", brief(text)));
        };
        let (page, asked) = (is_this_machine(&origin.host), is_this_machine(&host));
        if is_at_loopback && !asked {
            let (page, host) = (brief(text), brief(&host));
            return Err(format!("ORIGINS does not list {page}, and {host} is not always this machine"));
        }
        if origin.host == host || page && asked {
            return Ok(());
        }
        Err(format!("ORIGINS does not list {}, which is not of {}", brief(text), brief(&host)))
    }
}

impl Origin {
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let authority: Authority = rest.parse().ok()?;
        let (scheme, host) = (scheme.to_ascii_lowercase(), host_of(rest)?);
        let usual = match &*scheme {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        let port = authority.port_u16().filter(|port| Some(*port) != usual);
        let port = port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(Self { whole: format!("{scheme}://{host}{port}"), host })
    }
}

/// The host of `host:port`.
fn host_of(text: &str) -> Option<String> {
    let authority: Authority = text.parse().ok()?;
    let host = authority.host().to_ascii_lowercase();
    (!host.is_empty() && !text.contains('@')).then_some(host)
}

/// One of a list's, in the form that it is compared in.
fn entry(text: &str) -> Option<String> {
    let text = text.trim();
    match text {
        "*" | "null" => Some(text.to_owned()),
        // It would be no host's name, and match none.
        _ if text.contains('*') => None,
        _ if text.contains("://") => Origin::parse(text).map(|origin| origin.whole),
        _ => host_of(text).filter(|host| host.len() == text.len()),
    }
}

fn is_listed(entry: &str, text: &str, origin: Option<&Origin>) -> bool {
    match (entry, origin) {
        ("*", _) => true,
        ("null", _) => text == "null",
        (_, Some(origin)) => entry == origin.whole || entry == origin.host,
        (_, None) => false,
    }
}

/// Whether a host is the machine itself, whatever a server of names says.
fn is_this_machine(host: &str) -> bool {
    let ipv6 = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
        || ipv6.and_then(|ip| ip.parse().ok()).is_some_and(|ip: Ipv6Addr| ip.is_loopback())
}

/// The value of a header that may be there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Result<Option<&str>, String> {
    let mut values = headers.get_all(&name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| format!("its header {name} is no text")),
        (Some(_), Some(_)) => Err(format!("there is more than one header {name}")),
    }
}

/// As much of what a peer says as an event needs.
fn brief(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    fn check(list: &str, origin: &str, host: &str, is_at_loopback: bool) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        for (name, text) in [(header::ORIGIN, origin), (header::HOST, host)] {
            for value in text.split_terminator('|') {
                headers.append(&name, HeaderValue::from_str(value).expect("it is text"));
            }
        }
        Origins::parse(list).expect("a list").check(&headers, is_at_loopback)
    }

    #[test]
    fn pages_of_the_same_host_come_in_and_others_if_they_are_listed() {
        for (list, origin, host, is_welcome) in [
            ("", "", "example.org", true),
            ("", "", "", true),
            ("", "https://example.org", "example.org", true),
            ("", "https://Example.org:8443", "EXAMPLE.ORG:5555", true),
            ("", "http://[2001:db8::1]:80", "[2001:db8::1]:5555", true),
            ("", "http://localhost:8080", "127.0.0.1:5555", true),
            ("", "https://evil.example", "example.org", false),
            ("", "https://example.org.evil.example", "example.org", false),
            ("", "https://sub.example.org", "example.org", false),
            ("", "https://example.org", "", false),
            ("", "https://example.org", "example.org|example.org", false),
            ("", "https://example.org|https://example.org", "example.org", false),
            ("", "https://example.org@evil.example", "example.org", false),
            ("", "http://localhost", "example.org", false),
            ("", "null", "null", false),
            ("", "example.org", "example.org", false),
            ("", "https://", "example.org", false),
            ("null", "null", "example.org", true),
            ("null", "https://null", "example.org", false),
            ("null", "https://evil.example", "example.org", false),
            ("a.example, B.example", "http://b.example:8080", "example.org", true),
            ("a.example", "http://b.example", "example.org", false),
            ("a.example", "http://example.org", "example.org", true),
            ("https://a.example", "https://a.example", "example.org", true),
            ("https://a.example:443", "https://a.example", "example.org", true),
            ("https://a.example", "http://a.example", "example.org", false),
            ("https://a.example:8443", "https://a.example", "example.org", false),
            ("chrome-extension://abcdef", "chrome-extension://abcdef", "example.org", true),
            ("*", "https://evil.example", "example.org", true),
            ("*", "null", "", true),
        ] {
            let answer = check(list, origin, host, false);
            assert_eq!(answer.is_ok(), is_welcome, "{list:?}, {origin} to {host}: {answer:?}");
        }
    }

    #[test]
    fn at_a_loopback_address_the_host_has_to_be_one_that_is_always_this_machine() {
        for host in ["localhost", "App.localhost:8080", "127.0.0.1:1", "127.9.9.9", "[::1]:5"] {
            assert_eq!(check("", &format!("http://{host}"), host, true), Ok(()));
            assert_eq!(check("", "", host, true), Ok(()));
        }
        for host in ["rebound.example", "localhost.example", "127.0.0.1.example", "10.0.0.1", "[::2]"] {
            let refused = check("", &format!("http://{host}"), host, true).expect_err(host);
            assert!(refused.contains("not always this machine"), "{refused}");
            assert_eq!(check("", "", host, true), Ok(()), "no page");
            assert_eq!(check(host, &format!("http://{host}"), host, true), Ok(()), "listed");
        }
        assert!(check("", "http://evil.example", "localhost", true).is_err());
    }

    #[test]
    fn what_is_no_list_is_no_list() {
        for text in [",", "a,", "a b", "a/b", "a:80", "https://", "https://a/b", "user@a", "*.example"] {
            assert!(Origins::parse(text).is_none(), "{text}");
        }
    }
}
