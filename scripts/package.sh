#!/usr/bin/env bash
# Builds the npm package into pkg/: cargo -> wasm-bindgen -> wasm-opt -> esbuild; and beside it the wheel for Pyodide.
# WASM_OPT=-O3 trades size for speed.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
need wasm std node python

# What rustc's wasm32-unknown-unknown assumes by default, but for references to objects: none cross, and no table of them is
# needed. wasm-opt must neither refuse it nor go beyond it.
FEATURES=(--enable-bulk-memory --enable-multivalue --enable-mutable-globals --enable-nontrapping-float-to-int --enable-sign-ext)
# Functions that were not merged into their only caller, next to their likes: more bytes, fewer after gzip.
FOR_GZIP=(--one-caller-inline-max-function-size=20 --reorder-functions-by-name)
# The standard library is built along, for size: as it comes, it brings the sentences of panics and what formats them, a
# seventh of the whole. Building it is not a stable feature of cargo yet, hence the word that lets a stable compiler do it.
STD=(-Zbuild-std=std,panic_abort -Zbuild-std-features=optimize_for_size)
# Of functions that are worth it, a few more are merged into their callers than for size alone: gzip likes the result.
STD_FLAGS="-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none"
STD_FLAGS+=" -Ctarget-feature=-reference-types -Cllvm-args=-inline-threshold=15"
# Its own folder: other flags than those of clippy and the tests, which would build everything anew each time.
TARGET=target/package
OUT=$CACHE/bindgen

say "==> Building the npm package"
RUSTC_BOOTSTRAP=1 RUSTFLAGS=$STD_FLAGS CARGO_TARGET_DIR=$TARGET \
  cargo build --lib --profile wasm-release --target wasm32-unknown-unknown "${STD[@]}"
rm -rf "$OUT"
# The entries say themselves where the module is, so the glue need not.
wasm-bindgen --target web --no-typescript --omit-default-module-path --out-dir "$OUT" --out-name zmq_wasm \
  "$TARGET/wasm32-unknown-unknown/wasm-release/zmq_wasm.wasm"
"$NODE_TOOLS/wasm-opt" "${WASM_OPT:--Oz}" --converge "${FEATURES[@]}" "${FOR_GZIP[@]}" --strip-debug --strip-producers --strip-target-features \
  "$OUT/zmq_wasm_bg.wasm" --output "$OUT/zmq_wasm.wasm"
"$NODE_TOOLS/wasm-opt" "${FEATURES[@]}" --minify-imports-and-exports-and-modules \
  "$OUT/zmq_wasm.wasm" --output "$OUT/zmq_wasm.wasm" > "$OUT/names.json"
node scripts/bundle.mjs
node scripts/check-wasm.mjs "$OUT/zmq_wasm_bg.wasm"
"$VENV_PYTHON" scripts/wheel.py pkg
