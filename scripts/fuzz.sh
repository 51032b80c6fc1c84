#!/usr/bin/env bash
# Fuzzes the parsers and the engine, as many targets at a time as there are processors, and counts.
# FOR=300: seconds for each. SEED=1: what chance begins with, for runs that are alike. ONLY="codec endpoint options pickle peer between network": some of these.
# It begins with what fuzz/seeds/TARGET keeps and what earlier runs have found (fuzz/corpus, which git ignores). An input that
# a target fails on goes to fuzz/artifacts; once that is repaired it belongs to fuzz/seeds, which every run tries first.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FOR=${FOR:-300}
ALL=(codec endpoint options pickle peer between network)
read -ra TARGETS <<<"${ONLY:-${ALL[*]}}"
for target in "${TARGETS[@]}"; do
  [[ " ${ALL[*]} " == *" $target "* ]] || fail "There is no target '$target'. Targets: ${ALL[*]}"
done
[[ $FOR =~ ^[1-9][0-9]*$ ]] || fail "FOR is a number of seconds, not '$FOR'."
need fuzz

# Their lock begins as ours, so that what is fuzzed is what is tested.
[ fuzz/Cargo.lock -nt Cargo.lock ] || cp Cargo.lock fuzz/Cargo.lock
# Without a sanitizer a stable compiler does: safe Rust has little for one to find, and it is twice as fast.
step "Building the fuzz targets" "1 minute, the first time" "See the lines above; libFuzzer needs a C++ compiler (Debian: apt-get install g++)." \
  cargo fuzz build --sanitizer none
mkdir -p fuzz/artifacts "$CACHE/logs"
for target in "${TARGETS[@]}"; do
  mkdir -p "fuzz/corpus/$target" "fuzz/seeds/$target"
  while (($(jobs -rp | wc -l) >= $(nproc))); do wait -n || true; done
  say "==> $target (about $FOR s)"
  "fuzz/target/$(rustc --print host-tuple)/release/$target" "fuzz/corpus/$target" "fuzz/seeds/$target" \
    -max_total_time="$FOR" ${SEED:+-seed="$SEED"} -max_len=4096 -timeout=20 -rss_limit_mb=1024 \
    -artifact_prefix="fuzz/artifacts/$target-" >"$CACHE/logs/fuzz-$target.log" 2>&1 &
done
wait
passed=0 failed=0
for target in "${TARGETS[@]}"; do
  log=$CACHE/logs/fuzz-$target.log
  # The last line of a run that found nothing.
  if grep -q '^Done' "$log"; then
    passed=$((passed + 1))
    say "$target: $(grep '^Done' "$log"), $(find "fuzz/corpus/$target" -type f | wc -l) inputs kept"
  else
    failed=$((failed + 1))
    tail -n 40 "$log"
    say "error: $target failed. The input, as the target reads it: RUST_LIBFUZZER_DEBUG_PATH=/dev/stderr cargo fuzz run --sanitizer none $target FILE"
  fi
done
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
