//! The native shell: its API over every transport, and judged by peers that we did not write.
#![cfg(feature = "native")]
#![allow(clippy::unwrap_used, missing_docs)]

mod admission;
mod api;
mod auth;
mod bad_input;
mod cancel;
mod compat;
#[cfg(target_os = "linux")]
mod cost;
mod endpoints;
mod ends;
mod events;
mod examples;
#[cfg(target_os = "linux")]
mod faults;
mod interop;
#[cfg(unix)]
mod ipc;
mod limits;
mod mount;
mod options_table;
mod options_wire;
mod peer;
mod pickle;
#[cfg(target_os = "linux")]
mod proc;
mod proxy;
mod raw_http;
mod raw_ws;
mod recovery;
mod remote;
mod requests;
mod routes;
mod scene;
mod security;
mod sink;
mod socks;
mod support;
mod tcp;
mod tcp_options;
mod wss;
