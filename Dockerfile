# The image of the exporter: the binary, the shared libraries that it needs, and nothing that could run anything else.
# Builds alike with docker, podman and buildah; `make image` is buildah with the arguments. docs/container.md
#   --build-arg BUILD_BASE=...   another Debian 12 to build on: a mirror's, or one by digest
#   --build-arg REVISION=...     the commit, which is not in the build context
#   --target sbom                the bill of materials of the same image, as SPDX 2.3 in JSON, instead of it
ARG BUILD_BASE=docker.io/library/debian:bookworm-slim

FROM ${BUILD_BASE} AS build
WORKDIR /src
# What is installed changes seldom, so it comes before the sources. libcap2-bin: setcap; python3: the bill of materials.
COPY scripts/install-dependencies scripts/fetch-civetweb scripts/
COPY patches patches
RUN apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libcap2-bin python3 >/dev/null \
 && scripts/install-dependencies build

COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY deploy/systemd deploy/systemd
COPY kernel kernel
COPY collectors collectors
COPY diagnosis diagnosis
COPY exporter exporter
ARG REVISION=unknown
# CivetWeb from source or not at all: the distribution's has no IPv6. Likewise with BPF, which would be left out without a word.
RUN cmake --preset release -DCONNTRACK_BUILD_TESTS=OFF -DCONNTRACK_CIVETWEB=source -DCONNTRACK_BPF=ON -DCONNTRACK_REVISION=${REVISION} \
 && cmake --build --preset release --target conntrack_exporter

COPY LICENSE ./
COPY deploy/image deploy/image
ARG VERSION=0.1.0
RUN deploy/image/assemble.sh build/release /image "${VERSION}" \
 && deploy/image/sbom.py --root /image --build build/release --version "${VERSION}" --revision "${REVISION}" >/sbom.spdx.json

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
      org.opencontainers.image.licenses="GPL-2.0-or-later" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /image /
# A number: Kubernetes' runAsNonRoot refuses a name.
USER 65532:65532
EXPOSE 10318
ENTRYPOINT ["/usr/bin/conntrack_exporter"]
# For the default address; another --web.listen-address wants another check. Not part of OCI's format, but of Docker's.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["/usr/bin/conntrack_exporter", "healthcheck"]
