#!/usr/bin/env bash
# Measures on this machine: the npm package's size, how soon a page has its first message, the Rust sockets against libzmq and
# others, a page in Chromium against a bare WebSocket and jszmq, Node.js by tcp:// against npm zeromq, the JavaScript library and
# the engine each alone, and what idle subscribers cost.
# QUICK=1: fewer and shorter rounds, for a first look. ONLY="sizes startup native idle browser node memory engine": some of these parts.
# The tables go to .cache/bench/results.md, the figures of every round to .cache/bench/*.json, the plot to .cache/bench/native.svg.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export QUICK=${QUICK:-}
RESULTS=$CACHE/bench
ALL=(sizes startup native idle browser node memory engine)
read -ra PARTS <<<"${ONLY:-${ALL[*]}}"
for part in "${PARTS[@]}"; do
  [[ " ${ALL[*]} " == *" $part "* ]] || fail "There is no part '$part'. Parts: ${ALL[*]}"
done
# wants PART...: whether one of them is to be measured.
wants() {
  local part
  for part in "$@"; do [[ " ${PARTS[*]} " != *" $part "* ]] || return 0; done
  return 1
}

build_peers() {
  has c++ || fail "A C++ compiler is missing; libzmq is compiled to be measured against. On Debian: apt-get install g++"
  # The peers' own lock begins as ours, so that what is measured is what is tested.
  cp Cargo.lock benches/peers/Cargo.lock
  step "Building the native peers: zmq-wasm, libzmq, omq-tokio, zeromq, rzmq" "4 minutes, the first time" \
    "See the lines above; libzmq needs a C++ compiler (Debian: apt-get install g++)." \
    env CARGO_TARGET_DIR=target/bench-peers cargo build --release --manifest-path benches/peers/Cargo.toml
  # A thousand connections, with two or three descriptors each in some libraries.
  ulimit -Sn "$(ulimit -Hn)"
  [ "$(ulimit -n)" = unlimited ] || [ "$(ulimit -n)" -ge 4096 ] ||
    fail "No more than $(ulimit -n) open files are allowed, and 1000 connections need 4096. Raise the hard limit: ulimit -Hn"
}

needs=(rust node)
! wants sizes startup browser node memory || needs+=(wasm)
! wants startup browser || needs+=(chromium)
need "${needs[@]}"
mkdir -p "$RESULTS"
for part in "${PARTS[@]}"; do rm -f "$RESULTS/$part.md"; done
if wants sizes startup browser node memory; then
  # A package over its budget is measured all the same; one that was not built is not.
  touch "$RESULTS/begun"
  scripts/package.sh || [ pkg/zmq-wasm.js -nt "$RESULTS/begun" ] || fail "There is no package to measure."
fi
! wants native browser || build_peers
! wants idle || step "Building the peer whose idle connections are counted" "1 minute, the first time" "See the lines above." \
  cargo build --release --features native --example test_peer
! wants engine || step "Building the engine's benchmarks" "1 minute, the first time" "See the lines above." \
  cargo bench --features native --bench engine --no-run

say "==> Measuring ${PARTS[*]} (all of it takes $([ -n "$QUICK" ] && echo 3 || echo 12) minutes). Anything else that runs on this machine spoils the figures."
load=$(cut -d ' ' -f 1-3 /proc/loadavg)
say "    load average: $load"
begun=$SECONDS
! wants sizes || node benches/sizes.mjs
! wants startup || node benches/startup.mjs
if wants native; then
  node benches/native.mjs
  node benches/plot.mjs
fi
! wants idle || (ulimit -Sn "$(ulimit -Hn)" && node benches/idle.mjs)
! wants browser || node benches/browser.mjs
# The Node.js of the tests: what V8 it has is pinned.
! wants node || tests/node_modules/node22/bin/node benches/node.mjs
! wants memory || tests/node_modules/node22/bin/node benches/memory.mjs
if wants engine; then
  say "    criterion measures the engine"
  cargo bench --features native --bench engine >"$CACHE/logs/bench-engine.log" 2>&1 || { cat "$CACHE/logs/bench-engine.log"; fail "The engine's benchmarks failed."; }
  node benches/engine.mjs
fi

{
  echo "Measured by \`make bench${ONLY:+ ONLY=\"$ONLY\"}${QUICK:+ QUICK=1}\` on $(date -u +%F), the machine's load average before it $load."
  for part in "${PARTS[@]}"; do echo && cat "$RESULTS/$part.md"; done
} >"$RESULTS/results.md"
say "==> Measured in $((SECONDS - begun)) s with $(rustc --version), node $(node --version)"
say "    all tables: .cache/bench/results.md"
