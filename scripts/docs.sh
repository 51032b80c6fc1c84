#!/usr/bin/env bash
# Builds the Rust documentation of both shells; a broken link or a public item without an example is an error.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need rust node
export RUSTDOCFLAGS="${RUSTDOCFLAGS:-} -D warnings"
cargo doc --no-deps --target wasm32-unknown-unknown
cargo doc --no-deps --features native
# The format is not a stable one yet, hence the word that lets a stable compiler write it.
RUSTC_BOOTSTRAP=1 cargo rustdoc --lib --features native -- -Zunstable-options --output-format json
node scripts/check-examples.mjs "${CARGO_TARGET_DIR:-target}/doc/zmq_wasm.json"
say "Open target/doc/zmq_wasm/index.html"
