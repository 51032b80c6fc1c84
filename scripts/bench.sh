#!/usr/bin/env bash
# Measures on this machine: size of the package, native speed against libzmq, Chromium against a bare WebSocket.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wasm node chromium

say "==> The machine"
say "$(nproc) x $(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)"
say "$(rustc --version), node $(node --version), $("$CHROMIUM" --version 2>/dev/null)"
scripts/package.sh
say "==> Native"
cargo bench --features native
say "==> Chromium"
node benches/browser.mjs
