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
# The example of the documentation, for the fuzzer of the web configuration.
sed -n '/^```yaml/,/^```$/{/^```/d;p}' "$top/docs/web-configuration.md" >"$corpus/web-config"
failed=0
for target in proc_text_fuzzer kernel_log_fuzzer boot_files_fuzzer netlink_fuzzer http_fuzzer web_config_fuzzer; do
  echo "$target, $seconds seconds"
  if ! "$build/tests/fuzz/$target" -max_total_time="$seconds" -timeout=10 -artifact_prefix="$build/" -print_final_stats=1 \
      "$corpus" 2>"$build/$target.log"; then
    tail -30 "$build/$target.log"
    failed=1
  fi
  grep -E 'number_of_executed_units' "$build/$target.log" || true
done
exit "$failed"
