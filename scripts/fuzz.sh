#!/usr/bin/env bash
# Fuzzing: builds the libFuzzer programs of tests/fuzz (preset fuzz: clang with the address and undefined sanitizers) and runs
# each for a while, beginning with its corpus in tests/fuzz/corpus. What crashes one, or breaks what it checks, is saved to
# build/fuzz/crashes/TARGET; new inputs that reach new code are kept in build/fuzz/corpus/TARGET, for the next run.
#
# usage: scripts/fuzz.sh [--seconds N] [--jobs J] [--minimise] [TARGET...]    (default: 60 s each, 2 at a time, all targets)
#   --minimise   instead, replaces each target's corpus by the smallest set of inputs (of it and of build/fuzz/corpus, up to
#                4 KiB each) that reaches the same code; files named crash-* stay
# The last line is `N targets, N crashed`; the exit code is 0 if none crashed. A crash is tried again with
# `build/fuzz/tests/fuzz/fuzz_TARGET FILE`; once it is fixed its file goes to the corpus, as crash-WHAT; tests_fuzz
# runs every corpus in the usual suite.
set -uo pipefail
cd "$(dirname "$0")/.."

usage() { sed -n '/^# usage/,/^# `build/p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 64; }
seconds=60 jobs=2 minimise='' targets=()
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds | --jobs)
      [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || usage
      declare "${1#--}=$2"
      shift
      ;;
    --minimise) minimise=yes ;;
    -*) usage ;;
    *) targets+=("$1") ;;
  esac
  shift
done

scripts/install-deps.sh build test fuzz || exit 1
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset fuzz && cmake --build build/fuzz --target fuzz_all; } >"$log" 2>&1 ||
  { grep -E 'error|FAILED|CMake' "$log" | head -40 >&2; echo "fuzz.sh: cannot build" >&2; exit 1; }

programs=build/fuzz/tests/fuzz
if [ ${#targets[@]} -eq 0 ]; then
  for corpus in tests/fuzz/corpus/*/; do targets+=("$(basename "$corpus")"); done
fi
for target in "${targets[@]}"; do
  [ -x "$programs/fuzz_$target" ] || { echo "fuzz.sh: there is no target $target; there are: $(cd tests/fuzz/corpus && echo *)" >&2; exit 64; }
done

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:allocator_may_return_null=1}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
export ASAN_SYMBOLIZER_PATH="${ASAN_SYMBOLIZER_PATH:-$(command -v llvm-symbolizer-16)}"
export UBSAN_SYMBOLIZER_PATH="$ASAN_SYMBOLIZER_PATH"
options() {
  local dictionary=tests/fuzz/$1.dict
  case $1 in expression | select) dictionary=tests/fuzz/sql.dict ;; esac
  [ ! -f "$dictionary" ] || echo "-dict=$dictionary"
}

if [ -n "$minimise" ]; then
  for target in "${targets[@]}"; do
    kept=build/fuzz/minimised/$target
    rm -rf "$kept" && mkdir -p "$kept" "build/fuzz/corpus/$target"
    "$programs/fuzz_$target" -set_cover_merge=1 -use_counters=0 -max_len=4096 -rss_limit_mb=2048 "$kept" "tests/fuzz/corpus/$target" \
      "build/fuzz/corpus/$target" >"$log" 2>&1 || { tail -20 "$log" >&2; exit 1; }
    find "tests/fuzz/corpus/$target" -name 'crash-*' -exec cp {} "$kept" \;
    rm -rf "tests/fuzz/corpus/$target" && cp -r "$kept" "tests/fuzz/corpus/$target"
    echo "$target: $(find "$kept" -type f | wc -l) inputs, $(du -sb "$kept" | cut -f1) bytes"
  done
  exit 0
fi

# One target; its output to build/fuzz/logs. Prints a line.
fuzz() {
  local target=$1 found=build/fuzz/corpus/$1 crashes=build/fuzz/crashes/$1 log=build/fuzz/logs/$1
  mkdir -p "$found" "$crashes" build/fuzz/logs
  "$programs/fuzz_$target" $(options "$target") -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 \
    -print_final_stats=1 -artifact_prefix="$crashes/" "$found" "tests/fuzz/corpus/$target" >"$log" 2>&1
  local code=$? runs
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [ "$code" -eq 0 ]; then
    echo "$target: $runs runs, $(grep -c . <<<"$(ls "$found")") inputs found"
  else
    echo "$target: CRASHED after ${runs:-some} runs: $(grep -aE 'does not hold|SUMMARY|ERROR: ' "$log" | head -1)"
    grep -aE 'Test unit written|does not hold' "$log" | head -3
    return 1
  fi
}

crashed=0
pids=()
for target in "${targets[@]}"; do
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do wait -n; done
  fuzz "$target" &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid" || crashed=$((crashed + 1)); done
echo "${#targets[@]} targets, $crashed crashed"
[ "$crashed" -eq 0 ]
