#!/usr/bin/env bash
# Installs what building, testing and running Penstock needs, all from Debian 12's own packages.
# Does nothing (and needs no network or root) where everything is there already.
# usage: scripts/install-deps.sh [build] [test] [check] [fuzz] [kafka] [monitoring]   (default: the first three)
set -euo pipefail

build=(cmake ninja-build g++ ccache pkg-config git ca-certificates
  libcaf-dev libyaml-cpp-dev libpg-query-dev libprotobuf-dev protobuf-compiler liblmdb-dev libeigen3-dev
  libcli11-dev libspdlog-dev libfmt-dev libxxhash-dev libzstd-dev zlib1g-dev libboost-dev libssl-dev
  libsimdjson-dev libhnswlib-dev rapidjson-dev libcsv-dev libre2-dev prometheus-cpp-dev
  libsoci-dev libsqlite3-dev libpq-dev librdkafka-dev)
test=(catch2 curl jq postgresql postgresql-client sqlite3)
kafka=(maven default-jre-headless kcat)
monitoring=(prometheus prometheus-alertmanager)
fuzz=(clang-16 libclang-rt-16-dev llvm-16)
check=(clang-format clang-tidy python3 python3-yaml)

wanted=()
for group in "${@:-build test check}"; do
  for name in $group; do
    declare -n packages="$name"
    wanted+=("${packages[@]}")
  done
done

missing=()
for package in "${wanted[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

sudo=""
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-deps: not root and no sudo; install by hand: ${missing[*]}" >&2; exit 1; }
  sudo=sudo
fi
echo "install-deps: installing ${#missing[@]} packages: ${missing[*]}"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
