#!/usr/bin/env bash
# Checks what a change must pass before its tests: format, includes, file lengths, generated files, clang-tidy on changed
# files. Everything is checked before it fails.
# usage: scripts/check.sh [--fix]   (--fix: format the files and regenerate what is generated)
#   BASE=<commit>        clang-tidy looks at files changed since then (default: where the branch left origin/main, else HEAD~1)
#   TIDY_SECONDS=<n>     time for clang-tidy (default 900)
set -uo pipefail
cd "$(dirname "$0")/.."

fix=${1:-}
failed=0
fail() {
  echo "check.sh: $1" >&2
  failed=1
}

scripts/install-deps.sh build test check || exit 1
mapfile -t sources < <(git ls-files --cached --others --exclude-standard '*.h' '*.cc' | while read -r f; do [ -f "$f" ] && echo "$f"; done)

if [ "$fix" = --fix ]; then
  clang-format -i "${sources[@]}"
else
  printf '%s\n' "${sources[@]}" | xargs -P "$(nproc)" -n 16 clang-format --dry-run --Werror || fail "format; run scripts/check.sh --fix"
fi

python3 scripts/check_includes.py || fail "shape of the source tree"
python3 scripts/check_docs.py $fix || fail "documents"
scripts/check_deploy.sh || fail "files for deployment"

cmake --preset debug >/dev/null || fail "cannot configure"
if cmake --build build/debug --target penstock; then
  # Each generated file and the command that prints it.
  while read -r file verb; do
    if [ "$fix" = --fix ]; then
      build/debug/penstock $verb >"$file" || fail "cannot generate $file"
    else
      build/debug/penstock $verb | diff -u "$file" - >&2 || fail "$file is out of date; run scripts/check.sh --fix"
    fi
  done <<'FILES'
docs/reference.md reference
config/topology.schema.json schema
FILES
  # Dashboards, rules and configurations: below monitoring/, as `penstock monitoring` writes them.
  made=$([ "$fix" = --fix ] && echo monitoring || mktemp -d)
  build/debug/penstock monitoring "$made" --force --dashboards /etc/grafana/dashboards >/dev/null || fail "cannot make monitoring/"
  if [ "$made" != monitoring ]; then
    while read -r file; do
      diff -u "monitoring/$file" "$made/$file" >&2 || fail "monitoring/$file is out of date; run scripts/check.sh --fix"
    done < <(cd "$made" && find . -type f -printf '%P\n')
    rm -rf "$made"
  fi
else
  fail "cannot build"
fi

base=${BASE:-$(git merge-base HEAD origin/main 2>/dev/null)}
[ -n "$base" ] && [ "$(git rev-parse "$base")" != "$(git rev-parse HEAD)" ] || base=HEAD~1
mapfile -t changed < <(git diff --name-only --diff-filter=d "$base" -- '*.cc' ':!tests' ':!bench' 2>/dev/null)
if [ ${#changed[@]} -gt 0 ]; then
  echo "check.sh: clang-tidy on ${#changed[@]} changed files"
  # Without g++'s precompiled headers, which clang cannot read.
  mkdir -p build/tidy
  sed -E 's/-Winvalid-pch|-include [^ ]*cmake_pch\.hxx//g' build/debug/compile_commands.json >build/tidy/compile_commands.json
  found=$(printf '%s\n' "${changed[@]}" |
    timeout "${TIDY_SECONDS:-900}" xargs -P "$(nproc)" -n 1 clang-tidy --quiet -p build/tidy 2>/dev/null)
  [ $? -eq 124 ] && echo "check.sh: clang-tidy ran out of time; the remaining files were not checked"
  # Only what a check found: clang 14 cannot compile every file that g++ 12 can.
  if grep -q 'warnings-as-errors\]' <<<"$found"; then
    grep -A 3 'warnings-as-errors\]' <<<"$found"
    fail "clang-tidy"
  fi
fi

[ "$failed" -eq 0 ] && echo "check.sh: all fine"
exit "$failed"
