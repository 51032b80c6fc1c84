//! TCP: names to addresses, addresses to listeners and connections, with the socket's options.

mod names;
mod socket;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "elsewhere.rs")]
mod system;

use std::io;
use std::net::SocketAddr;
use std::rc::Rc;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Duration, timeout};
use tokio_socks::tcp::Socks5Stream;

pub(super) use self::names::{check, to_address, to_bind};
pub(super) use self::socket::tune;
use super::options::TransportOptions;
use crate::endpoint::Address;
use crate::options::SocketOption;

/// How long an address has to itself before the next one of the same name is tried beside it (RFC 8305).
const HEAD_START: Duration = Duration::from_millis(250);

/// Listens on the first of these addresses that can be had.
pub(super) fn listen(addresses: &[SocketAddr], options: &TransportOptions) -> io::Result<TcpListener> {
    let mut failure = io::ErrorKind::AddrNotAvailable.into();
    for address in addresses {
        match socket::listening(*address, options) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Connects, through the proxy if there is one, within CONNECT_TIMEOUT. `text` is the endpoint as it was
/// given: it may name the address to connect from.
pub(super) async fn connect(
    options: &Rc<TransportOptions>,
    text: &str,
    target: &Address,
) -> Result<TcpStream, String> {
    let limit = options.connect_timeout();
    let connecting = async {
        let Some(proxy) = &options.socks_proxy else {
            return reach(options, text, target).await.map_err(|error| error.to_string());
        };
        let no_proxy = |error| format!("the proxy {proxy} can't be reached: {error}");
        let stream = reach(options, text, proxy).await.map_err(no_proxy)?;
        let refused = |error| format!("the proxy {proxy} does not connect: {error}");
        ask_proxy(options, stream, target).await.map_err(refused)
    };
    match limit {
        None => connecting.await,
        Some(limit) => {
            let timely = timeout(limit, connecting).await;
            timely.unwrap_or_else(|_| Err("there was no connection within CONNECT_TIMEOUT".to_owned()))
        }
    }
}

/// Tries every address that a name has, and gives the system's words about the one that failed last.
async fn reach(options: &Rc<TransportOptions>, text: &str, target: &Address) -> io::Result<TcpStream> {
    let sources = names::source(text)?;
    let found = names::to_connect(target, options.is_on(SocketOption::Ipv6)).await?;
    let attempt = |target: SocketAddr| {
        let options = Rc::clone(options);
        let source = sources.iter().flatten().find(|source| source.is_ipv4() == target.is_ipv4()).copied();
        let is_wanted = sources.is_some();
        async move {
            if is_wanted && source.is_none() {
                return Err(io::Error::other(format!("the source has no address of the kind of {target}")));
            }
            socket::connected(source, target, &options).await
        }
    };
    first(found.into_iter().map(attempt)).await
}

/// The first of these attempts that succeeds. Each begins when the one before has failed, or takes its time.
async fn first<T: 'static>(
    mut attempts: impl ExactSizeIterator<Item = impl Future<Output = io::Result<T>> + 'static>,
) -> io::Result<T> {
    let mut failure = io::ErrorKind::AddrNotAvailable.into();
    let mut running = JoinSet::new();
    loop {
        if let Some(attempt) = attempts.next() {
            running.spawn_local(attempt);
        }
        let patience = if attempts.len() > 0 { HEAD_START } else { Duration::MAX };
        match timeout(patience, running.join_next()).await {
            Ok(Some(Ok(Ok(success)))) => return Ok(success),
            Ok(Some(Ok(Err(error)))) => failure = error,
            Ok(Some(Err(_))) => unreachable!("attempts neither panic nor are they aborted"),
            Ok(None) => return Err(failure),
            Err(_) => {}
        }
    }
}

/// Has a SOCKS5 proxy connect to an address, which it resolves where it is a name.
async fn ask_proxy(
    options: &TransportOptions,
    stream: TcpStream,
    target: &Address,
) -> tokio_socks::Result<TcpStream> {
    let (user, password) = (&options.socks_username, &options.socks_password.0);
    let target = (target.host.as_str(), target.port);
    let through = if user.is_empty() {
        Socks5Stream::connect_with_socket(stream, target).await?
    } else {
        Socks5Stream::connect_with_password_and_socket(stream, target, user, password).await?
    };
    Ok(through.into_inner())
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    type Attempt = std::pin::Pin<Box<dyn Future<Output = io::Result<u32>>>>;

    fn run(attempts: Vec<Attempt>) -> io::Result<u32> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let local = tokio::task::LocalSet::new();
        runtime.expect("it can be made").block_on(local.run_until(first(attempts.into_iter())))
    }

    fn fail(text: &'static str) -> Attempt {
        Box::pin(async move { Err(io::Error::other(text)) })
    }

    #[test]
    fn every_address_is_tried_and_a_silent_one_holds_no_other_up() {
        let silent = || Box::pin(pending()) as Attempt;
        let good = |number: u32| Box::pin(async move { Ok(number) }) as Attempt;
        assert_eq!(run(vec![fail("no"), good(1)]).expect("one is good"), 1);
        assert_eq!(run(vec![silent(), fail("no"), silent(), good(2)]).expect("one is good"), 2);
        assert_eq!(run(vec![good(3), good(4)]).expect("both are good"), 3);
        assert_eq!(run(vec![fail("first"), fail("last")]).expect_err("none is good").to_string(), "last");
        assert!(run(vec![]).is_err());
    }
}
