//! Compiles the libzmq 4.3.5 that the crate carries, with its ws:// transport and with CURVE by libsodium, and links it statically.

use std::env::var_os;

fn main() {
    let sodium = |what: &str| var_os(format!("DEP_SODIUM_{what}")).expect("libsodium-sys-stable tells where it is");
    let location = zeromq_src::LibLocation::new(sodium("LIB"), sodium("INCLUDE"));
    zeromq_src::Build::new().with_libsodium(Some(location)).build();
}
