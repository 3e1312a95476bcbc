# Targets call CMake, ctest and scripts.
.POSIX:
.PHONY: build-folder run build portable portable-packages deb release docs package-dependencies image test test-large kernels kernels-arm64 drill demo bench bench-fleet soak lint format fuzz pictures clean

JOBS = $$(nproc)

# Installs missing packages, builds, and serves the metrics of this host. The log has the URL. ARGS="--log.level=debug" passes flags.
run: build
	@echo "To see what can be read here: build/release/conntrack_exporter check"
	@exec build/release/conntrack_exporter $(ARGS)

# Builds the release binary, build/release/conntrack_exporter.
build: | build-folder
	@scripts/install-dependencies build
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=OFF >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS)

# Builds one static file that runs on any Linux, build/portable-ARCH/conntrack_exporter. ARCH=arm64 cross-builds.
portable:
	@scripts/build-portable $(ARCH)

# Makes tarball, RPM and bill of materials of the static file in build/packages, for both architectures or for ARCH: docs/systemd.md.
portable-packages:
	@scripts/install-dependencies package
	@scripts/build-portable --packages $${ARCH:-amd64 arm64}

# Makes a Debian package in build/packages, for the Debian release of this host: docs/systemd.md.
deb: package-dependencies build
	@cd build/release && cpack >../cpack.log 2>&1 || { cat ../cpack.log; exit 1; }
	@rm -rf build/packages/_CPack_Packages
	@ls build/packages/*

# Makes all files of a release in build/release-VERSION: docs/releasing.md.
release:
	@scripts/make-release $(ARGS)

package-dependencies:
	@scripts/install-dependencies package

# Installs missing packages, builds, and runs every test.
test: | build-folder
	@scripts/install-dependencies test
	@cmake --preset dev >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset dev -j $(JOBS)
	@scripts/run-tests build/dev

# Tests tables of one and two million flows, and a hash table that is resized during walks. Needs root. Changes nf_conntrack_max and
# nf_conntrack_buckets while it runs.
test-large: | build-folder
	@scripts/install-dependencies test
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill
	@CONNTRACK_CHANGE_LIMITS=1 scripts/run-tests build/release -R 'live.(large_table|resize)_test'

# Runs the static binary on other kernels, in virtual machines, and prints a table: docs/kernels.md. ONLY="6.1 6.12" selects kernels of
# tests/kernels/kernels.list. ARGS="--markdown docs/kernels.md" writes the table to that file.
kernels: | build-folder
	@scripts/install-dependencies kernels
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_fill confined_probe
	@scripts/build-portable amd64
	@tests/kernels/run.py $(ARGS) $(ONLY)

# The same for arm64, cross-built and emulated.
kernels-arm64: | build-folder
	@scripts/install-dependencies kernels-arm64
	@cmake --preset release-arm64 -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release-arm64 -j $(JOBS) --target conntrack_fill confined_probe
	@scripts/build-portable arm64
	@tests/kernels/run.py --arch arm64 $(ARGS) $(ONLY)

# Provokes incidents in a laboratory of network namespaces, and checks that the right alerts fire: docs/laboratory.md. Needs root. Lowers
# nf_conntrack_max while it runs. ONLY="table-full syn-flood" selects incidents. ARGS="--markdown FILE" writes a table. ARGS=--real runs
# incidents that lose packets, at real speed.
drill: build
	@scripts/install-dependencies test
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/drill.py $(ARGS) $(ONLY)

# Starts the same laboratory and keeps it running. ARGS="--incident table-full" selects an incident. Needs root.
demo: build
	@scripts/install-dependencies test
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/demo.py $(ARGS)

# Runs the benchmark and prints ratios: docs/performance.md. Needs root. Raises nf_conntrack_max while it runs.
# ARGS=--brief: one short round.
bench: | build-folder
	@scripts/install-dependencies check
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill dump_bench
	@scripts/build-portable amd64
	@tests/bench/run.py $(ARGS) --exporter build/portable-amd64/conntrack_exporter build/release

# Measures what hundreds of exporters on this host cost one Prometheus: docs/fleet.md. Takes five minutes. ARGS="--nodes 100" for fewer.
bench-fleet: | build-folder
	@scripts/install-dependencies test
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/bench/fleet.py $(ARGS)

# Scrapes over TLS for half an hour while new flows arrive, and checks that each scrape is answered in time and that memory does not grow:
# docs/limits.md. Needs root. ARGS="--seconds 300" for less.
soak: | build-folder
	@scripts/install-dependencies check
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill
	@tests/bench/soak.py $(ARGS) build/release

lint:
	@scripts/install-dependencies check
	@scripts/lint

format:
	@git ls-files '*.cc' '*.h' | xargs clang-format-14 -i

# Fuzzes each parser for FUZZ_SECONDS, with clang's libFuzzer.
FUZZ_SECONDS = 60
fuzz: | build-folder
	@scripts/install-dependencies check
	@cmake --preset asan >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset fuzz -j $(JOBS)
	@tests/fuzz/run.sh build/asan $(FUZZ_SECONDS)

# Builds the documentation as a site with search, in build/site.
docs:
	@scripts/install-dependencies docs
	@scripts/build-docs

# Takes the pictures in docs/images again: the status page, with a table of its own that is filled to nf_conntrack_max, and the dashboards,
# with data of the laboratory. Needs root, node and npm: docs/dashboard-pictures.md.
pictures: | build-folder
	@scripts/install-dependencies check
	@scripts/render-dashboards --build
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS)
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/live/take_pictures.py docs/images
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/pictures.py docs/images

# Builds the container image with buildah: docs/container.md. PLATFORMS=linux/amd64,linux/arm64 makes an index of two images.
# ARGS="--build-arg BUILD_BASE=..." passes flags to buildah.
image:
	@PLATFORMS="$(PLATFORMS)" scripts/build-image $(ARGS)

clean:
	@rm -rf build

build-folder:
	@mkdir -p build
