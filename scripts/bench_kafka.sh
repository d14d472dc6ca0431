#!/usr/bin/env bash
# Records a second between Kafka and Penstock, beside kcat and Kafka's own perf tools in the same run (bench/kafka/README.md).
# usage: scripts/bench_kafka.sh BUILD [--records N] [--rounds N] [--partitions 1,3] [--only read|write] [--port N]
# It starts a broker of its own, with its data below the folder build/kafka, and ends it.
set -euo pipefail
cd "$(dirname "$0")/.."
build=${1:?"usage: scripts/bench_kafka.sh BUILD [OPTION...], such as scripts/bench_kafka.sh build/release"}
shift
port=9392 options=()
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port=${2:?"bench_kafka.sh: --port needs a number"} && shift 2 ;;
    *) options+=("$1") && shift ;;
  esac
done
[ -x "$build/penstock" ] || { echo "bench_kafka.sh: there is no $build/penstock; cmake --build $build --target penstock makes it" >&2; exit 66; }
command -v kcat >/dev/null || { echo "bench_kafka.sh: no kcat; scripts/install-deps.sh kafka installs it" >&2; exit 69; }
data=$PWD/build/kafka/bench-$port
scripts/kafka.sh start --port "$port" --data "$data" --heap 512m --fresh >&2
trap 'scripts/kafka.sh stop --port "$port" --data "$data" >&2' EXIT
echo "$(grep -m 1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) cores; commit $(git rev-parse --short HEAD); $(cat "$build"/CMakeCache.txt | sed -n 's/^CMAKE_CXX_FLAGS_RELEASE:STRING=//p;s/^CMAKE_BUILD_TYPE:STRING=//p' | xargs)"
python3 bench/kafka/run.py --penstock "$PWD/$build/penstock" --port "$port" --kafka-data "$data" --scratch "$data/scratch" ${options[@]+"${options[@]}"}
