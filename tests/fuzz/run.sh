#!/usr/bin/env bash
# Runs each fuzz target for some seconds, from the captures as a corpus. Usage: run.sh BUILD_DIR SECONDS
set -euo pipefail
build=$1
seconds=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
corpus=$(mktemp -d)
trap 'rm -rf "$corpus"' EXIT

find "$top/tests/fixtures" -type f -size -64k | while read -r file; do
  cp "$file" "$corpus/$(echo "${file#"$top/tests/fixtures/"}" | tr / _)"
done
# The files of `advise`, for the fuzzer of boot files, and the example of the documentation, for that of the web configuration.
cp "$top"/tests/golden/advise/* "$corpus"
# shellcheck disable=SC2016 # these are backticks of Markdown
sed -n '/^```yaml/,/^```$/{/^```/d;p}' "$top/docs/web-configuration.md" >"$corpus/web-config"
failed=0
for target in proc_text kernel_log boot_files netlink http web_config printable_text; do
  echo "${target}_fuzzer, $seconds seconds"
  # The first folder takes what is found, and goes; the second has what was captured (seeds/README.md).
  if ! "$build/tests/fuzz/${target}_fuzzer" -max_total_time="$seconds" -timeout=10 -artifact_prefix="$build/" \
      -print_final_stats=1 "$corpus" "$top/tests/fuzz/seeds/$target" 2>"$build/$target.log"; then
    tail -30 "$build/$target.log"
    failed=1
  fi
  # What the seeds alone reach is more than this; less means that the parsers are not instrumented.
  edges=$(sed -nE 's/.*DONE +cov: ([0-9]+) .*/\1/p' "$build/$target.log")
  echo "  $(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$target.log") runs, ${edges:-no} edges"
  if [ "${edges:-0}" -lt 150 ]; then
    echo "${target}_fuzzer sees too little of what it tests" >&2
    failed=1
  fi
done
exit "$failed"
