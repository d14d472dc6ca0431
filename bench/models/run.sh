#!/usr/bin/env bash
# Measures the models on public data and prints a Markdown table for each data set and protocol (± is half of the 95 %
# confidence interval over users). Data sets that are not there are passed over, with a message.
#
#   bench/models/run.sh [PENSTOCK]            default: build/release/penstock
#
# PENSTOCK_DATA is the folder that holds movielens-100k, movielens-latest-small, deskdrop, online-retail and
# restaurant-consumer, as their publishers offer them (each topology in this folder says where). SEEDS: means over so many
# seeds (default 3).
set -euo pipefail
cd "$(dirname "$0")/../.."
penstock=${1:-build/release/penstock}
data=${PENSTOCK_DATA:-../shared/data}
export MOVIELENS=$data/movielens-100k MOVIELENS_LATEST=$data/movielens-latest-small DESKDROP=$data/deskdrop
export ONLINE_RETAIL=$data/online-retail RESTAURANTS=$data/restaurant-consumer

measure() {  # NAME FOLDER TOPOLOGY PROTOCOL
  if [ ! -d "$2" ]; then
    echo "skipped $1: there is no folder $2; set PENSTOCK_DATA" >&2
    return
  fi
  "$penstock" evaluate "bench/models/$3.yaml" --protocol "$4" --seeds "${SEEDS:-3}" --format json |
    python3 bench/models/table.py "$1" "$4"
}

echo "Measured by commit $(git rev-parse --short HEAD) on $(nproc) cores of $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
measure "MovieLens 100K" "$MOVIELENS" movielens llo
measure "MovieLens 100K" "$MOVIELENS" movielens r80
measure "MovieLens latest-small" "$MOVIELENS_LATEST" movielens-latest llo
measure "MovieLens latest-small" "$MOVIELENS_LATEST" movielens-latest r80
measure "Deskdrop" "$DESKDROP" deskdrop llo
measure "Deskdrop" "$DESKDROP" deskdrop temporal
measure "Online Retail" "$ONLINE_RETAIL" online-retail llo
measure "Online Retail" "$ONLINE_RETAIL" online-retail temporal
measure "Restaurants" "$RESTAURANTS" restaurants r80
