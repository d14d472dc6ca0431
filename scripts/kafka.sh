#!/usr/bin/env bash
# A real Apache Kafka of one node (KRaft), for development and tests. Its jars are taken by Maven on the first start.
# usage: scripts/kafka.sh start [--fresh] [--set KEY=VALUE]...   starts the broker and waits until it answers
#        scripts/kafka.sh stop                                   ends it; what it holds stays
#        scripts/kafka.sh status                                 running or not
#        scripts/kafka.sh topics                                 lists topics and their partitions
#        scripts/kafka.sh create TOPIC [PARTITIONS]              makes a topic, if it is not there
#        scripts/kafka.sh delete TOPIC                           removes a topic
#        scripts/kafka.sh groups [GROUP]                         lists consumer groups, or a group's offsets and lag
#        scripts/kafka.sh produce TOPIC [OPTION...]              the stock console producer, reads stdin
#        scripts/kafka.sh consume TOPIC [OPTION...]              the stock console consumer, from the beginning
#        scripts/kafka.sh perf-produce TOPIC RECORDS BYTES       the stock producer's perf tool
#        scripts/kafka.sh perf-consume TOPIC RECORDS             the stock consumer's perf tool
#        scripts/kafka.sh run                                    like start, but in the foreground, and does not wait
#        scripts/kafka.sh fetch                                  only takes the jars
# options, of every command, before its own:
#   --port N      the broker's port on localhost; N + 1 is its controller's (default 9092)
#   --data DIR    where it keeps its data, log and pid (default build/kafka/PORT)
#   --heap SIZE   Java's heap (default 384m)
#   --fresh       start, run: remove the data first
#   --set K=V     start, run: a property of the broker
# PENSTOCK_KAFKA_LIB is the folder of the jars (default build/kafka/lib).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$here")

fail() {
  echo "kafka.sh: $1" >&2
  exit "${2:-1}"
}
usage() {
  sed -n '3,23s/^# \{0,1\}//p' "$0" >&2
  exit 64
}

command=${1:-}
[ -n "$command" ] || usage
shift
port=9092 data='' heap=384m fresh='' settings=()
while [ $# -gt 0 ]; do
  case "$1" in
    --port) port=${2:?"kafka.sh: --port needs a number"} && shift 2 ;;
    --data) data=${2:?"kafka.sh: --data needs a folder"} && shift 2 ;;
    --heap) heap=${2:?"kafka.sh: --heap needs a size like 384m"} && shift 2 ;;
    --set) settings+=("${2:?"kafka.sh: --set needs KEY=VALUE"}") && shift 2 ;;
    --fresh) fresh=1 && shift ;;
    *) break ;;
  esac
done
[[ $port =~ ^[0-9]+$ ]] && [ "$port" -ge 1 ] && [ "$port" -le 65534 ] || fail "--port $port: expected a number from 1 to 65534" 64
data=${data:-$root/build/kafka/$port}
lib=${PENSTOCK_KAFKA_LIB:-$root/build/kafka/lib}
broker=localhost:$port

