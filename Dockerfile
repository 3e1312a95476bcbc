# The image of the exporter: one static binary, and no other program. docs/container.md
# Use it with docker (BuildKit). For buildah and podman use `make image`, which works around the --platform of Debian 12's versions. Images
# for amd64 and arm64 are cross-compiled: --platform linux/amd64,linux/arm64.
#   --build-arg BUILD_BASE=...   another Debian 12 image to build on, from a mirror or by digest
#   --build-arg REVISION=...     the commit, which is not in the build context
#   --target sbom                instead of the image, its bill of materials, as SPDX 2.3 in JSON
ARG BUILD_BASE=docker.io/library/debian:bookworm-slim

FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
WORKDIR /src
# Packages come before the sources, because they change less often. libcap2-bin is for setcap, python3 for the bill of materials.
COPY scripts/install-dependencies scripts/fetch-sources scripts/make-sysroot scripts/private-apt.sh scripts/
COPY patches patches
ARG TARGETARCH
# To get the newest packages instead of the cached ones, pass another value.
ARG PACKAGES_OF=unknown
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libcap2-bin python3 >/dev/null \
 && scripts/install-dependencies portable-${TARGETARCH}

COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY deploy/systemd deploy/systemd
COPY kernel kernel
COPY collectors collectors
COPY diagnosis diagnosis
COPY exporter exporter
ARG REVISION=unknown
RUN cmake --preset portable-${TARGETARCH} -DCONNTRACK_REVISION=${REVISION} && cmake --build --preset portable-${TARGETARCH}

COPY LICENSE ./
COPY deploy/image deploy/image
COPY deploy/portable deploy/portable
ARG VERSION=0.1.0
ARG SOURCE_DATE_EPOCH
RUN deploy/image/assemble.sh build/portable-${TARGETARCH} /image "${VERSION}" \
 && deploy/portable/sbom.py --name conntrack_exporter-image-${TARGETARCH} --root /image --build build/portable-${TARGETARCH} \
    --version "${VERSION}" --revision "${REVISION}" >/sbom.spdx.json

FROM scratch AS sbom
COPY --from=build /sbom.spdx.json /

FROM scratch
ARG REVISION=unknown
ARG VERSION=0.1.0
LABEL org.opencontainers.image.title="conntrack_exporter" \
      org.opencontainers.image.description="Prometheus exporter for the Linux connection tracking table" \
      org.opencontainers.image.vendor="conntrack_exporter maintainers" \
      org.opencontainers.image.url="https://github.com/conntrack-exporter/conntrack_exporter" \
      org.opencontainers.image.source="https://github.com/conntrack-exporter/conntrack_exporter" \
      org.opencontainers.image.documentation="https://github.com/conntrack-exporter/conntrack_exporter/blob/main/docs/container.md" \
      org.opencontainers.image.licenses="GPL-3.0-or-later" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# A number, because Kubernetes' runAsNonRoot refuses names.
USER 65532:65532
EXPOSE 10318
ENTRYPOINT ["/usr/bin/conntrack_exporter"]
# For the default address. Another --web.listen-address needs another health check. Only Docker's format has health checks, OCI's has not.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/conntrack_exporter", "healthcheck"]
