#!/usr/bin/env bash
# Draws the pictures of docs/monitoring.md anew: runs scripts/pictures/shop.yaml with its clients, a Kafka broker and a
# Prometheus for some minutes, and draws what the dashboards show at the end.
# usage: scripts/pictures/draw.sh [MINUTES]      (default 10)
#   PENSTOCK=<program> (default build/release/penstock), BROKERS=<host:port> of a broker that runs, PORT=<number>: of the
#   node; Prometheus and the shop's CRM take the two after it (default 8180)
set -euo pipefail
cd "$(dirname "$0")/../.."

minutes=${1:-10}
penstock=${PENSTOCK:-build/release/penstock}
port=${PORT:-8180}
folder=$(mktemp -d)
topic=shop-payments-$$
started=()
finish() {
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait
  if [ -n "${BROKERS:-}" ]; then
    scripts/kafka.sh delete --port "${BROKERS##*:}" "$topic" >/dev/null || true
  else
    scripts/kafka.sh stop --port $((port + 10)) >/dev/null
  fi
  rm -rf "$folder"
}
trap finish EXIT

brokers=${BROKERS:-}
if [ -z "$brokers" ]; then
  scripts/kafka.sh start --fresh --port $((port + 10)) >/dev/null
  brokers=localhost:$((port + 10))
fi
scripts/kafka.sh create --port "${brokers##*:}" "$topic" 3 >/dev/null

SHOP_DATA=$folder/data SHOP_OUT=$folder SHOP_BROKERS=$brokers SHOP_TOPIC=$topic SHOP_CRM=http://127.0.0.1:$((port + 2))/ PORT=$port \
  "$penstock" run scripts/pictures/shop.yaml --log-level warning 2>"$folder/node.log" &
started+=($!)
"$penstock" monitoring "$folder/monitoring" --node "localhost:$port" >/dev/null
prometheus --config.file="$folder/monitoring/prometheus.yml" --storage.tsdb.path="$folder/prometheus" \
  --web.listen-address="127.0.0.1:$((port + 1))" --log.level=error &
started+=($!)
for _ in $(seq 60); do curl -fs -o /dev/null "http://127.0.0.1:$port/ready" && break; sleep 1; done

python3 scripts/pictures/clients.py "$port" $((port + 2)) $((minutes * 60)) | kcat -P -b "$brokers" -t "$topic" -X linger.ms=100
scripts/draw_dashboards.py --topology shop --prometheus "http://127.0.0.1:$((port + 1))" --minutes "$minutes"
tail -3 "$folder/node.log"
