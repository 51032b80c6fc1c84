#!/usr/bin/env bash
# Builds the Rust documentation of both shells; a broken link or a missing example block is an error.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need rust
export RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -D warnings"
cargo doc --no-deps --target wasm32-unknown-unknown
cargo doc --no-deps --features native
say "Open target/doc/zmq_wasm/index.html"
