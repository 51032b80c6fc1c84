//! Ports that speak HTTP: the WebSockets of any number of sockets, told apart by their paths.

mod port;
mod serve;

pub(super) use self::port::{HttpPort, HttpPorts, Route};
