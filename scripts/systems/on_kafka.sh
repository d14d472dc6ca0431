#!/usr/bin/env bash
# One of the five systems on Kafka: starts a broker on this machine, makes the system's topics, generates events, puts them into the
# topics, and runs the topology with INPUT=kafka until Ctrl-C, which ends the broker too. A second start goes on from what is stored.
#   scripts/systems/on_kafka.sh SYSTEM [EVENTS]      food-delivery, als-saas, personalization, ecommerce-realtime, feedback-offers; 20000
# PENSTOCK: the program (default build/release/penstock). PORT: where it listens (8080). KAFKA_PORT: the broker's (9092).
# FOLDER: where all that is kept is (default data/on-kafka/SYSTEM).
set -euo pipefail
cd "$(dirname "$0")/../.."
system=${1:-} events=${2:-20000}
# topic:partitions:file of the generated input that goes into it
case "$system" in
  food-delivery) topics="restaurants:1:restaurants trips:1:trips payments:1:payments alerts:1:" ;;
  als-saas) topics="products:1:products users:1:users interactions:3:interactions" ;;
  personalization) topics="web-events:1:web_events purchases:1:purchases" ;;
  ecommerce-realtime) topics="clickstream-events:1:clickstream-events purchase-events:1:purchase-events" ;;
  feedback-offers)
    topics="customers:1:customers discounts:1:discounts feedback:2:feedback scored-feedback:3: offers:1: acknowledgements:1:"
    ;;
  *) sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 64 ;;
esac
[[ "$events" =~ ^[1-9][0-9]*$ ]] || { echo "EVENTS is a number above 0, not \"$events\"" >&2; exit 64; }
penstock=${PENSTOCK:-build/release/penstock}
command -v "$penstock" >/dev/null || { echo "there is no program $penstock: build it, or name one in PENSTOCK" >&2; exit 66; }
folder=${FOLDER:-data/on-kafka/$system}
port=${KAFKA_PORT:-9092}
mkdir -p "$folder/in" "$folder/out" "$folder/empty"
folder=$(cd "$folder" && pwd)
kafka() { scripts/kafka.sh "$1" --port "$port" --data "$folder/broker" "${@:2}"; }

trap 'kafka stop >/dev/null 2>&1 || true' EXIT
trap : INT TERM
kafka start
if [ ! -e "$folder/in/truth.json" ]; then
  "$penstock" generate --system "$system" --events "$events" --dirty 0.02 --output "$folder/in" >/dev/null
  for topic in $topics; do
    IFS=: read -r name partitions file <<<"$topic"
    kafka create "$name" "$partitions" >/dev/null
    [ -z "$file" ] || kafka produce "$name" <"$folder/in/$file.jsonl" >/dev/null
    echo "topic $name: $partitions partitions${file:+, $(wc -l <"$folder/in/$file.jsonl") records}"
  done
fi

export INPUT=kafka KAFKA_BROKERS=localhost:$port
export FOOD_OUT=$folder/out WAREHOUSE=$folder/empty RESULTS=$folder/out
export PERSONALIZATION=$folder/in DATABASE_URL=sqlite://$folder/out/shop.db
export ECOMMERCE_FILES=$folder/in ECOMMERCE_OUT=$folder/out
export PERSISTED_FILE=$folder/out/persisted.jsonl SUMMARY_FILE=$folder/out/satisfaction.csv
"$penstock" run "config/topologies/$system.yaml" --data-dir "$folder/data" --log-level warning
