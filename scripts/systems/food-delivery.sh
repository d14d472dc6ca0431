#!/usr/bin/env bash
# Runs config/topologies/food-delivery.yaml on the DoorDash sample, recounts in plain Python, and compares.
#   scripts/systems/food-delivery.sh FOLDER      with Analytics_Sample_Data.csv
# PENSTOCK: the program (default build/release/penstock); PORT (default 20815).
set -euo pipefail
cd "$(dirname "$0")/../.."
data=${1:-}
if [[ ! -f $data/Analytics_Sample_Data.csv ]]; then
  echo "usage: $0 FOLDER: there is no Analytics_Sample_Data.csv in \"$data\"." >&2
  echo "DoorDash (https://careersatdoordash.com) hands the file out with its analytics exercise; it has no page of its own." >&2
  echo "Copies are found by its name: https://www.kaggle.com/search?q=doordash+analytics" >&2
  exit 66
fi
data=$(cd "$data" && pwd)
penstock=${PENSTOCK:-build/release/penstock}
port=${PORT:-20815}
url=http://127.0.0.1:$port
out=$(mktemp -d)
node=
trap '[[ -n $node ]] && kill "$node" 2>/dev/null && wait "$node"; rm -rf "$out"' EXIT
python3 scripts/systems/food-delivery.py convert "$data" "$out"

# Orders for later on are delivered up to days after.
INPUT=file FOOD_FILES=$out FOOD_OUT=$out PORT=$port TRIP_WITHIN=10d PAID_WITHIN=10d DRIVEN_LATENESS=11d \
  "$penstock" run config/topologies/food-delivery.yaml --data-dir "$out/data" >"$out/log" 2>&1 &
node=$!
total=$(wc -l <"$out/restaurants.jsonl")
for ((look = 0; ; ++look)); do
  learnt=$(curl -s "$url/v1/models/failure_risk" | grep -o 'learnt from [0-9]*' | grep -o '[0-9]*' || true)
  [[ ${learnt:-0} -ge $total ]] && break
  if ! kill -0 "$node" 2>/dev/null || ((look > 600)); then
    tail -20 "$out/log" >&2
    echo "penstock has come to ${learnt:-0} of $total deliveries and no further" >&2
    exit 1
  fi
  sleep 0.5
done
echo "all $total deliveries are in"
for view in failed_deliveries failures_by_restaurant failures_by_day; do
  "$penstock" reconcile $view --url "$url" 2>/dev/null
done
"$penstock" job run lake --wait --url "$url"
"$penstock" job run batch_layer --wait --url "$url"
for ((look = 0; look < 240; ++look)); do
  "$penstock" job show learn --url "$url" | grep -q succeeded && break
  sleep 0.5
done
python3 scripts/systems/food-delivery.py check "$data" "$url" "$out"
