#!/usr/bin/env bash
# The proof by death for topics, on the real program and a real broker: nodes of one consumer group read a topic of three
# partitions, each into its own store, and write what they stored into a second topic. They are killed (SIGKILL) again and again, at
# random and chosen moments, and so is the broker; members come and go; transactions are taken back. In the end each order of
# the first topic must stand in exactly one store, once, and in the second topic once.
#
# usage: scripts/kafka_loop.sh [--kills N] [--seed S] [--rate ORDERS_A_SECOND]    (default: 200 kills, seed 1, 1000 a second)
# The last line is the summary; the exit code is 0 if nothing was lost or doubled.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/install-deps.sh build test kafka
log=$(mktemp)
trap 'rm -f "$log"' EXIT
{ cmake --preset release && cmake --build build/release --target penstock kafka_loop; } >"$log" 2>&1 ||
  { tail -40 "$log" >&2; echo "kafka_loop.sh: cannot build" >&2; exit 1; }
build/release/tests/kafka/kafka_loop build/release/penstock "$@"
