#!/usr/bin/env bash
# The proof by overload, on the real program: builds the release binary and sends to it a hundred times faster than its
# slowest stage can work. Prints the most memory it took against its budget, and how long recommendations took against idle.
#
# usage: scripts/overload.sh [SECONDS, default 120]
# The exit code is 0 if memory stayed within the budget, every answer came, and nothing acknowledged was lost.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh build test
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build build/release --target penstock tests_integration; } >"$log" 2>&1 ||
  { tail -40 "$log" >&2; echo "overload.sh: cannot build" >&2; exit 1; }
PENSTOCK_OVERLOAD_SECONDS=${1:-120} build/release/tests/integration/tests_integration "[overload]"
