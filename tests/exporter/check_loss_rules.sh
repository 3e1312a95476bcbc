#!/bin/sh
# promtool test rules on the recording rules that docs/metrics.md gives for loss by cause.
set -eu
cd "$(dirname "$0")/../.."
promtool=$(command -v promtool || echo build/tools/usr/bin/promtool)
if ! "$promtool" --version >/dev/null 2>&1; then
  echo "SKIPPED: no promtool; 'make test' brings it (scripts/install-dependencies)" >&2
  exit 77
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# shellcheck disable=SC2016  # the backticks are those of Markdown
sed -n '/^## Loss by cause/,/^## flows/{/^```yaml$/,/^```$/{/^```/!p}}' docs/metrics.md >"$folder/rules.yml"
sed "s|RULES|$folder/rules.yml|" tests/exporter/loss_rules_test.yml >"$folder/test.yml"
"$promtool" check rules "$folder/rules.yml"
"$promtool" test rules "$folder/test.yml"
