#!/usr/bin/env bash
# Runs config/topologies/personalization.yaml over real data and compares what comes out with an independent recount.
#   scripts/systems/personalization.sh PATH_TO_DATA
# PATH_TO_DATA has the folders deskdrop (users_interactions.csv) and restaurant-consumer; a set that is absent is passed over.
# PENSTOCK: the program, by default that of build/release or build/dev, or penstock; PORT: 8080.
set -euo pipefail
cd "$(dirname "$0")/../.."

data=${1:?usage: scripts/systems/personalization.sh PATH_TO_DATA}
penstock=${PENSTOCK:-$(ls build/release/penstock build/dev/penstock 2>/dev/null | head -1)}
penstock=${penstock:-penstock}
port=${PORT:-8080}
url=http://127.0.0.1:$port
work=$(mktemp -d /tmp/penstock_personalization_XXXXXX)
node=
cleanup() {
  [ -z "$node" ] || kill "$node" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# How many rows the database's table has; 0 before it is there.
rows() { python3 -c "
import sqlite3, sys
try: print(sqlite3.connect(sys.argv[1]).execute('SELECT coalesce(sum(' + sys.argv[3] + '), 0) FROM ' + sys.argv[2]).fetchone()[0])
except sqlite3.Error: print(0)" "$work/$1/shop.db" "$2" "$3"; }

# wait_for SET TABLE COLUMN SUM: until the sum of that column is there
wait_for() {
  for _ in $(seq 600); do
    [ "$(rows "$1" "$2" "$3")" -ge "$4" ] && return
    kill -0 "$node" || { tail "$work/$1/log" >&2; exit 1; }
    sleep 0.5
  done
  echo "$1: $2 did not come to $4" >&2
  exit 1
}

run() {  # SET USER COLUMN SUM: until the training view has that sum in that column
  local set=$1 folder=$work/$1
  python3 scripts/systems/personalization.py convert "$set" "$data" "$folder"
  local events
  events=$(($(wc -l < "$folder/web_events.jsonl") - 8))
  PERSONALIZATION=$folder INPUT=file DATABASE_URL=sqlite://$folder/shop.db PORT=$port SESSION_IDLE=1h \
    "$penstock" run config/topologies/personalization.yaml --data-dir "$folder/data" > "$folder/log" 2>&1 &
  node=$!
  local began=$SECONDS
  wait_for "$set" web_sessions events "$events"
  wait_for "$set" training_view "$3" "$4"
  echo "  taken in, joined and written after $((SECONDS - began)) s"
  "$penstock" reconcile training_view --url "$url" | sed 's/^/  /'
  "$penstock" job run retrain --wait --url "$url" | sed -n 's/^\(taste\|training_set\)/  &/p'
  "$penstock" models list taste --url "$url" | sed 's/^/  /'
  grep -E '^ +(taste|moment|trending|most popular|random) +NDCG' "$folder/log" | sort -u | sed 's/^ */  /'
  echo "  recommendations of $2: $(curl -s "$url/v1/users/$2/recommendations?n=3")"
  kill -INT "$node"
  wait "$node" || true
  node=
  python3 scripts/systems/personalization.py compare "$set" "$folder" "$folder/shop.db"
}

found=0
if [ -f "$data/deskdrop/users_interactions.csv" ]; then
  found=1
  views=$(grep -c ',VIEW,' "$data/deskdrop/users_interactions.csv")
  run deskdrop -1032019229384696495 views "$views"
else
  echo "no $data/deskdrop/users_interactions.csv: get it from https://www.kaggle.com/datasets/gspmoreira/articles-sharing-reading-from-cit-deskdrop" >&2
fi
if [ -f "$data/restaurant-consumer/rating_final.csv" ]; then
  found=1
  run restaurants U1077 purchases "$(($(wc -l < "$data/restaurant-consumer/rating_final.csv") - 1))"
else
  echo "no $data/restaurant-consumer/rating_final.csv: get it from https://archive.ics.uci.edu/dataset/232/restaurant+consumer+data" >&2
fi
[ $found = 1 ]
