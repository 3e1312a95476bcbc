#!/usr/bin/env bash
# Builds the image where no registry can be reached: for real, by scripts/build-image, on a base that mmdebstrap makes from
# Debian's packages and that has the name of the Dockerfile's default. Compiles for as long as a build takes, once.
# Leaves image.tar, of amd64, and the load generator's traffic.tar in build/image beside what scripts/build-image leaves for PLATFORMS, both
# architectures unless given, for image_test.py and demo_test.py.
# As root. With `scripts/make-release` as argument that runs in the place of scripts/build-image.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/build-facts.sh
. scripts/build-facts.sh
# shellcheck source=scripts/private-apt.sh
. scripts/private-apt.sh

for tool in buildah mmdebstrap; do
  command -v "$tool" >/dev/null || { echo "FAILED: no $tool; scripts/install-dependencies deploy brings it" >&2; exit 1; }
done
[ "$(id -u)" -eq 0 ] || { echo "FAILED: needs root" >&2; exit 1; }
base=$(sed -n 's/^ARG BUILD_BASE=//p' Dockerfile)

# A store of its own: no other image of this machine can be taken by mistake, nor is ours left there.
store=$(mktemp -d /var/tmp/conntrack-image-XXXXXX)
cleanup() {
  buildah rm --all >/dev/null 2>&1 || true
  umount --quiet --recursive "$store"/graph/* "$store" 2>/dev/null || true
  rm -rf --one-file-system "$store"
}
trap cleanup EXIT
driver=overlay
[ "$(stat --file-system --format=%T "$store")" != overlayfs ] || driver=vfs
cat >"$store/storage.conf" <<CONF
[storage]
driver = "$driver"
graphroot = "$store/graph"
runroot = "$store/run"
CONF
export CONTAINERS_STORAGE_CONF=$store/storage.conf

echo "=== the base: Debian 12 by mmdebstrap, as $base ($SECONDS s)"
# In memory, since it is thousands of small files that nobody needs to keep.
mkdir "$store/memory"
mount -t tmpfs -o size=2g,mode=755 none "$store/memory"
mkdir "$store/memory/tmp"
TMPDIR=$store/memory/tmp mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io bookworm "$store/memory/base.tar" - \
  <<<"$(debian_sources deb bookworm)"
container=$(buildah from scratch)
buildah add --quiet "$container" "$store/memory/base.tar" / >/dev/null
buildah config --cmd bash "$container"
buildah commit --quiet --rm "$container" "$base" >/dev/null
umount "$store/memory"

echo "=== the images, compiled from source ($SECONDS s)"
export PLATFORMS=${PLATFORMS:-linux/amd64,linux/arm64}
"${1:-scripts/build-image}" --pull-never --isolation chroot --network host 2>&1 | grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating)'
save() {  # IMAGE FILE
  rm -f "build/image/$2"
  buildah push --quiet "$1" "docker-archive:build/image/$2:$1"
}
tag=$version
[ "$PLATFORMS" = linux/amd64 ] || tag+=-amd64
save "localhost/conntrack_exporter:$tag" image.tar

echo "=== the load generator of the demo ($SECONDS s)"
traffic=localhost/conntrack-demo-traffic:latest
buildah build --quiet --layers=false --pull-never --isolation chroot --network host \
  --file deploy/compose/traffic/Dockerfile --tag "$traffic" . >/dev/null
save "$traffic" traffic.tar
echo "=== build/image has image.tar, an index, bills of materials and traffic.tar ($SECONDS s)"
