#!/bin/sh
# promtool: the shipped rules are clean, and do what tests/alerts/rules/*.yml say. One file where it is named.
set -eu
cd "$(dirname "$0")/../.."
. tests/support/promtool.sh
"$promtool" check rules --lint=all --lint-fatal alerts/conntrack.rules.yml
[ $# -gt 0 ] || set -- tests/alerts/rules/*.yml
printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" "$promtool" test rules
