#!/bin/sh
# promtool check metrics on every golden file.
set -eu
cd "$(dirname "$0")/../.."
promtool=$(command -v promtool || echo build/tools/usr/bin/promtool)
if ! "$promtool" --version >/dev/null 2>&1; then
  echo "SKIPPED: no promtool; 'make test' brings it (scripts/install-dependencies)" >&2
  exit 77
fi
for file in tests/golden/*.prom; do
  echo "$file"
  "$promtool" check metrics <"$file"
done
