# shellcheck shell=bash
# Scripts that build release files source this file, in the top folder.
# shellcheck disable=SC2034 # the sourcing scripts use the variables

# The architecture of this host, with Debian's name. Empty if it is not supported.
case $(uname -m) in x86_64) here=amd64 ;; aarch64) here=arm64 ;; *) here='' ;; esac
version=$(sed -nE 's/^project\(conntrack_exporter VERSION ([0-9.]+) .*/\1/p' CMakeLists.txt)
revision=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
# The time of all files: SOURCE_DATE_EPOCH if it is set, otherwise the time of the commit.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH

# Writes a tar archive to standard output. It depends only on names, permissions and contents of the files.
pack() {  # FOLDER PATH...|--null --files-from=-
  tar --create --directory "$1" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --mode=u+rwX,go+rX,go-w "${@:2}"
}

# Runs a command with its output in LOG. If it fails, prints LOG and exits.
quietly() {  # LOG COMMAND...
  local log=$1
  shift
  "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
