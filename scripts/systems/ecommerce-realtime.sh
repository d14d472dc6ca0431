#!/usr/bin/env bash
# Runs config/topologies/ecommerce-realtime.yaml on real data and compares what comes of it with an independent recount.
#
#   scripts/systems/ecommerce-realtime.sh PATH_TO_DATA [rees46|online-retail] [PENSTOCK]
#
# PATH_TO_DATA is a folder with the publisher's file, or the file. Works in a folder of its own that goes away at the end;
# KEEP=1 keeps it, PORT chooses the port, ROWS how many rows are posted at once.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
data=${1:?the path of the data, see the head of this file}
set_name=${2:-rees46}
penstock=$(realpath "${3:-$here/build/dev/penstock}")
port=${PORT:-18093}
case $set_name in
  rees46) pattern='2019-Oct*.csv*'; from='https://www.kaggle.com/datasets/mkechinov/ecommerce-behavior-data-from-multi-category-store (REES46)' ;;
  online-retail) pattern='*nline*etail*.csv*'; from='https://archive.ics.uci.edu/dataset/352/online+retail (UCI, as CSV)' ;;
  *) echo "unknown data set $set_name: rees46 or online-retail" >&2; exit 64 ;;
esac
file=$data
[ -d "$data" ] && file=$(find "$data" -name "$pattern" | sort | head -1)
if [ -z "$file" ] || [ ! -f "$file" ]; then
  echo "there is no $pattern in $data; the publisher has it at $from" >&2
  exit 66
fi

work=$(mktemp -d)
node=
finish() {
  if [ -n "$node" ]; then kill -INT "$node" 2>/dev/null && wait "$node" || true; fi
  if [ "${KEEP:-0}" = 1 ]; then echo "kept: $work"; else rm -rf "$work"; fi
}
trap finish EXIT
recount="python3 $here/scripts/systems/ecommerce-realtime.py"
url=http://127.0.0.1:$port

$recount convert "$set_name" "$file" "$work/files"
ECOMMERCE_FILES=$work/files ECOMMERCE_OUT=$work/files ECOMMERCE_DATA=$work/data PORT=$port CATALOGUE_WAIT=1m IDLE_TIMEOUT=1h \
  "$penstock" run "$here/config/topologies/ecommerce-realtime.yaml" >"$work/log" 2>&1 &
node=$!
for _ in $(seq 300); do
  curl -fs "$url/ready" >/dev/null && break
  kill -0 "$node" 2>/dev/null || { tail -5 "$work/log" >&2; exit 1; }
  sleep 0.1
done
$recount post "$work/files" "$url" "${ROWS:-10000}"
$recount check "$work/files" "$url"
for view in product_activity category_activity; do
  "$penstock" reconcile "$view" --url "$url" 2>/dev/null
done
"$penstock" job run learn --wait --url "$url" || true   # too small a sample has nothing to learn from
python3 - "$url" <<'END'
import json
import sys
import urllib.request


def model(name):
    return json.load(urllib.request.urlopen(f"{sys.argv[1]}/v1/models/{name}"))


for version in model("taste")["versions"]:
    print("taste, version", version["version"], {key: round(value, 4) for key, value in version["metrics"].items()})
for live in model("intent")["live_quality"]:
    print("intent, live:", live["events"], "rows", {key: round(value, 4) for key, value in live["metrics"].items()})
END