# The jars, whole or not at all: of two scripts that want them, one waits.
fetch() {
  command -v java >/dev/null || fail "no java; scripts/install-deps.sh kafka installs what is needed"
  local version
  version=$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$here/kafka/pom.xml")
  [ -f "$lib/kafka-tools-$version.jar" ] && [ -f "$lib/.complete-$version" ] && return
  command -v mvn >/dev/null || fail "no mvn to take Kafka $version with; scripts/install-deps.sh kafka installs it"
  mkdir -p "$lib"
  exec 8>"$lib/.lock"
  flock 8
  if [ ! -f "$lib/.complete-$version" ]; then
    echo "kafka.sh: taking Kafka $version by Maven into $lib" >&2
    rm -f "$lib"/*.jar
    mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$lib" >"$lib/maven.log" 2>&1 ||
      { grep -m 3 ERROR "$lib/maven.log" >&2; fail "Maven could not take Kafka's jars; all it said is in $lib/maven.log"; }
    touch "$lib/.complete-$version"
  fi
  exec 8>&-
}

# Runs a class of Kafka's in this process: java OPTION... CLASS ARGUMENT...
java_of_kafka() {
  exec java -XX:+UseSerialGC "-Dlog4j.configuration=file:$here/kafka/log4j.properties" -cp "$lib/*" "$@"
}
tool() {
  fetch
  need_broker
  local class=$1 && shift
  java_of_kafka -Xmx256m -XX:TieredStopAtLevel=1 "$class" --bootstrap-server "$broker" "$@"
}

broker_pid() {  # nothing if it does not run
  local id
  id=$(cat "$data/pid" 2>/dev/null) && [ -n "$id" ] && grep -qa 'kafka\.Kafka' "/proc/$id/cmdline" 2>/dev/null && echo "$id"
}
taken() { (exec 3<>"/dev/tcp/localhost/$1") 2>/dev/null; }
need_broker() { taken "$port" || fail "no broker answers at $broker; scripts/kafka.sh start --port $port starts one"; }

# Settings and a folder that Kafka accepts.
prepare() {
  fetch
  local each tries
  for each in "$port" "$((port + 1))"; do
    for ((tries = 0; tries < 20; ++tries)); do taken "$each" || break; sleep 0.1; done  # a broker that was killed may be on its way out
    ! taken "$each" || fail "port $each is taken by another program; stop that, or choose a port with --port"
  done
  [ -z "$fresh" ] || rm -rf "$data/log"
  mkdir -p "$data" || fail "cannot make the folder $data"
  data=$(cd "$data" && pwd)
  {
    sed -e "s:@PORT@:$port:" -e "s:@CONTROLLER@:$((port + 1)):" -e "s:@DATA@:$data:" "$here/kafka/server.properties"
    [ ${#settings[@]} -eq 0 ] || printf '%s\n' "${settings[@]}"
  } >"$data/server.properties"
  [ -f "$data/log/meta.properties" ] ||
    (java_of_kafka -Xmx256m -XX:TieredStopAtLevel=1 kafka.tools.StorageTool format --cluster-id penstockKafkaCluster00 \
      --config "$data/server.properties") >"$data/format.log" 2>&1 ||
    { tail -5 "$data/format.log" >&2; fail "cannot prepare the folder $data"; }
}
run() {
  prepare
  echo $BASHPID >"$data/pid"
  java_of_kafka "-Xms$heap" "-Xmx$heap" ${PENSTOCK_KAFKA_JAVA:-} kafka.Kafka "$data/server.properties"
}

start() {
  if broker_pid >/dev/null; then
    [ -z "$fresh" ] || fail "a broker runs on $data; stop it before it is started afresh"
  else
    prepare
    # A process group of its own: Ctrl-C in this terminal is not for it.
    local each options=()
    for each in ${settings[@]+"${settings[@]}"}; do options+=(--set "$each"); done
    setsid "$here/kafka.sh" run --port "$port" --data "$data" --heap "$heap" ${options[@]+"${options[@]}"} </dev/null >"$data/broker.log" 2>&1 &
    local child=$!
  fi
  local patience=$((SECONDS + 60))
  until grep -q 'Kafka Server started' "$data/broker.log" 2>/dev/null && taken "$port"; do
    [ -z "${child:-}" ] || kill -0 "$child" 2>/dev/null ||
      { tail -20 "$data/broker.log" >&2; fail "the broker ended; all it said is in $data/broker.log"; }
    [ $SECONDS -lt $patience ] || fail "the broker did not answer within a minute; what it said is in $data/broker.log"
    sleep 0.1
  done
  echo "Kafka answers at $broker; its data and log are in $data"
}

stop() {
  local id
  id=$(broker_pid) || { echo "no broker runs on $data"; return; }
  kill "$id"
  local patience=$((SECONDS + 20))
  while kill -0 "$id" 2>/dev/null; do
    [ $SECONDS -lt $patience ] || { kill -KILL "$id" 2>/dev/null; break; }
    sleep 0.1
  done
  rm -f "$data/pid"
  echo "Kafka on $broker has ended"
}

topic=${1:-}
need_topic() { [ -n "$topic" ] || usage; }
case "$command" in
  start) start ;;
  stop) stop ;;
  run) run ;;
  fetch) fetch ;;
  status)
    id=$(broker_pid) || fail "no broker runs on $data"
    echo "Kafka runs at $broker, pid $id"
    ;;
  topics) tool org.apache.kafka.tools.TopicCommand --describe ;;
  create) need_topic && tool org.apache.kafka.tools.TopicCommand --create --if-not-exists --topic "$topic" --partitions "${2:-1}" ;;
  delete) need_topic && tool org.apache.kafka.tools.TopicCommand --delete --topic "$topic" ;;
  groups)
    if [ -n "$topic" ]; then
      tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --describe --group "$topic"
    else
      tool org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --list
    fi
    ;;
  produce) need_topic && shift && tool kafka.tools.ConsoleProducer --topic "$topic" "$@" ;;
  consume) need_topic && shift && tool org.apache.kafka.tools.consumer.ConsoleConsumer --topic "$topic" --from-beginning "$@" ;;
  perf-produce)
    [ $# -ge 3 ] || usage
    fetch
    need_broker
    java_of_kafka -Xmx256m org.apache.kafka.tools.ProducerPerformance --topic "$topic" --num-records "$2" --record-size "$3" \
      --throughput -1 --producer-props "bootstrap.servers=$broker" "${@:4}"
    ;;
  perf-consume)
    [ $# -ge 2 ] || usage
    fetch
    need_broker
    java_of_kafka -Xmx256m org.apache.kafka.tools.ConsumerPerformance --bootstrap-server "$broker" --topic "$topic" --messages "$2" "${@:3}"
    ;;
  *) usage ;;
esac
