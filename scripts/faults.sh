#!/usr/bin/env bash
# Puts a proxy that does harm between sockets of ours and libzmq's, kills and stops peers, and says what was lost, as tables.
# It fails where that is more than the README's guarantees let be.
# MESSAGES=1000000 CUTS=1000: so many in all. SEED=1: what chance begins with.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

MESSAGES=${MESSAGES:-1000000} CUTS=${CUTS:-1000} SEED=${SEED:-1}
need rust node python
step "Building the program and its sockets" "2 minutes, the first time" "See the lines above." \
  cargo build --features native --example faults
export ZMQ_WASM_REQUIRE_PEERS=1 ZMQ_WASM_PYTHON=$VENV_PYTHON
say "==> Throwing things (about 3 minutes)"
"${CARGO_TARGET_DIR:-target}/debug/examples/faults" "$MESSAGES" "$CUTS" "$SEED"
