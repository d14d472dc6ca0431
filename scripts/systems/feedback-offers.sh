#!/usr/bin/env bash
# Runs config/topologies/feedback-offers.yaml on the music-instrument reviews, with a process that is killed on the way and
# customers who answer, and compares everything with an independent recount.
#   scripts/systems/feedback-offers.sh FOLDER      with reviews.jsonl
# PENSTOCK: the program (default build/release/penstock). PORT: where it listens (28085); the customers are at the next port.
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${1:-}
if [[ ! -f $data/reviews.jsonl ]]; then
  echo "usage: $0 FOLDER: there is no reviews.jsonl in \"$data\"." >&2
  echo "It is the file Musical_Instruments_5.json of https://jmcauley.ucsd.edu/data/amazon/ (5-core, 10,261 reviews), unpacked." >&2
  exit 66
fi
penstock=${PENSTOCK:-build/release/penstock}
port=${PORT:-28085}
url=http://127.0.0.1:$port
recount=scripts/systems/feedback-offers.py
work=$(mktemp -d)
node= customers=
finish() {
  for process in $node $customers; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null || true; done
  rm -rf "$work"
}
trap finish EXIT

start() {
  PORT=$port OFFERS_URL=http://127.0.0.1:$((port + 1))/offers PERSISTED_FILE=$work/persisted.jsonl \
    SUMMARY_FILE=$work/satisfaction.csv RETRY_AFTER=2s \
    "$penstock" run config/topologies/feedback-offers.yaml --data-dir "$work/data" >>"$work/log" 2>&1 &
  node=$!
  for _ in $(seq 300); do
    curl -fs "$url/ready" >/dev/null && return
    kill -0 "$node" 2>/dev/null || break
    sleep 0.1
  done
  tail -5 "$work/log" >&2
  exit 1
}

python3 $recount convert "$data/reviews.jsonl" "$work"
python3 $recount customers "$url" $((port + 1)) "$work/deliveries.jsonl" &
customers=$!
start
began=$SECONDS
python3 $recount post "$work" "$url" "$work/deliveries.jsonl" >"$work/posted" &
posting=$!
for part in 6 12 18 24; do
  until grep -q "^$part of" "$work/posted"; do
    kill -0 $posting 2>/dev/null || break
    sleep 0.1
  done
  kill -KILL $node
  wait $node 2>/dev/null || true
  start
done
wait $posting
echo "posted, offered and answered in $((SECONDS - began)) s, with 4 kills"
"$penstock" job run summarise --wait --url "$url" >/dev/null
python3 $recount check "$work" "$url" "$work/deliveries.jsonl"
for view in ledger satisfaction; do
  "$penstock" reconcile $view --url "$url" 2>/dev/null
done
