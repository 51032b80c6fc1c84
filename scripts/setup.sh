#!/usr/bin/env bash
# Installs what the project's commands need and the machine lacks.
#   scripts/setup.sh [PART...]    parts: rust wasm std wasm-pack chromium firefox webkit node runtimes python compat fuzz deny (default: all)
# Everything but Rust's own components and Debian's browsers goes into ignored folders of this checkout.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

NETWORK="See the lines above; if they speak of the network, check the connection (or proxy) and run the command again: it goes on where it stopped."

# True when the program on PATH says this version.
version_is() { [[ " $("$1" --version 2>/dev/null) " == *" $2 "* ]]; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

setup_rust() {
  has cargo || fail "cargo is missing. Install Rust from https://rustup.rs, open a new shell and run this again."
  has cc || fail "A C compiler is missing; Rust links with it. On Debian: apt-get install build-essential"
  local components=()
  has rustfmt && rustfmt --version >/dev/null 2>&1 || components+=(rustfmt)
  has cargo-clippy && cargo clippy --version >/dev/null 2>&1 || components+=(clippy)
  if [ ${#components[@]} -gt 0 ]; then
    has rustup || fail "${components[*]} is missing and there is no rustup to add it. Install Rust from https://rustup.rs."
    step "Adding ${components[*]} to Rust" "10 s" "$NETWORK" rustup component add "${components[@]}"
  fi
  if [ ! -d "$(rustc --print target-libdir --target wasm32-unknown-unknown)" ]; then
    has rustup || fail "Rust's wasm32-unknown-unknown target is missing and there is no rustup to add it. Install Rust from https://rustup.rs."
    step "Adding Rust's wasm32-unknown-unknown target" "5 s" "$NETWORK" rustup target add wasm32-unknown-unknown
  fi
}

setup_wasm() {
  setup_rust
  local version
  version=$(wasm_bindgen_version)
  if ! version_is wasm-bindgen "$version" || ! has wasm-bindgen-test-runner; then
    # Not --locked: the lock file shipped with 0.2.130 names a crate version that was taken back.
    cargo_tool wasm-bindgen-cli "$version" "1 minute"
    version_is wasm-bindgen "$version" || fail "wasm-bindgen on PATH is not version $version after its installation. Remove .cache/tools and run this again."
  fi
}

# The standard library's source: the package is built with it.
setup_std() {
  setup_rust
  if [ ! -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library" ]; then
    has rustup || fail "The source of Rust's standard library is missing and there is no rustup to add it. Install Rust from https://rustup.rs."
    step "Adding the source of Rust's standard library" "5 s" "$NETWORK" rustup component add rust-src
  fi
}

setup_wasm_pack() {
  setup_rust
  if ! version_is wasm-pack "$WASM_PACK_VERSION"; then
    cargo_tool wasm-pack "$WASM_PACK_VERSION" "1 minute" --locked
    version_is wasm-pack "$WASM_PACK_VERSION" || fail "wasm-pack on PATH is not version $WASM_PACK_VERSION after its installation. Remove .cache/tools and run this again."
  fi
}

# cargo_tool CRATE VERSION EXPECTED [OPTION...]: as it is, without optimisation, which would take three times as long to build
# what then works for some seconds.
cargo_tool() {
  local crate=$1 version=$2 expected=$3
  shift 3
  step "Building $crate $version, once" "$expected" "$NETWORK" \
    env CARGO_PROFILE_RELEASE_OPT_LEVEL=0 cargo install "$crate" --version "=$version" --root "$CACHE/tools" --force "$@"
}

# debian WHAT EXPECTED PACKAGE...
debian() {
  local what=$1 expected=$2
  shift 2
  has apt-get || fail "$what is missing and there is no apt-get to install it. Install what Debian has as $* so that it is on PATH."
  [ "$(id -u)" = 0 ] || has sudo || fail "Installing $what needs root. Run as root: apt-get install $*"
  step "Reading Debian's package lists" "15 s" "$NETWORK" as_root apt-get update
  step "Installing Debian's $*" "$expected" "$NETWORK" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

setup_chromium() {
  [ -n "$CHROMIUM" ] && [ -n "$CHROMEDRIVER" ] && return
  debian Chromium "1 minute" chromium chromium-driver
  find_browser
  [ -n "$CHROMIUM" ] && [ -n "$CHROMEDRIVER" ] || fail "apt-get installed no chromium and chromedriver. Install both by hand and set CHROMIUM and CHROMEDRIVER to their paths."
}

setup_firefox() {
  has firefox-esr || has firefox || debian Firefox "30 s" firefox-esr
}

setup_webkit() {
  { has WebKitWebDriver && has xvfb-run; } || debian WebKit "40 s" webkit2gtk-driver xvfb xauth
}

setup_node() {
  has node || fail "Node.js is missing. Install version $NODE_MAJOR_MIN or newer from https://nodejs.org."
  has xz || fail "xz is missing; it packs the wasm module into the npm package. On Debian: apt-get install xz-utils"
  has npm || fail "npm is missing. It comes with Node.js from https://nodejs.org (Debian: apt-get install npm)."
  local version
  version=$(node --version)
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_MAJOR_MIN" ] || fail "Node.js $version is too old. Install version $NODE_MAJOR_MIN or newer from https://nodejs.org."
  npm_packages tests "30 s" npm ci
}

# npm_packages FOLDER EXPECTED COMMAND...: what its package-lock.json lists.
npm_packages() {
  local folder=$1 expected=$2 installed=$1/node_modules/.installed.json
  shift 2
  # The lock itself is the stamp: times of files say nothing after a checkout.
  if ! cmp -s "$folder/package-lock.json" "$installed"; then
    step "Installing the npm packages of $folder/package-lock.json" "$expected" "$NETWORK" "$@" --prefix "$folder" --no-audit --no-fund
    cp "$folder/package-lock.json" "$installed"
  fi
}

# What runs and bundles the package for its users: 500 MB to load.
setup_runtimes() {
  setup_node
  # Not ci, which wants the builds for every platform in the lock: it has those of Linux on x64.
  npm_packages tests/runtimes "1 minute" npm install --no-save
}

setup_python() {
  if [ "$("$VENV_PYTHON" -c 'import zmq; print(zmq.__version__)' 2>/dev/null || true)" != "$PYZMQ_VERSION" ]; then
    has python3 || fail "python3 is missing; pyzmq is one of the peers we test against. On Debian: apt-get install python3 python3-venv"
    step "Making a Python environment" "5 s" "On Debian its module comes with: apt-get install python3-venv" python3 -m venv --clear "$CACHE/venv"
    step "Installing pyzmq $PYZMQ_VERSION" "5 s" "$NETWORK" "$VENV_PYTHON" -m pip install --only-binary :all: "pyzmq==$PYZMQ_VERSION"
  fi
}

# Peers that others wrote in Rust and C++. Cargo knows whether there is anything to do.
setup_compat() {
  setup_rust
  has c++ || fail "A C++ compiler is missing; libzmq's performance tools are compiled to be tested against. On Debian: apt-get install g++"
  # Their lock begins as ours, so that what they share with us is of the same version.
  [ tests/compat/Cargo.lock -nt Cargo.lock ] || cp Cargo.lock tests/compat/Cargo.lock
  step "Building the peers in tests/compat: zeromq, omq-tokio and libzmq's performance tools" "2 minutes, the first time" "$NETWORK" \
    env CARGO_TARGET_DIR=target/compat cargo build --manifest-path tests/compat/Cargo.toml
}

setup_fuzz() {
  setup_rust
  has c++ || fail "A C++ compiler is missing; libFuzzer is compiled with it. On Debian: apt-get install g++"
  if ! version_is cargo-fuzz "$CARGO_FUZZ_VERSION"; then
    cargo_tool cargo-fuzz "$CARGO_FUZZ_VERSION" "1 minute" --locked
    version_is cargo-fuzz "$CARGO_FUZZ_VERSION" || fail "cargo-fuzz on PATH is not version $CARGO_FUZZ_VERSION after its installation. Remove .cache/tools and run this again."
  fi
}

setup_deny() {
  setup_rust
  if ! version_is cargo-deny "$CARGO_DENY_VERSION"; then
    cargo_tool cargo-deny "$CARGO_DENY_VERSION" "1 minute" --locked --no-default-features
    version_is cargo-deny "$CARGO_DENY_VERSION" || fail "cargo-deny on PATH is not version $CARGO_DENY_VERSION after its installation. Remove .cache/tools and run this again."
  fi
}

[ $# != 0 ] || set -- wasm std wasm-pack chromium firefox webkit node runtimes python compat fuzz deny
for part in "$@"; do
  case $part in
    rust) setup_rust ;;
    wasm) setup_wasm ;;
    std) setup_std ;;
    wasm-pack) setup_wasm_pack ;;
    chromium) setup_chromium ;;
    firefox) setup_firefox ;;
    webkit) setup_webkit ;;
    node) setup_node ;;
    runtimes) setup_runtimes ;;
    python) setup_python ;;
    compat) setup_compat ;;
    fuzz) setup_fuzz ;;
    deny) setup_deny ;;
    *) fail "There is no part '$part'. Parts: rust wasm std wasm-pack chromium firefox webkit node runtimes python compat fuzz deny" ;;
  esac
done
