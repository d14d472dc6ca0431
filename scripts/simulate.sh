#!/usr/bin/env bash
# The proof that nothing is lost and nothing counted twice, by deterministic simulation: builds (release preset) and runs
# tests/simulation/simulate over many seeds, on all cores.
#
# A seed chooses a generated topology (sources, stages, exchanges, views, models, sinks), the order in which its actors run
# and its commits happen, which actors crash, which commits are refused, when timers fire, when the process dies or is
# stopped and with how many workers and which sizes of batches it starts again, what files lose or gain at a death. In the
# end all tables, views, logs, dead letters and files must equal those of a run without faults. A seed that fails is
# printed with the first difference and the command that replays it, step by step; the same seed is the same run.
#
# usage: scripts/simulate.sh [--seeds N] [--from S] [--trace] [--jobs J] [--state FILE]
#   --seeds N     how many seeds; default 2000
#   --from S      the first seed; default 0
#   --trace       print every step (one process; meant for one seed)
#   --jobs J      processes; default: as many as cores
#   --state FILE  work in slices and note each finished one in FILE; called again with the same FILE, goes on behind the
#                 last. For long runs: nohup nice -n 19 scripts/simulate.sh --seeds 1000000 --state million &
# Exit code: 0 if every outcome was right. Needs no network; PENSTOCK_SIMULATE names a built program to use instead.
set -euo pipefail
cd "$(dirname "$0")/.."

seeds=2000 from=0 jobs=$(nproc) state='' trace=''
usage() { sed -n '/^# usage/,/^# Exit/p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2; }
while [ $# -gt 0 ]; do
  case "$1" in
    --trace) trace=--trace; shift; continue ;;
    --seeds | --from | --jobs | --state) [ $# -ge 2 ] || usage ;;
    *) usage ;;
  esac
  case "$1" in
    --state) state=$2 ;;
    *) [[ "$2" =~ ^[0-9]+$ ]] || usage; declare "${1#--}=$2" ;;
  esac
  shift 2
done
[ "$jobs" -ge 1 ] || usage

program=${PENSTOCK_SIMULATE:-build/release/tests/simulation/simulate}
if [ -z "${PENSTOCK_SIMULATE:-}" ]; then
  log=$(mktemp)
  { cmake --preset release && cmake --build build/release --target simulate; } >"$log" 2>&1 ||
    { tail -40 "$log" >&2; rm -f "$log"; echo "simulate.sh: cannot build" >&2; exit 2; }
  rm -f "$log"
fi
if [ -n "$trace" ]; then
  exec "$program" --from "$from" --seeds "$seeds" --trace
fi

end=$((from + seeds))
failures=0
# Runs [first, first + count) split over the processes.
run() {
  local first=$1 count=$2 share=$((($2 + jobs - 1) / jobs)) pids=() pid
  share=$(((share + 7) / 8 * 8)) # seeds that share a topology stay together
  for ((j = 0; j * share < count; ++j)); do
    local n=$((count - j * share < share ? count - j * share : share))
    "$program" --from $((first + j * share)) --seeds "$n" --progress 60 &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do
    wait "$pid" || failures=$((failures + 1))
  done
}

started=$SECONDS
done=0
if [ -z "$state" ]; then
  run "$from" "$seeds"
  done=$seeds
else
  [ ! -s "$state" ] || from=$(($(tail -1 "$state" | cut -d' ' -f1)))
  while [ "$from" -lt "$end" ]; do
    slice=$((end - from < 10000 ? end - from : 10000))
    run "$from" "$slice"
    from=$((from + slice))
    done=$((done + slice))
    echo "$from seeds done at $(date -u +%FT%TZ), processes with a failure so far in this run: $failures" >>"$state"
  done
fi
elapsed=$((SECONDS - started > 0 ? SECONDS - started : 1))
echo "simulate.sh: $done seeds in $elapsed s, $((done * 60 / elapsed)) a minute; $([ "$failures" -eq 0 ] && echo 'every outcome is right' || echo 'SOME SEEDS FAILED, see above')"
[ "$failures" -eq 0 ]
