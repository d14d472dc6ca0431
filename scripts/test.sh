#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test program. The last line is `N passed, N failed` (test
# cases); the exit code is 0 if none failed.
# usage: scripts/test.sh [PRESET] [CATCH2 OPTIONS...]   (default preset: debug, with address and undefined sanitizers)
set -uo pipefail
cd "$(dirname "$0")/.."

preset=${1:-debug}
[ $# -gt 0 ] && shift
build="build/$preset"

give_up() {
  echo "test.sh: $1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

scripts/install-deps.sh build test || give_up "cannot install packages"
cmake --preset "$preset" >"/tmp/penstock-configure.$$" 2>&1 || { cat "/tmp/penstock-configure.$$"; give_up "cannot configure"; }
rm -f "/tmp/penstock-configure.$$"
cmake --build "$build" || give_up "cannot build"

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# Adds up a Catch2 summary: `All tests passed (9 assertions in 3 test cases)` or `test cases: 3 | 2 passed | 1 failed`.
count() {
  local summary
  summary=$(grep -aE '^(All tests passed|test cases:|No tests ran)' "$output" | tail -1)
  case "$summary" in
    "All tests passed"*) passed=$((passed + $(sed -E 's/.* in ([0-9]+) test cases?\)/\1/' <<<"$summary"))) ;;
    "test cases:"*)
      local some_passed some_failed
      some_passed=$(grep -oE '[0-9]+ passed' <<<"$summary" | grep -oE '[0-9]+' || echo 0)
      some_failed=$(grep -oE '[0-9]+ failed( |$)' <<<"$summary" | head -1 | grep -oE '[0-9]+' || echo 0)
      passed=$((passed + some_passed))
      failed=$((failed + some_failed))
      [ "$1" -eq 0 ] || [ "$some_failed" -gt 0 ] || failed=$((failed + 1))
      ;;
    "No tests ran"*) ;;
    *) failed=$((failed + 1)) ;; # it ended without a summary: a crash or the time limit
  esac
}

for program in "$build"/tests/*/tests_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=${program##*/tests_}
  started=$SECONDS
  timeout --kill-after=10 600 "$program" "$@" >"$output" 2>&1
  code=$?
  count "$code"
  echo "$name: $((SECONDS - started)) s$([ "$code" -eq 0 ] || echo ", exit code $code")"
  [ "$code" -eq 0 ] || cat "$output"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
