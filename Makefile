# Thin wrappers: everything real is in CMake, ctest and the scripts they name.
.POSIX:
.PHONY: build-folder run build portable portable-packages deb release package-dependencies image test test-large kernels kernels-arm64 drill demo bench bench-fleet soak lint format fuzz pictures clean

JOBS = $$(nproc)

# Installs what is missing, builds, and serves the metrics of this machine, at the url that the log names.
# ARGS="--log.level=debug" passes flags on.
run: build
	@echo "What can be read here: build/release/conntrack_exporter check"
	@exec build/release/conntrack_exporter $(ARGS)

# Leaves the release binary at build/release/conntrack_exporter.
build: | build-folder
	@scripts/install-dependencies build
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=OFF >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS)

# Leaves one static file that runs on any Linux at build/portable-ARCH/conntrack_exporter. ARCH=arm64 cross-builds.
portable:
	@scripts/build-portable $(ARCH)

# Leaves its tarball, RPM and bill of materials in build/packages, for both architectures, or for ARCH: docs/systemd.md.
portable-packages:
	@scripts/install-dependencies package
	@scripts/build-portable --packages $${ARCH:-amd64 arm64}

# Leaves a Debian package in build/packages, for the Debian that it is made on: docs/systemd.md.
deb: package-dependencies build
	@cd build/release && cpack >../cpack.log 2>&1 || { cat ../cpack.log; exit 1; }
	@rm -rf build/packages/_CPack_Packages
	@ls build/packages/*

# All files of a release, in build/release-VERSION: docs/releasing.md.
release:
	@scripts/make-release $(ARGS)

package-dependencies:
	@scripts/install-dependencies package

# Installs what is missing, builds, and runs every test.
test: | build-folder
	@scripts/install-dependencies test
	@cmake --preset dev >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset dev -j $(JOBS)
	@scripts/run-tests build/dev

# Tables of one and two million flows, and a hash table that is replaced under the walks; needs root, and changes nf_conntrack_max and
# nf_conntrack_buckets for as long as it runs.
test-large: | build-folder
	@scripts/install-dependencies test
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill
	@CONNTRACK_CHANGE_LIMITS=1 scripts/run-tests build/release -R 'live.(large_table|resize)_test'

# Runs the static binary on other kernels, in virtual machines, and prints a table: docs/kernels.md. ONLY="6.1 6.12" selects
# kernels of tests/kernels/kernels.list; ARGS="--markdown docs/kernels.md" writes the table there.
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

# Incidents for real in a laboratory of network namespaces, and what the alerts make of them: docs/laboratory.md. Needs
# root, and lowers nf_conntrack_max for as long as it runs. ONLY="table-full syn-flood"; ARGS="--markdown FILE"; ARGS=--real
# for incidents that lose packets, at real speed.
drill: build
	@scripts/install-dependencies test
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/drill.py $(ARGS) $(ONLY)

# The same laboratory, left running to look at; ARGS="--incident table-full". Needs root likewise.
demo: build
	@scripts/install-dependencies test
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/demo.py $(ARGS)

# Prints ratios; needs root, and raises nf_conntrack_max for as long as it runs. ARGS=--brief: only to see that it runs.
bench: | build-folder
	@scripts/install-dependencies check
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill dump_bench
	@scripts/build-portable amd64
	@tests/bench/run.py $(ARGS) --exporter build/portable-amd64/conntrack_exporter build/release

# What a fleet costs one Prometheus, with hundreds of exporters on this machine: docs/fleet.md. Five minutes; ARGS="--nodes 100".
bench-fleet: | build-folder
	@scripts/install-dependencies test
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS) --target conntrack_exporter conntrack_fill
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/bench/fleet.py $(ARGS)

# Half an hour of scrapes over TLS beside new flows: whether each is answered in time, and memory stays: docs/limits.md. Needs
# root; ARGS="--seconds 300" for less.
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

# Each parser for FUZZ_SECONDS, with clang's libFuzzer.
FUZZ_SECONDS = 60
fuzz: | build-folder
	@scripts/install-dependencies check
	@cmake --preset asan >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset fuzz -j $(JOBS)
	@tests/fuzz/run.sh build/asan $(FUZZ_SECONDS)

# Takes the pictures of docs/images anew: of the status page, for which it fills a table of its own to nf_conntrack_max, and
# of the dashboards, for which it runs the laboratory. Needs root, node and npm as well: docs/dashboard-pictures.md.
pictures: | build-folder
	@scripts/install-dependencies check
	@scripts/render-dashboards --build
	@cmake --preset release -DCONNTRACK_BUILD_TESTS=ON >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
	@cmake --build --preset release -j $(JOBS)
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/live/take_pictures.py docs/images
	@CONNTRACK_EXPORTER=build/release/conntrack_exporter tests/lab/pictures.py docs/images

# The container image, with buildah: docs/container.md. PLATFORMS=linux/amd64,linux/arm64 makes an index of two;
# ARGS="--build-arg BUILD_BASE=..." passes flags of buildah on.
image:
	@PLATFORMS="$(PLATFORMS)" scripts/build-image $(ARGS)

clean:
	@rm -rf build

build-folder:
	@mkdir -p build
