# The image of the exporter: one static binary, and nothing else that could be run.
# For docker (BuildKit); for buildah and podman use `make image`, which works around how Debian 12's handle --platform. Images for amd64 and
# arm64 are cross-compiled: --platform linux/amd64,linux/arm64. docs/container.md
#   --build-arg BUILD_BASE=...   another Debian 12 to build on: a mirror's, or one by digest
#   --build-arg REVISION=...     the commit, which is not in the build context
#   --target sbom                the bill of materials of the same image, as SPDX 2.3 in JSON, instead of it
ARG BUILD_BASE=docker.io/library/debian:bookworm-slim

FROM --platform=$BUILDPLATFORM ${BUILD_BASE} AS build
WORKDIR /src
# What is installed changes seldom, so it comes before the sources. libcap2-bin: setcap; python3: the bill of materials.
COPY scripts/install-dependencies scripts/fetch-sources scripts/make-sysroot scripts/private-apt.sh scripts/
COPY patches patches
ARG TARGETARCH
# Another value takes the newest packages instead of those of an earlier build.
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
# A number: Kubernetes' runAsNonRoot refuses a name.
USER 65532:65532
EXPOSE 10318
ENTRYPOINT ["/usr/bin/conntrack_exporter"]
# For the default address; another --web.listen-address wants another check. Not part of OCI's format, but of Docker's.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/conntrack_exporter", "healthcheck"]
