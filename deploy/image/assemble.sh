#!/usr/bin/env bash
# Creates the root file system of the image from a static build: the binary, licences, and package data for scanners. The build stage of
# the Dockerfile runs it.
# Usage: assemble.sh BUILD-FOLDER FOLDER VERSION
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
build=$1 root=$2 version=$3
source=$(cd "$(dirname "$0")/../.." && pwd)
binary=$root/usr/bin/conntrack_exporter
doc=$root/usr/share/doc/conntrack_exporter

built=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
[ "$built" = "$version" ] || { echo "$0: VERSION is $version, but $build has version $built" >&2; exit 1; }
strip=$(sed -n 's/^CMAKE_STRIP:FILEPATH=//p' "$build/CMakeCache.txt")
install -D -s --strip-program="$strip" -m 755 "$build/conntrack_exporter" "$binary"
install -D -m 644 "$source/LICENSE" "$doc/LICENSE"
# Vulnerability scanners read packages from status.d in images without dpkg.
"$source/deploy/portable/notice.py" --build "$build" --status "$root/var/lib/dpkg/status.d" >"$doc/NOTICE"
mkdir -p "$root/etc"
cp -L /etc/os-release "$root/etc/os-release"
echo 'conntrack-exporter:x:65532:65532::/nonexistent:/nonexistent' >"$root/etc/passwd"
echo 'conntrack-exporter:x:65532:' >"$root/etc/group"

# Permitted, not effective: with =ep the kernel refuses to start the program if a capability is not in the bounding set. The program makes
# them effective itself. All but cap_net_admin are for loading the BPF programs, and have an effect only if the container has them. The
# exporter drops them before its first thread starts; it keeps cap_syslog if kernel_log uses it. docs/privileges.md
setcap cap_net_admin,cap_bpf,cap_perfmon,cap_syslog=p "$binary"
