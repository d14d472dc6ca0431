#!/usr/bin/env bash
# Starts Prometheus and Alertmanager (and Grafana where it is installed) with the files in monitoring/, watching a node; or
# stops what it started. The files are checked first. Everything listens on 127.0.0.1.
# usage: scripts/monitoring.sh start|stop|status [option]...
#   --node HOST:PORT[,HOST:PORT]...   the nodes to watch               (127.0.0.1:8080)
#   --folder DIR                      configuration, data and logs     (data/monitoring)
#   --prometheus PORT                 (9090)
#   --alertmanager PORT               (9093)
#   --grafana PORT                    (3000)
#   --webhook URL                     where Alertmanager sends alerts to (as in monitoring/alertmanager.yml)
#   --hurry N                         alerts look back, and wait before they fire, for an Nth of the time: to try them out
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)

usage() {
  sed -n '4,11s/^# //p' "$0" >&2
  exit 64
}
fail() {
  echo "monitoring.sh: $1" >&2
  exit "${2:-1}"
}

verb=${1:-}
[ $# -gt 0 ] && shift
node=127.0.0.1:8080 folder=$root/data/monitoring prometheus=9090 alertmanager=9093 grafana=3000 webhook="" hurry=1
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case "$1" in
    --node) node=$2 ;;
    --folder) folder=$2 ;;
    --prometheus) prometheus=$2 ;;
    --alertmanager) alertmanager=$2 ;;
    --grafana) grafana=$2 ;;
    --webhook) webhook=$2 ;;
    --hurry) hurry=$2 ;;
    *) usage ;;
  esac
  shift 2
done
for number in "$prometheus" "$alertmanager" "$grafana" "$hurry"; do
  [[ $number =~ ^[1-9][0-9]*$ ]] || fail "expected a whole number above 0, found \"$number\"" 64
