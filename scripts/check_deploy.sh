#!/usr/bin/env bash
# Checks what is in config/deploy with the tools that know it best, as far as they are installed: systemd-analyze for the unit,
# kubernetes-validate for the manifest. What the files say of Penstock itself is checked by tests/servers/deploy_test.cc.
# usage: scripts/check_deploy.sh
set -uo pipefail
cd "$(dirname "$0")/.."

failed=0
if command -v systemd-analyze >/dev/null; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  # The program need not be installed where the unit expects it.
  sed 's#^ExecStart=/usr/bin/penstock#ExecStart=/bin/true#' config/deploy/penstock.service >"$folder/penstock.service"
  said=$(systemd-analyze verify "$folder/penstock.service" 2>&1)
  if [ $? -ne 0 ] || [ -n "$said" ]; then
    printf '%s\n' "$said" >&2
    failed=1
  fi
else
  echo "check_deploy.sh: no systemd-analyze; the unit was not verified" >&2
fi
if command -v kubernetes-validate >/dev/null; then
  kubernetes-validate --quiet -k 1.30 --strict config/deploy/kubernetes.yaml || failed=1
else
  echo "check_deploy.sh: no kubernetes-validate; the manifest was not validated" >&2
fi
exit $failed
