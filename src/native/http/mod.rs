//! Plain HTTP on the ports of `ws://` sockets, so that one process serves a page and the sockets it talks to.
//!
//! [`Context::mount`](super::Context::mount) takes any service of [hyper](https://hyper.rs)'s, and so any of
//! tower's, such as an axum `Router`, wrapped as [`TowerToHyperService`]. The rest of what is here is what a
//! service needs, as hyper has it.

mod admit;
mod mount;
mod origin;
mod port;
mod serve;
mod stall;

pub use hyper::body::Incoming;
pub use hyper::service::service_fn;
pub use hyper::{HeaderMap, Request, Response, StatusCode};
pub use hyper_util::service::TowerToHyperService;

pub(super) use self::admit::Doorkeeper;
pub use self::admit::Visitor;
pub use self::mount::Mount;
pub(super) use self::mount::mount;
pub(super) use self::origin::Origins;
pub(super) use self::port::{HttpPort, HttpPorts, Route};
