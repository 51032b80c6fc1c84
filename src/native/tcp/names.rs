//! What a host may be: an address, an interface, a name that the system resolves, or `*`.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use socket2::{Domain, Socket, Type};
use tokio::net::lookup_host;

use crate::endpoint::{Address, Endpoint};
use crate::error::ApiMisuse;

/// Reads an endpoint to connect to: of `tcp://source:port;host:port`, host and port.
pub(in crate::native) fn check(text: &str) -> Result<Endpoint, ApiMisuse> {
    let invalid = |reason| ApiMisuse::InvalidEndpoint { endpoint: text.to_owned(), reason };
    let Some((source, target)) = split(text) else {
        let endpoint: Endpoint = text.parse()?;
        if let Endpoint::Tcp(Address { host, .. }) | Endpoint::Ws { address: Address { host, .. }, .. } =
            &endpoint
            && let Some((address, _)) =
                host.split_once('%').or_else(|| host.contains(':').then_some((host, "")))
            && address.parse::<Ipv6Addr>().is_err()
        {
            return Err(invalid("not an IPv6 address between the brackets"));
        }
        return Ok(endpoint);
    };
    // What is said of a half is said of the whole.
    let of_whole = |misuse| match misuse {
        ApiMisuse::InvalidEndpoint { reason, .. } => invalid(reason),
        other => other,
    };
    parse(source).map_err(of_whole)?;
    check(&format!("tcp://{target}")).map_err(of_whole)
}

/// The addresses that an endpoint says to connect from, if it does.
pub(super) fn source(text: &str) -> io::Result<Option<Vec<SocketAddr>>> {
    let Some((source, _)) = split(text) else { return Ok(None) };
    let Address { host, port } = parse(source).map_err(io::Error::other)?;
    let found = match literal(&host, port) {
        Some(address) => vec![address?],
        None if host == "*" => ANY.map(|any| SocketAddr::new(any, port)).to_vec(),
        None => of_interface(&host, port)?,
    };
    if found.is_empty() {
        return Err(io::Error::other(format!("{host} is neither an address nor an interface here")));
    }
    Ok(Some(found))
}

/// The addresses to connect to, in the order in which to try them.
pub(super) async fn to_connect(address: &Address, ipv6: bool) -> io::Result<Vec<SocketAddr>> {
    let Address { host, port } = address;
    match literal(host, *port) {
        Some(address) => Ok(vec![address?]),
        None => resolve(host, *port, ipv6).await,
    }
}

/// The addresses to bind, in the order in which to try them.
pub(in crate::native) async fn to_bind(address: &Address, ipv6: bool) -> io::Result<Vec<SocketAddr>> {
    let Address { host, port } = address;
    if host == "*" {
        let has_ipv6 = ipv6 && Socket::new(Domain::IPV6, Type::STREAM, None).is_ok();
        return Ok(vec![SocketAddr::new(ANY[usize::from(has_ipv6)], *port)]);
    }
    if let Some(address) = literal(host, *port) {
        return Ok(vec![address?]);
    }
    let mut found = of_interface(host, *port)?;
    found.retain(|found| ipv6 || found.is_ipv4());
    found.sort_by_key(SocketAddr::is_ipv4);
    if found.is_empty() { resolve(host, *port, ipv6).await } else { Ok(found) }
}

/// An address as endpoints have it.
pub(in crate::native) fn to_address(address: SocketAddr) -> Address {
    let host = match address {
        SocketAddr::V6(v6) if v6.scope_id() > 0 => format!("{}%{}", v6.ip(), v6.scope_id()),
        _ => address.ip().to_string(),
    };
    Address { host, port: address.port() }
}

const ANY: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];

/// Asks the system for a name's addresses.
async fn resolve(host: &str, port: u16, ipv6: bool) -> io::Result<Vec<SocketAddr>> {
    let found = lookup_host((host, port)).await;
    let found = found.map_err(|error| io::Error::other(format!("{host} can't be resolved: {error}")))?;
    let found: Vec<_> = found.filter(|found| ipv6 || found.is_ipv4()).collect();
    match found.is_empty() {
        true if ipv6 => Err(io::Error::other(format!("{host} has no address"))),
        true => Err(io::Error::other(format!("{host} has no IPv4 address, and IPV6 is off"))),
        false => Ok(found),
    }
}

/// A literal address, if it is one. A zone that is the name of an interface here becomes its number.
fn literal(host: &str, port: u16) -> Option<io::Result<SocketAddr>> {
    let Some((address, zone)) = host.split_once('%') else {
        return host.parse().ok().map(|address: IpAddr| Ok(SocketAddr::new(address, port)));
    };
    let address = address.parse().ok()?;
    Some(zone_number(zone).map(|zone| SocketAddrV6::new(address, port, 0, zone).into()))
}

fn zone_number(zone: &str) -> io::Result<u32> {
    if let Ok(number) = zone.parse() {
        return Ok(number);
    }
    let found = if_addrs::get_if_addrs()?.into_iter().find(|interface| interface.name == zone);
    found
        .and_then(|interface| interface.index)
        .ok_or_else(|| io::Error::other(format!("there is no network interface {zone}")))
}

/// The addresses of an interface; none where there is no such interface.
fn of_interface(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    let all = if_addrs::get_if_addrs()?.into_iter();
    let of_name = all.filter(|interface| interface.name == name);
    Ok(of_name
        .map(|interface| match interface.ip() {
            IpAddr::V6(v6) if interface.is_link_local() => {
                SocketAddrV6::new(v6, port, 0, interface.index.unwrap_or_default()).into()
            }
            address => SocketAddr::new(address, port),
        })
        .collect())
}

/// `tcp://source;target`, in two.
fn split(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix("tcp://")?.rsplit_once(';')
}

fn parse(source: &str) -> Result<Address, ApiMisuse> {
    match format!("tcp://{source}").parse()? {
        Endpoint::Tcp(address) => Ok(address),
        other => unreachable!("{other} is no tcp endpoint"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_split_off_and_what_is_wrong_with_a_half_is_said_of_the_whole() {
        for (given, target) in [
            ("tcp://127.0.0.1:1", "tcp://127.0.0.1:1"),
            ("tcp://127.0.0.1:*;host:1", "tcp://host:1"),
            ("tcp://*:5000;[::1]:1", "tcp://[::1]:1"),
            ("tcp://eth0:0;[fe80::1%eth0]:1", "tcp://[fe80::1%eth0]:1"),
        ] {
            assert_eq!(check(given).expect(given).to_string(), target);
        }
        for bad in ["tcp://;host:1", "tcp://a:1;", "tcp://a:1;b:1;c:1", "tcp://a;b:1", "tcp://[1::x]:1"] {
            assert!(check(bad).expect_err(bad).to_string().contains(bad), "{bad}");
        }
    }

    #[test]
    fn addresses_are_written_back_with_their_zones() {
        for text in ["127.0.0.1", "::1", "fe80::1%1"] {
            let address = literal(text, 7).expect("it is literal").expect("it is good");
            assert_eq!(to_address(address), Address { host: text.to_owned(), port: 7 });
        }
        assert!(literal("fe80::1%no-such-interface", 7).expect("it is literal").is_err());
        assert!(literal("localhost", 7).is_none());
    }
}
