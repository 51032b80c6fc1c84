#!/usr/bin/env bash
# Builds the npm package into pkg/: cargo -> wasm-bindgen -> wasm-opt -> esbuild; and beside it the wheel for Pyodide.
# Three modules: the browser's is small; the same with PLAIN and CURVE; the servers' is quick, and has byte streams, too.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wasm std node python

# What rustc's wasm32-unknown-unknown assumes by default, but for references to objects: none cross, and no table of them is
# needed. wasm-opt must neither refuse it nor go beyond it.
FEATURES=(--enable-bulk-memory --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int --enable-sign-ext)
# Functions that were not merged into their only caller, next to their likes: more bytes, fewer after gzip.
SMALL=(-Oz --one-caller-inline-max-function-size=20 --reorder-functions-by-name)
QUICK=(-O3)
# The standard library is built along, for size: as it comes, it brings the sentences of panics and what formats them, a
# seventh of the whole. Building it is not a stable feature of cargo yet, hence the word that lets a stable compiler do it.
STD=(-Zbuild-std=std,panic_abort)
STD_FLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none -Ctarget-feature=-reference-types"
# Of functions that are worth it, a few more are merged into their callers than for size alone: gzip likes the result.
SMALL_FLAGS="-Cllvm-args=-inline-threshold=15"
# Its own folder: other flags than those of clippy and the tests, which would build everything anew each time.
TARGET=target/package

# build NAME PROFILE RUSTFLAGS CARGO-OPTION...: cargo and wasm-bindgen.
build() {
  local out=$CACHE/bindgen/$1 profile=$2 flags=$3
  shift 3
  RUSTC_BOOTSTRAP=1 RUSTFLAGS="$STD_FLAGS $flags" CARGO_TARGET_DIR=$TARGET \
    cargo build --lib --profile "$profile" --target wasm32-unknown-unknown "${STD[@]}" "$@"
  # The entries say themselves where the module is, so the glue need not.
  wasm-bindgen --target web --no-typescript --omit-default-module-path --out-dir "$out" --out-name zmq_wasm \
    "$TARGET/wasm32-unknown-unknown/$profile/zmq_wasm.wasm"
}

# optimise NAME WASM-OPT-OPTION...: what is to be in the package, and the short names that its imports and exports got.
optimise() {
  local out=$CACHE/bindgen/$1
  shift
  "$NODE_TOOLS/wasm-opt" "$@" --converge "${FEATURES[@]}" --strip-debug --strip-producers --strip-target-features \
    "$out/zmq_wasm_bg.wasm" --output "$out/zmq_wasm.wasm"
  "$NODE_TOOLS/wasm-opt" "${FEATURES[@]}" --minify-imports-and-exports-and-modules \
    "$out/zmq_wasm.wasm" --output "$out/zmq_wasm.wasm" > "$out/names.json"
}

say "==> Building the npm package"
rm -rf "$CACHE/bindgen"
build browser wasm-release "$SMALL_FLAGS" -Zbuild-std-features=optimize_for_size
build secure wasm-release "$SMALL_FLAGS" -Zbuild-std-features=optimize_for_size --features security
build server wasm-server "" --features streams,security
optimise browser "${SMALL[@]}"
optimise secure "${SMALL[@]}"
optimise server "${QUICK[@]}"
"$NODE_TOOLS/wasm-as" src/web/unpack.wat --output "$CACHE/bindgen/unpack.wasm"
"$NODE_TOOLS/wasm-opt" -Oz "$CACHE/bindgen/unpack.wasm" --output "$CACHE/bindgen/unpack.wasm"
node scripts/bundle.mjs
node scripts/jsr.mjs
for module in browser secure server; do node scripts/check-wasm.mjs "$CACHE/bindgen/$module/zmq_wasm_bg.wasm"; done
"$VENV_PYTHON" scripts/wheel.py pkg
