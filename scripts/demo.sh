#!/usr/bin/env bash
# Installs what building needs, builds a release binary, and runs a demo until Ctrl-C. A second start goes on from the
# stored state.
# usage: scripts/demo.sh                          a synthetic marketplace
#        scripts/demo.sh --kafka                  the same, its events through a Kafka broker that is started for it
#        scripts/demo.sh movielens-100k PATH      the MovieLens 100K files; PATH holds u.data, u.item and u.user
# They are offered at https://grouplens.org/datasets/movielens/100k/
set -euo pipefail
started_in=$PWD
cd "$(dirname "$0")/.."

usage() {
  sed -n '4,7s/^# //p' scripts/demo.sh >&2
  exit 64
}

topology=config/topologies/demo.yaml
kafka=
case "${1:-}" in
  "") ;;
  --kafka)
    [ $# -eq 1 ] || usage
    kafka=1
    ;;
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

scripts/install-deps.sh build ${kafka:+kafka}
penstock=${PENSTOCK:-build/release/penstock}
if [ -z "${PENSTOCK:-}" ]; then
  cmake --preset release >/dev/null
  echo "Building the release binary (some minutes the first time) ..."
  cmake --build build/release --target penstock
fi

echo "In another terminal you can also use $penstock recommend, similar and status."
[ -n "$kafka" ] || exec "$penstock" run "$topology" --log-level warning

# Through Kafka: a history at once, then some events a second (an hour of them), by user, into a topic of three partitions.
port=${KAFKA_PORT:-9092}
topic=shop
data=${DEMO_DATA:-data/demo-kafka}
rate=${DEMO_RATE:-50}
export DEMO_INPUT=kafka DEMO_TOPIC=$topic DEMO_DATA=$data KAFKA_BROKERS=localhost:$port
feeder=
finish() {
  trap - EXIT INT TERM
  [ -z "$feeder" ] || kill "$feeder" 2>/dev/null || true
  scripts/kafka.sh stop --port "$port" --data "$data-broker"
}
trap finish EXIT
trap 'exit 130' INT TERM
events=$data-events
fresh=$([ -f "$events/history" ] || echo --fresh) # what was not filled to its end begins anew
scripts/kafka.sh start --port "$port" --data "$data-broker" $fresh

put() { sed -E 's/.*"user_id":([0-9]+).*/\1\t&/' | kcat -b "$KAFKA_BROKERS" -P -t $topic -K '\t' -X topic.partitioner=murmur2_random; }
# A second start goes on with the events that are there, and with live ones where the former left off.
if [ -n "$fresh" ]; then
  rm -rf "$data" "$events"
  history=${DEMO_HISTORY:-200000}
  "$penstock" generate --users "${DEMO_USERS:-2000}" --items "${DEMO_ITEMS:-1000}" --seed 7 --events $((history + 200000)) \
    --output "$events"
  scripts/kafka.sh create --port "$port" $topic 3
  head -n "$history" "$events/events.jsonl" | put
  echo "$history" >"$events/history"
fi
feed() {
  local at lines
  at=$(<"$events/history")
  tail -n +$((at + 1)) "$events/events.jsonl" | while mapfile -t -n "$rate" lines && [ ${#lines[@]} -gt 0 ]; do
    printf '%s\n' "${lines[@]}" | put
    at=$((at + ${#lines[@]}))
    echo "$at" >"$events/history"
    sleep 1
  done
}
feed &
feeder=$!

echo "The topic $topic is at $KAFKA_BROKERS: scripts/kafka.sh topics --port $port, kcat -b $KAFKA_BROKERS -t $topic"
"$penstock" run "$topology" --log-level warning || [ $? -eq 130 ]