done
[[ $node =~ ^[^,[:space:]/]+:[0-9]+(,[^,[:space:]/]+:[0-9]+)*$ ]] || fail "--node: expected HOST:PORT, found \"$node\"" 64
[[ $webhook =~ ^(https?://[^[:space:]#]+)?$ ]] || fail "--webhook: expected http://..., found \"$webhook\"" 64

# Whether the process of a pid file is alive, and still the program that was started.
running() {
  [ -r "$folder/$1.pid" ] && [ "$(cat "/proc/$(cat "$folder/$1.pid")/comm" 2>/dev/null)" = "$(cat "$folder/$1.comm")" ]
}

# Shortens `for:` and every look back in the rules; times below 5 s would be shorter than two looks.
hurried() {
  perl -pe '
    BEGIN { $n = shift @ARGV; %s = (s => 1, m => 60, h => 3600, d => 86400) }
    sub few { my $t = int($_[0] / $n); ($t < 5 ? 5 : $t) }
    s/\[(\d+)([smhd])\]/"[" . few($1 * $s{$2}) . "s]"/ge;
    s/offset (\d+)([smhd])/"offset " . few($1 * $s{$2}) . "s"/ge;
    s/time\(\) - (\d+)/"time() - " . few($1)/ge;
    s/^(\s+for: )(\d+)([smhd])/$1 . ($2 ? few($2 * $s{$3}) : 0) . "s"/ge;
  ' "$hurry" "$@"
}

configure() {
  local config=$folder/config
  rm -rf "$config"
  mkdir -p "$config/alerts" "$folder/prometheus" "$folder/alertmanager"
  sed -e "s/'localhost:8080'/'${node//,/\', \'}'/" -e "s/'localhost:9093'/'127.0.0.1:$alertmanager'/" \
    "$root/monitoring/prometheus.yml" >"$config/prometheus.yml"
  [ "$hurry" -eq 1 ] || sed -i -E 's/(scrape|evaluation)_interval: .*/\1_interval: 1s/' "$config/prometheus.yml"
  cp "$root/monitoring/alertmanager.yml" "$config/alertmanager.yml"
  [ "$hurry" -eq 1 ] || sed -i -E 's/group_wait: .*/group_wait: 1s/; s/group_interval: .*/group_interval: 2s/' "$config/alertmanager.yml"
  [ -z "$webhook" ] || sed -i "s#- url: .*#- url: $webhook#" "$config/alertmanager.yml"
  for rules in "$root"/monitoring/alerts/*.yaml; do
    if [ "$hurry" -eq 1 ]; then cp "$rules" "$config/alerts/"; else hurried "$rules" >"$config/alerts/$(basename "$rules")"; fi
  done
  promtool check config "$config/prometheus.yml" >"$folder/check.log" || { cat "$folder/check.log" >&2; exit 65; }
  amtool check-config "$config/alertmanager.yml" >"$folder/check.log" || { cat "$folder/check.log" >&2; exit 65; }
}

launch() {  # NAME PROGRAM ARGUMENT...
  local name=$1
  shift
  nohup "$@" >"$folder/$name.log" 2>&1 &
  echo $! >"$folder/$name.pid"
}

wait_for() {  # NAME URL
  for _ in $(seq 100); do
    cat "/proc/$(cat "$folder/$1.pid")/comm" >"$folder/$1.comm" 2>/dev/null || break
    curl -fs -o /dev/null "$2" && return
    sleep 0.1
  done
  tail -5 "$folder/$1.log" >&2
  stop
  fail "$1 does not start; its log is $folder/$1.log"
}

start() {
  for tool in prometheus promtool prometheus-alertmanager amtool curl perl; do
    command -v "$tool" >/dev/null || fail "no $tool; install it with: scripts/install-deps.sh monitoring" 69
  done
  for name in prometheus alertmanager grafana; do
    running "$name" && fail "$name runs already for $folder; stop it first, or give another --folder" 73
  done
  [ "$(printf '%s\n' "$prometheus" "$alertmanager" "$grafana" | sort -u | wc -l)" -eq 3 ] || fail "each needs a port of its own" 64
  for port in "$prometheus" "$alertmanager"; do
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail "port $port is in use; give another one" 73
  done
  mkdir -p "$folder"
  folder=$(cd "$folder" && pwd)
  configure
  launch alertmanager prometheus-alertmanager --config.file="$folder/config/alertmanager.yml" \
    --storage.path="$folder/alertmanager" --web.listen-address="127.0.0.1:$alertmanager" --cluster.listen-address=
  wait_for alertmanager "http://127.0.0.1:$alertmanager/-/ready"
  launch prometheus prometheus --config.file="$folder/config/prometheus.yml" --storage.tsdb.path="$folder/prometheus" \
    --web.listen-address="127.0.0.1:$prometheus"
  wait_for prometheus "http://127.0.0.1:$prometheus/-/ready"
  echo "Prometheus    http://127.0.0.1:$prometheus/alerts   watches $node"
  echo "Alertmanager  http://127.0.0.1:$alertmanager"
  start_grafana
}

start_grafana() {
  local home=/usr/share/grafana
  command -v grafana-server >/dev/null && [ -d "$home" ] ||
    { echo "Grafana       not installed; its files are in monitoring/grafana"; return; }
  cp -r "$root/monitoring/grafana" "$folder/config/grafana"
  sed -i "s#http://localhost:9090#http://127.0.0.1:$prometheus#" "$folder"/config/grafana/provisioning/datasources/*.yaml
  sed -i "s#/etc/grafana/dashboards#$folder/config/grafana/dashboards#" "$folder"/config/grafana/provisioning/dashboards/*.yaml
  GF_PATHS_PROVISIONING=$folder/config/grafana/provisioning GF_PATHS_DATA=$folder/grafana GF_PATHS_LOGS=$folder \
    GF_SERVER_HTTP_ADDR=127.0.0.1 GF_SERVER_HTTP_PORT=$grafana launch grafana grafana-server --homepath "$home"
  wait_for grafana "http://127.0.0.1:$grafana/api/health"
  echo "Grafana       http://127.0.0.1:$grafana/dashboards"
}

stop() {
  for name in grafana prometheus alertmanager; do
    if running "$name"; then
      local pid
      pid=$(cat "$folder/$name.pid")
      kill "$pid"
      for _ in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
      echo "$name stopped"
    fi
    rm -f "$folder/$name.pid" "$folder/$name.comm"
  done
}

case "$verb" in
  start) start ;;
  stop) stop ;;
  status)
    for name in prometheus alertmanager grafana; do
      if running "$name"; then echo "$name runs, process $(cat "$folder/$name.pid")"; else echo "$name does not run"; fi
    done
    ;;
  *) usage ;;
esac
