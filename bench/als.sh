#!/usr/bin/env bash
# Training and fold-in of als beside PyPI `implicit`, which it installs into a venv outside the tree.
# usage: bench/als.sh [BUILD_FOLDER = build/release] [quick | speed | large | scaling | fold-in | all = all]
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:-build/release}
what=${2:-all}
venv=${PENSTOCK_BENCH_VENV:-${XDG_CACHE_HOME:-$HOME/.cache}/penstock/implicit-venv}
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import implicit' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet implicit scipy numpy threadpoolctl
fi
export PENSTOCK_IMPLICIT_PYTHON=$venv/bin/python OPENBLAS_NUM_THREADS=1
for row in quick speed large scaling fold-in; do
  if [ "$what" = "$row" ] || { [ "$what" = all ] && [ "$row" != quick ]; }; then
    if [ "$row" = scaling ]; then
      "$build/bench/bench_als" scaling bench/scaling.svg
    else
      "$build/bench/bench_als" "$row"
    fi
  fi
done
