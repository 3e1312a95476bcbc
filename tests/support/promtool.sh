# To be sourced in the repository's root by scripts that need it: $promtool, or the end of the script as a skipped test.
# shellcheck shell=sh
promtool=$(command -v promtool || echo build/tools/usr/bin/promtool)
if ! "$promtool" --version >/dev/null 2>&1; then
  echo "SKIPPED: no promtool; 'make test' brings it (scripts/install-dependencies)" >&2
  exit 77
fi
