#!/usr/bin/env bash
# Builds the package and the demo service and serves www/.
#   PORT=8080   where to listen; 0 lets the system choose
#   CHECK=1     drive the page in headless Chromium, assert every panel, save screenshots, exit
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

if [ "${CHECK:-}" = 1 ]; then need chromium; fi
scripts/package.sh
say "==> Building the demo service"
cargo build --release --features native --example demo_service
SERVICE=target/release/examples/demo_service

if [ "${CHECK:-}" != 1 ]; then
  exec "$SERVICE" --port "${PORT:-8080}"
fi

mkdir -p "$CACHE/logs"
LOG=$CACHE/logs/demo.log
"$SERVICE" --port "${PORT:-0}" >"$LOG" 2>&1 &
SERVICE_PID=$!
trap 'kill "$SERVICE_PID" 2>/dev/null || true' EXIT

# The service says where it listens as soon as it does.
address=""
for _ in $(seq 100); do
  address=$(grep -oEm1 'http://[^ ]+' "$LOG" || true)
  [ -z "$address" ] || break
  kill -0 "$SERVICE_PID" 2>/dev/null || break
  sleep 0.1
done
if [ -z "$address" ]; then
  cat "$LOG" >&2
  fail "The demo service did not start. Its own words stand above; if the port is taken, choose another: make demo CHECK=1 PORT=0"
fi
node tests/demo.check.mjs "$address"
