#!/usr/bin/env bash
# Runs als-saas on real data and recounts it in plain Python.
# usage: scripts/systems/als-saas.sh PATH_TO_DATA    a folder with u.data (MovieLens 100K) or OnlineRetail.csv.gz (UCI)
# PENSTOCK: the program (default: build/release/penstock). PORT: where it listens. WORK: a folder to keep; default: a new one.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
data=${1:?usage: scripts/systems/als-saas.sh PATH_TO_DATA}
penstock=${PENSTOCK:-$here/build/release/penstock}
port=${PORT:-28082}
url=http://127.0.0.1:$port
work=${WORK:-$(mktemp -d)}
mkdir -p "$work/results"

python3 "$here/scripts/systems/als-saas.py" convert "$data" "$work/warehouse"

WAREHOUSE=$work/warehouse RESULTS=$work/results ALS_SAAS_DATA=$work/data PORT=$port REFRESH=1d \
  "$penstock" run "$here/config/topologies/als-saas.yaml" >"$work/penstock.log" 2>&1 &
node=$!
trap 'kill -INT $node 2>/dev/null; wait $node || true' EXIT
for _ in $(seq 600); do
  curl -fs "$url/ready" >/dev/null && break
  kill -0 $node || { tail "$work/penstock.log"; exit 1; }
  sleep 0.2
done
# The nightly job, now: once the files are read.
before=-1
while
  now=$(curl -fs "$url/metrics" | awk '/^penstock_component_received_events_total.*"interactions"/ {sum += $2} END {print sum + 0}')
  [ "$now" != "$before" ] || [ "$now" = 0 ]
do
  before=$now
  sleep 2
done
"$penstock" job run retrain --wait --url "$url"
python3 "$here/scripts/systems/als-saas.py" check "$work/warehouse" "$url"
for view in product_stats best_sellers interest; do
  "$penstock" reconcile "$view" --url "$url"
done
wc -l "$work/results/recommendations.jsonl"
