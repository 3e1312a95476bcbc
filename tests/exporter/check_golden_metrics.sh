#!/bin/sh
# promtool check metrics on every golden file.
set -eu
cd "$(dirname "$0")/../.."
. tests/support/promtool.sh
for file in tests/golden/*.prom; do
  echo "$file"
  "$promtool" check metrics <"$file"
done
