#!/usr/bin/env bash
# Makes the file system of the image: the binary of a build, what it needs to run, the licences of that, and what scanners
# want to know about it. Runs in the build stage of the Dockerfile.
# Usage: assemble.sh BUILD-FOLDER FOLDER VERSION
set -euo pipefail
[ $# -eq 3 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
build=$1 root=$2 version=$3
source=$(cd "$(dirname "$0")/../.." && pwd)
binary=$root/usr/bin/conntrack_exporter
install -D -s -m 755 "$build/conntrack_exporter" "$binary"
install -D -m 644 "$source/LICENSE" "$root/usr/share/doc/conntrack_exporter/LICENSE"
install -D -m 644 "$build/../civetweb/LICENSE.md" "$root/usr/share/doc/conntrack_exporter/LICENSE.civetweb.md"

"$binary" --version | grep -q "^conntrack_exporter, version $version " || {
  echo "$0: VERSION is $version, which the label of the image would say, but the binary is: $("$binary" --version | head -1)" >&2
  exit 1
}
"$binary" --version | grep -q '^  features:.* IPv6' || { echo "$0: $binary is built without IPv6" >&2; exit 1; }

# Of the folders of today's Debian; the loader and the libraries have names of before them in the binaries.
mkdir -p "$root"/usr/{lib,lib64} "$root"/etc
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"

# The package that a file belongs to: the database has some under /usr, some under the folders of before.
package_of() {
  local file=$1
  { dpkg-query -S "$file" || dpkg-query -S "${file#/usr}" || dpkg-query -S "/usr$file"; } 2>/dev/null | head -1 | cut -d: -f1
}

packages=()
while read -r library; do
  real=$(realpath "$library")
  package=$(package_of "$real")
  [ -n "$package" ] || { echo "$0: $real belongs to no package" >&2; exit 1; }
  packages+=("$package")
  install -D -m 755 "$real" "$root$(realpath "$(dirname "$library")")/$(basename "$library")"
done < <(ldd "$binary" | grep -oE '/[^ ]+')
[ "${#packages[@]}" -gt 0 ] || { echo "$0: ldd names no library of $binary" >&2; exit 1; }

mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
for package in "${packages[@]}"; do
  install -D -m 644 "$(realpath "/usr/share/doc/$package/copyright")" "$root/usr/share/doc/$package/copyright"
  # A paragraph each, where scanners for vulnerabilities look in images that have no dpkg.
  mkdir -p "$root/var/lib/dpkg/status.d"
  dpkg-query -s "$package" >"$root/var/lib/dpkg/status.d/$package"
done
# The copyright files point there.
grep -rhoE '/usr/share/common-licenses/[A-Za-z0-9.-]*[A-Za-z0-9]' "$root/usr/share/doc" | sort -u | while read -r licence; do
  [ ! -f "$licence" ] || install -D -m 644 "$(realpath "$licence")" "$root$licence"
done

cp -L /etc/os-release "$root/etc/os-release"
echo 'conntrack-exporter:x:65532:65532::/nonexistent:/nonexistent' >"$root/etc/passwd"
echo 'conntrack-exporter:x:65532:' >"$root/etc/group"

# Permitted, not effective: with =ep the program could not even be started where the capability is not in the bounding
# set. It makes it effective itself. All but cap_net_admin are for loading the BPF programs, where the container is given
# them, and go before the first thread, but cap_syslog where the kernel's log can be read. docs/privileges.md
setcap cap_net_admin,cap_bpf,cap_perfmon,cap_syslog=p "$binary"
