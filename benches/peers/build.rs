//! Compiles the libzmq 4.3.5 that the crate carries, with its ws:// transport, and links it statically.

fn main() {
    zeromq_src::Build::new().build();
}
