#!/usr/bin/env bash
# The proof by death, on the real program: builds the release binary, kills it (SIGKILL) again and again while clients post to
# it, sinks deliver, a model trains and backups are written, and looks whether anything was lost or doubled. Then times
# starts with a million events in the store.
#
# usage: scripts/kill_loop.sh [--kills N] [--seed S] [--clients C] [--starts EVENTS]    (default: 200 kills, seed 1)
# The last line is the summary; the exit code is 0 if nothing was lost or doubled.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh build test
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build build/release --target penstock kill_loop; } >"$log" 2>&1 ||
  { tail -40 "$log" >&2; echo "kill_loop.sh: cannot build" >&2; exit 1; }
build/release/tests/kill/kill_loop build/release/penstock "$@"
