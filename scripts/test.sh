#!/usr/bin/env bash
# Installs what is missing, builds everything, runs every test program, two at a time. The last line is `N passed, N failed`
# (test cases); the exit code is 0 if none failed.
# usage: scripts/test.sh [PRESET] [CATCH2 OPTIONS...]   (default preset: debug, with address and undefined sanitizers)
#   TEST_JOBS=<n>        so many programs at a time (default 2)
#   TEST_SECONDS=<n>     what a program may take (default 900)
set -uo pipefail
cd "$(dirname "$0")/.."

preset=${1:-debug}
[ $# -gt 0 ] && shift
build="build/$preset"
# Those that take longest begin first, so that no long one is left alone at the end; the rest by name.
longest_first="integration kafka models simulation components prometheus kill actors"

give_up() {
  echo "test.sh: $1" >&2
  echo "0 passed, 1 failed"
  exit 1
}

scripts/install-deps.sh build test kafka monitoring || give_up "cannot install packages"
cmake --preset "$preset" >"/tmp/penstock-configure.$$" 2>&1 || { cat "/tmp/penstock-configure.$$"; give_up "cannot configure"; }
rm -f "/tmp/penstock-configure.$$"
cmake --build "$build" || give_up "cannot build"

export ASAN_OPTIONS="${ASAN_OPTIONS:-detect_leaks=1:abort_on_error=0}"
export UBSAN_OPTIONS="${UBSAN_OPTIONS:-print_stacktrace=1}"
jobs=${TEST_JOBS:-2}
passed=0
failed=0
outputs=$(mktemp -d)
# Programs in the background do not hear Ctrl-C of their own accord.
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$outputs"' EXIT
trap 'exit 130' INT TERM

# Adds up a Catch2 summary, `All tests passed (9 assertions in 3 test cases)` or `test cases: 3 | 2 passed | 1 failed`, of a
# program's output, beside its exit code.
count() {
  local summary
  summary=$(grep -aE '^(All tests passed|test cases:|No tests ran)' "$1" | tail -1)
  case "$summary" in
    "All tests passed"*) passed=$((passed + $(sed -E 's/.* in ([0-9]+) test cases?\)/\1/' <<<"$summary"))) ;;
    "test cases:"*)
      local some_passed some_failed
      some_passed=$(grep -oE '[0-9]+ passed' <<<"$summary" | grep -oE '[0-9]+' || echo 0)
      some_failed=$(grep -oE '[0-9]+ failed( |$)' <<<"$summary" | head -1 | grep -oE '[0-9]+' || echo 0)
      passed=$((passed + some_passed))
      failed=$((failed + some_failed))
      [ "$2" -eq 0 ] || [ "$some_failed" -gt 0 ] || failed=$((failed + 1))
      ;;
    "No tests ran"*) ;;
    *) failed=$((failed + 1)) ;; # it ended without a summary: a crash or the time limit
  esac
}

declare -A programs
for program in "$build"/tests/*/tests_*; do
  [ -x "$program" ] && [ -f "$program" ] && programs[${program##*/tests_}]=$program
done
names=()
for name in $longest_first $(printf '%s\n' "${!programs[@]}" | sort); do
  [ -n "${programs[$name]:-}" ] && [[ " ${names[*]} " != *" $name "* ]] && names+=("$name")
done

run() { # NAME CATCH2-OPTION...: leaves NAME.out, and NAME.end with exit code and seconds
  local name=$1 started=$SECONDS
  shift
  timeout --kill-after=10 "${TEST_SECONDS:-900}" "${programs[$name]}" "$@" >"$outputs/$name.out" 2>&1 &
  local program=$!
  trap 'kill $program; wait $program; exit' TERM
  wait $program
  echo "$? $((SECONDS - started))" >"$outputs/$name.end.part"
  mv "$outputs/$name.end.part" "$outputs/$name.end"
}

begun=0
for name in "${names[@]}"; do
  # Told in the order in which they begin, whichever ends first.
  until [ -f "$outputs/$name.end" ]; do
    while [ $begun -lt ${#names[@]} ] && [ "$(jobs -pr | wc -l)" -lt "$jobs" ]; do
      run "${names[begun]}" "$@" &
      begun=$((begun + 1))
    done
    sleep 0.1
  done
  read -r code seconds <"$outputs/$name.end"
  count "$outputs/$name.out" "$code"
  echo "$name: $seconds s$([ "$code" -eq 0 ] || echo ", exit code $code")"
  [ "$code" -eq 0 ] || cat "$outputs/$name.out"
done

echo "in all: $SECONDS s, with the building"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
