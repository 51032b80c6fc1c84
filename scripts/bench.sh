#!/usr/bin/env bash
# Measures on this machine: the npm package's size, Rust against libzmq, a page in Chromium against a bare WebSocket and
# jszmq, the JavaScript library and the engine each alone. QUICK=1: fewer and shorter rounds, for a first look.
# The tables go to .cache/bench/results.md, the figures of every round to .cache/bench/*.json.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wasm node chromium
has c++ || fail "A C++ compiler is missing; libzmq is compiled to be measured against. On Debian: apt-get install g++"

export QUICK=${QUICK:-}
RESULTS=$CACHE/bench
PARTS=(sizes native browser memory engine)
mkdir -p "$RESULTS"
rm -f "$RESULTS"/*.md

# A package over its budget is measured all the same; one that was not built is not.
touch "$RESULTS/begun"
scripts/package.sh || [ pkg/zmq-wasm.js -nt "$RESULTS/begun" ] || fail "There is no package to measure."
# The peers' own lock begins as ours, so that what is measured is what is tested.
cp Cargo.lock benches/peers/Cargo.lock
step "Building the native peers, libzmq among them" "1 minute, the first time" \
  "See the lines above; libzmq needs a C++ compiler (Debian: apt-get install g++)." \
  env CARGO_TARGET_DIR=target/bench-peers cargo build --release --manifest-path benches/peers/Cargo.toml
step "Building the engine's benchmarks" "1 minute, the first time" "See the lines above." \
  cargo bench --features native --bench engine --no-run

say "==> Measuring (about $([ -n "$QUICK" ] && echo 2 || echo 5) minutes). Anything else that runs on this machine spoils the figures."
load=$(cut -d ' ' -f 1-3 /proc/loadavg)
say "    load average: $load"
begun=$SECONDS
node benches/sizes.mjs
node benches/native.mjs
node benches/browser.mjs
# The Node.js of the tests: what V8 it has is pinned.
tests/node_modules/node22/bin/node benches/memory.mjs
say "    criterion measures the engine"
cargo bench --features native --bench engine >"$CACHE/logs/bench-engine.log" 2>&1 || { cat "$CACHE/logs/bench-engine.log"; fail "The engine's benchmarks failed."; }
node benches/engine.mjs

{
  echo "Measured by \`make bench${QUICK:+ QUICK=1}\` on $(date -u +%F), the machine's load average before it $load."
  for part in "${PARTS[@]}"; do echo && cat "$RESULTS/$part.md"; done
} >"$RESULTS/results.md"
say "==> Measured in $((SECONDS - begun)) s with $(rustc --version), node $(node --version)"
say "    all tables: .cache/bench/results.md"
