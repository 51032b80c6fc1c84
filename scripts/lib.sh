# shellcheck shell=bash
# What every script shares: where things are, how to speak, how to fail. Sourced, never run.
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
CACHE=$ROOT/.cache
# shellcheck source=scripts/versions.env
. "$ROOT/scripts/versions.env"
export ENTRY_GZIP_BUDGET

# Our own pinned tools come before what the machine has.
export PATH="$CACHE/tools/bin:$PATH"
# By path, never on PATH as a whole: npm puts a node of its own in there.
export NODE_TOOLS=$ROOT/tests/node_modules/.bin
export VENV_PYTHON=$CACHE/venv/bin/python

say() { printf '%s\n' "$*"; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# step WHAT EXPECTED ADVICE COMMAND...
# Says what is done and how long that takes, runs the command silently, says how long it took.
# On failure shows the end of the command's own words, then the advice.
step() {
  local what=$1 expected=$2 advice=$3 log=$CACHE/logs/setup.log begun=$SECONDS
  shift 3
  mkdir -p "$CACHE/logs"
  say "==> $what (about $expected)"
  if ! "$@" >"$log" 2>&1 </dev/null; then
    tail -n 25 "$log" >&2
    fail "$what failed after $((SECONDS - begun)) s. $advice"
  fi
  say "    done in $((SECONDS - begun)) s"
}

# The wasm-bindgen tool reads a format that changes with every release, so it must be the crate's own version.
wasm_bindgen_version() {
  local version=""
  if [ -f Cargo.lock ]; then
    version=$(awk '$0 == "name = \"wasm-bindgen\"" { getline; gsub(/[^0-9.]/, ""); print; exit }' Cargo.lock)
  elif [ -f Cargo.toml ]; then
    version=$(sed -nE '/^wasm-bindgen *=/ { s/^[^0-9]*([0-9]+\.[0-9]+\.[0-9]+).*/\1/p; q }' Cargo.toml)
  fi
  [ -n "$version" ] || fail "No version of wasm-bindgen in Cargo.lock or Cargo.toml. Restore them: git checkout Cargo.lock Cargo.toml"
  say "$version"
}

# First of the named programs that is on PATH; nothing when there is none.
first_of() {
  local name
  for name in "$@"; do
    command -v "$name" 2>/dev/null && return
  done
  return 0
}

find_browser() {
  export CHROMIUM=${CHROMIUM:-$(first_of chromium chromium-browser google-chrome google-chrome-stable)}
  export CHROMEDRIVER=${CHROMEDRIVER:-$(first_of chromedriver)}
}
find_browser

# need PART...: what this script cannot do without.
need() {
  "$ROOT/scripts/setup.sh" "$@"
  find_browser
}
