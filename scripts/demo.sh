#!/usr/bin/env bash
# Installs what building needs, builds a release binary, and runs a demo until Ctrl-C. A second start goes on from the
# stored state.
# usage: scripts/demo.sh                          a synthetic marketplace
#        scripts/demo.sh movielens-100k PATH      the MovieLens 100K files; PATH holds u.data, u.item and u.user
# They are offered at https://grouplens.org/datasets/movielens/100k/
set -euo pipefail
started_in=$PWD
cd "$(dirname "$0")/.."

usage() {
  sed -n '4,6s/^# //p' scripts/demo.sh >&2
  exit 64
}

topology=config/topologies/demo.yaml
case "${1:-}" in
  "") ;;
  movielens-100k)
    [ $# -eq 2 ] || usage
    MOVIELENS=$(cd "$started_in" && cd "$2" 2>/dev/null && pwd) || { echo "demo.sh: no folder $2" >&2; exit 66; }
    for file in u.data u.item u.user; do
      [ -r "$MOVIELENS/$file" ] || {
        echo "demo.sh: $MOVIELENS has no $file; get MovieLens 100K from https://grouplens.org/datasets/movielens/100k/ and unpack it" >&2
        exit 66
      }
    done
    export MOVIELENS
    topology=config/topologies/movielens.yaml
    ;;
  -h | --help) usage ;;
  *) usage ;;
esac

scripts/install-deps.sh build
cmake --preset release >/dev/null
echo "Building the release binary (some minutes the first time) ..."
cmake --build build/release --target penstock

echo "In another terminal you can also use build/release/penstock recommend, similar and status."
exec build/release/penstock run "$topology" --log-level warning
