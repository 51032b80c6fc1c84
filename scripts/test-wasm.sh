#!/usr/bin/env bash
# The tests of the wasm shell in headless Chromium, by wasm-pack: tests/web_page.rs, tests/web_worker.rs.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wasm wasm-pack chromium

port=$(node -e 'const any = require("net").createServer().listen(0, "127.0.0.1", () => any.close(console.log(any.address().port)))')
export WASM_BINDGEN_TEST_ADDRESS=127.0.0.1:$port

# The server in wasm-bindgen's test runner, tiny_http 0.12, takes a thread for idle to which a connection has been given but
# that has not woken up: when two of Chromium's come at once on a busy machine, one may be left waiting for as long as the others
# live, and the page with it, for one of its files. Whatever comes next gets it a thread.
while sleep 1; do (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null || true; done &
trap "kill $!" EXIT

wasm-pack test --mode no-install --headless --chrome --chromedriver "$CHROMEDRIVER"
