#!/usr/bin/env bash
# Runs every check and test, one stage after the other, and counts.
#   scripts/test.sh [STAGE...]    stages: fmt clippy clippy-wasm docs deny native fuzz wasm package js runtimes python demo (default: all)
# A failing stage stops nothing; the last line says how many tests passed and failed over all.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# No stage takes longer unless something hangs.
STAGE_LIMIT=900
# The pinned Node 22: it has the global WebSocket that 20 lacks, without which the tests in Node would be skipped.
NODE_TESTS=(tests/node_modules/node22/bin/node --test --test-reporter=spec)
passed=0 failed=0 skipped=0 summary=""

# sum LOG PATTERN...: adds up the number in every line that one of the patterns (with one group) matches.
sum() {
  local log=$1 pattern sum=0 number
  shift
  for pattern in "$@"; do
    while read -r number; do sum=$((sum + number)); done < <(sed -nE "s/^$pattern.*/\1/p" "$log")
  done
  echo "$sum"
}

# stage NAME KIND COMMAND...: KIND `counted` when the command runs tests and says how many, else `plain`: one test.
stage() {
  local name=$1 kind=$2 log=$CACHE/logs/test-$1.log begun=$SECONDS status=0 p=0 f=0 s=0
  shift 2
  printf '\n=== %s: %s\n' "$name" "$*"
  timeout --kill-after=10 "$STAGE_LIMIT" "$@" 2>&1 </dev/null | tee "$log" || status=$?
  [ "$status" != 124 ] || say "error: $name was stopped after $STAGE_LIMIT s; something hangs"
  if [ "$kind" = counted ]; then
    # In this order: cargo test and wasm-bindgen-test; node --test; the demo's own check.
    p=$(sum "$log" 'test result: [A-Za-z]+\. ([0-9]+) passed' 'ℹ pass ([0-9]+)' '([0-9]+) passed, [0-9]+ failed')
    f=$(sum "$log" 'test result: .* ([0-9]+) failed' 'ℹ fail ([0-9]+)' 'ℹ cancelled ([0-9]+)' '[0-9]+ passed, ([0-9]+) failed')
    s=$(sum "$log" 'test result: .* ([0-9]+) ignored' 'ℹ skipped ([0-9]+)' 'ℹ todo ([0-9]+)')
    # A command of tests that ran none has tested nothing.
    if [ $((p + f)) = 0 ]; then status=1; fi
  elif [ "$status" = 0 ]; then
    p=1
  fi
  if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  summary+=$(printf '%-12s %6d passed %4d failed %4d skipped %5d s' "$name" "$p" "$f" "$s" $((SECONDS - begun)))$'\n'
}

close() {
  printf '\n%s\n' "$summary"
  local skips=""
  if [ "$skipped" != 0 ]; then skips=", $skipped skipped"; fi
  say "$passed passed, $failed failed$skips"
  exit $((failed > 0))
}

run() {
  case $1 in
    fmt) stage fmt plain cargo fmt --all --check ;;
    clippy) stage clippy plain cargo clippy --features native --all-targets -- -D warnings ;;
    # The browser's module and the servers'.
    clippy-wasm)
      stage clippy-wasm plain cargo clippy --target wasm32-unknown-unknown --all-targets -- -D warnings
      stage clippy-streams plain cargo clippy --target wasm32-unknown-unknown --features streams,security -- -D warnings
      ;;
    docs) stage docs plain scripts/docs.sh ;;
    # Advisories are asked for before a release: they change without us, and not every machine may ask.
    deny) stage deny plain cargo deny check bans licenses sources ;;
    native) stage native counted cargo test --features native --no-fail-fast ;;
    # A moment each; `make fuzz` takes its time.
    fuzz) stage fuzz counted env FOR=20 SEED=1 scripts/fuzz.sh ;;
    wasm) stage wasm counted scripts/test-wasm.sh ;;
    package) stage package plain bash -c 'scripts/package.sh && scripts/check-package.sh' ;;
    js) stage js counted "${NODE_TESTS[@]}" tests/peers/self_check.mjs tests/js/*.test.mjs ;;
    # Two files at a time: they wait for installations and builds most of the time.
    runtimes) stage runtimes counted "${NODE_TESTS[@]}" --test-concurrency=2 tests/runtimes/*.test.mjs ;;
    python) stage python counted "${NODE_TESTS[@]}" tests/python/python.test.mjs ;;
    demo) stage demo counted env CHECK=1 scripts/demo.sh ;;
    *) fail "There is no stage '$1'. Stages: fmt clippy clippy-wasm docs deny native fuzz wasm package js runtimes python demo" ;;
  esac
}

# What a stage needs of scripts/setup.sh. One stage alone must not wait for the tools of another.
parts_of() {
  case $1 in
    docs) echo rust node ;;
    native) echo rust node python chromium compat ;;
    fuzz) echo fuzz ;;
    deny) echo deny ;;
    wasm) echo wasm wasm-pack chromium ;;
    package) echo wasm std node python ;;
    python) echo wasm std node python chromium ;;
    js) echo wasm std node python chromium firefox webkit ;;
    runtimes) echo node runtimes chromium ;;
    demo) echo wasm std node python chromium ;;
    *) echo rust ;;
  esac
}

[ $# != 0 ] || set -- fmt clippy clippy-wasm docs deny native fuzz wasm package js runtimes python demo
parts=()
for name in "$@"; do
  for part in $(parts_of "$name"); do
    [[ " ${parts[*]} " == *" $part "* ]] || parts+=("$part")
  done
done

mkdir -p "$CACHE/logs"
# Without its tools no stage can say anything.
stage setup plain scripts/setup.sh "${parts[@]}"
[ "$failed" = 0 ] || close
find_browser

# What makes a native test fail, and not skip, when a real peer is missing.
export ZMQ_WASM_REQUIRE_PEERS=1 ZMQ_WASM_PYTHON=$VENV_PYTHON
# Seconds a wasm-bindgen test may take in the browser; the default of 20 is short for a busy machine.
export WASM_BINDGEN_TEST_TIMEOUT=120
for name in "$@"; do run "$name"; done
close
