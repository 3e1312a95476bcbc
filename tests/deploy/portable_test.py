#!/usr/bin/env python3
"""The static exporter: its packages, and that it runs in the root file systems of other distributions, and in an empty one.

Usage: portable_test.py [PACKAGES], as root, after `make test portable-packages`. PACKAGES is build/packages, or the folder that `make release` leaves: then
its other files are checked too. Debian's roots are made by mmdebstrap.
"""

import gzip
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[1:1] = [str(ROOT / "tests/live"), str(ROOT / "tests/kernels")]  # which has another machine.py

import binaries  # noqa: E402
import conntrack_list  # noqa: E402
import documentation  # noqa: E402
import lab  # noqa: E402
import mirror  # noqa: E402
import packages  # noqa: E402
import spdx  # noqa: E402
from elf import MACHINES, elf_machine  # noqa: E402
from exporter_process import FRESH, NETLINK, Exporter  # noqa: E402

PACKAGES = pathlib.Path(sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else ROOT / "build/packages").resolve()
MOST_BYTES = 11_000_000
SUITES = ("bullseye", "bookworm", "trixie", "sid")
ROOTS = ROOT / "build/roots"
# What the C library and OpenSSL would load modules for.
NSSWITCH = "hosts: resolve [!UNAVAIL=return] myhostname files dns\n"
OPENSSL = """openssl_conf = all
[all]
providers = providers
[providers]
default = on
legacy = on
[on]
activate = 1
"""


def from_tar(archive: pathlib.Path) -> dict[str, bytes]:
    """Files of a tarball without its first folder."""
    with tarfile.open(archive) as file:
        return {member.name.partition("/")[2]: file.extractfile(member).read() for member in file if member.isfile()}


def from_rpm(package: pathlib.Path, to: pathlib.Path) -> None:
    unpacked = subprocess.run(["rpm2cpio", package], check=True, capture_output=True).stdout
    words = ["cpio", "--extract", "--make-directories", "--no-absolute-filenames", "--quiet"]
    subprocess.run(words, cwd=to, input=unpacked, check=True)


def make_roots() -> None:
    """Small systems of Debian as archives in build/roots, which are kept."""
    ROOTS.mkdir(parents=True, exist_ok=True)
    for suite in SUITES:
        made = ROOTS / f"{suite}.tar"
        if made.exists():
            continue
        part = made.with_suffix(".part.tar")
        # A mirror of sid that is not updated each day is as good.
        subprocess.run(["mmdebstrap", "--quiet", "--variant=extract", "--include=?essential", "--include=openssl,libnss-resolve,libnss-myhostname",
                        "--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr", '--aptopt=Acquire::Check-Valid-Until "false"', suite, part, mirror.archive(suite)], check=True)  # fmt: skip
        part.rename(made)


class Artefacts(unittest.TestCase):
    """What `make portable-packages` leaves, for both architectures."""

    def setUp(self):
        self.tarballs = sorted(PACKAGES.glob("conntrack_exporter-*.linux-a*64.tar.gz"))
        self.rpms = sorted(PACKAGES.glob("conntrack-exporter-*.rpm"))
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_both_architectures_are_there(self):
        names = [path.name for path in (*self.tarballs, *self.rpms)]
        self.assertEqual([("amd64", "arm64"), ("aarch64", "x86_64")], [
            tuple(re.search(r"linux-(\w+)\.tar", path.name)[1] for path in self.tarballs),
            tuple(re.search(r"\.(\w+)\.rpm", path.name)[1] for path in self.rpms)], names)  # fmt: skip

    def test_binaries_are_for_the_architecture_in_the_name(self):
        for archive in self.tarballs:
            content = from_tar(archive)["conntrack_exporter"]
            self.assertEqual(MACHINES[re.search(r"linux-(\w+)\.tar", archive.name)[1]], elf_machine(content), archive.name)
            self.assertLessEqual(len(content), MOST_BYTES)
        for package in self.rpms:
            name = re.search(r"\.(\w+)\.rpm", package.name)[1]
            query = subprocess.run(["rpm", "-qp", "--qf", "%{ARCH}", package], check=True, capture_output=True, text=True)
            to = self.folder / name
            to.mkdir()
            from_rpm(package, to)
            content = (to / "usr/bin/conntrack_exporter").read_bytes()
            self.assertEqual((name, MACHINES[name]), (query.stdout, elf_machine(content)), package.name)

    def test_binaries_are_static_and_hardened(self):
        for archive in self.tarballs:
            program = self.folder / "program"
            program.write_bytes(from_tar(archive)["conntrack_exporter"])
            text = subprocess.run(["readelf", "-W", "-h", "-l", "-d", program], check=True, capture_output=True, text=True).stdout
            for part in (r"Type: +DYN", r"GNU_RELRO", r"\bNOW\b", r"\bPIE\b", r"GNU_STACK .* RW "):
                self.assertRegex(text, part, archive.name)
            for part in ("INTERP", "(NEEDED)", "TEXTREL"):
                self.assertNotIn(part, text, archive.name)
        for arch in ("amd64", "arm64"):  # with symbols
            words = ["nm", ROOT / f"build/portable-{arch}/conntrack_exporter"]
            symbols = subprocess.run(words, check=True, capture_output=True, text=True).stdout
            for name in ("__stack_chk_fail", "__memcpy_chk", "__fdelt_chk"):
                self.assertRegex(symbols, rf"(?m) {name}$", arch)

    def test_the_compiler_links_what_the_bill_of_materials_names(self):
        for arch, compiler in (("amd64", "x86_64-linux-gnu-g++"), ("arm64", "aarch64-linux-gnu-g++")):
            cache = (ROOT / f"build/portable-{arch}/CMakeCache.txt").read_text(encoding="utf-8")
            flags = re.search(r"^CMAKE_EXE_LINKER_FLAGS:\w+=(.*)$", cache, re.MULTILINE)[1]
            sysroot = ROOT / "build/sysroot" / arch
            base = [compiler, f"--sysroot={sysroot}", *flags.split()]
            for name in ("libc.a", "libm.a", "libstdc++.a", "libgcc.a", "libgcc_eh.a", "rcrt1.o", "crtbeginS.o"):
                found = subprocess.run([*base, f"-print-file-name={name}"], check=True, capture_output=True, text=True).stdout
                self.assertTrue(os.path.realpath(found.strip()).startswith(f"{sysroot}/"), found)

    def test_tarballs_do_not_depend_on_the_file_system(self):
        for archive in self.tarballs:
            with tarfile.open(archive) as file:
                names = file.getnames()
            self.assertEqual(sorted(names, key=lambda name: name.split("/")), names)
            self.assertEqual(archive.name.removesuffix(".tar.gz"), names[0])

    def test_the_architectures_differ_in_nothing_but_the_binary_and_its_libraries(self):
        one, other = map(from_tar, self.tarballs)
        self.assertEqual(set(one), set(other))
        self.assertEqual([], [name for name in one if one[name] != other[name] and name not in ("conntrack_exporter", "NOTICE")])

    def test_their_documentation_has_no_dead_link_and_no_empty_folder(self):
        for archive in self.tarballs:
            to = self.folder / archive.name
            with tarfile.open(archive) as file:
                file.extractall(to)  # which we made
            self.assertEqual([], documentation.faults(to), archive.name)
        for package in self.rpms:
            to = self.folder / package.name
            to.mkdir()
            from_rpm(package, to)
            self.assertEqual([], documentation.faults(to), package.name)
            page = gzip.decompress((to / "usr/share/man/man8/conntrack_exporter.8.gz").read_bytes()).decode()
            self.assertIn(".SH NAME", page)

    def test_rpmlint_finds_nothing_beyond_what_is_meant(self):
        done = subprocess.run(["rpmlint", "--config", ROOT / "deploy/rpm/rpmlint.toml", *self.rpms], capture_output=True, text=True, check=False)
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertIn("0 errors, 0 warnings", done.stdout)


@unittest.skipUnless((PACKAGES / "sha256sums.txt").exists(), f"{PACKAGES} is no release")
class Release(unittest.TestCase):
    """What `make release` leaves besides."""

    def names(self, pattern: str) -> list[str]:
        """What the star stands for."""
        expression = re.compile(re.escape(pattern).replace(r"\*", "(.+)") + "$")
        return sorted(match[1] for match in map(expression.match, os.listdir(PACKAGES)) if match)

    def test_the_checksums_are_of_all_files(self):
        subprocess.run(["sha256sum", "--quiet", "--check", "sha256sums.txt"], cwd=PACKAGES, check=True)
        listed = [line.split()[1] for line in (PACKAGES / "sha256sums.txt").read_text(encoding="ascii").splitlines()]
        self.assertEqual(sorted({*listed, "sha256sums.txt"}), sorted(os.listdir(PACKAGES)))

    def test_every_kind_of_file_is_there_for_both_architectures(self):
        (version,) = self.names("conntrack-exporter-chart-*.tgz")
        both = ["amd64", "arm64"]
        for pattern in (f"conntrack_exporter-{version}.linux-*.tar.gz", f"conntrack_exporter-{version}.linux-*.debug.tar.gz"):
            self.assertEqual(both, [name for name in self.names(pattern) if "." not in name], pattern)
        for pattern in (f"conntrack_exporter-{version}.linux-*.spdx.json", f"conntrack_exporter-{version}.image-*.spdx.json",
                        f"conntrack-exporter_{version}-1.deb12_*.deb", f"conntrack-exporter_{version}-1.deb13_*.deb"):  # fmt: skip
            self.assertEqual(both, self.names(pattern), pattern)
        self.assertEqual([version], self.names("conntrack_exporter-*.oci.tar"))
        self.assertEqual([version], self.names("conntrack-exporter-mixin-*.tar.gz"))

    def test_bills_of_materials_are_spdx(self):
        for name in self.names("*.spdx.json"):
            self.assertEqual([], spdx.faults(json.loads((PACKAGES / f"{name}.spdx.json").read_text(encoding="utf-8"))), name)

    def test_debian_packages_are_sound_and_for_the_architecture_in_the_name(self):
        for package in PACKAGES.glob("*.deb"):
            architecture = re.search(r"_(\w+)\.deb", package.name)[1]
            words = ["dpkg-deb", "--field", package, "Architecture"]
            self.assertEqual(architecture, subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip())
            packages.inspect(package)
            files = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
            with tarfile.open(fileobj=io.BytesIO(files)) as file:
                content = file.extractfile("./usr/bin/conntrack_exporter").read()
            self.assertEqual(MACHINES[architecture], elf_machine(content), package.name)

    def test_symbols_are_those_of_the_binary(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "program"
            for archive in PACKAGES.glob("*.debug.tar.gz"):
                program.write_bytes(from_tar(archive.with_name(archive.name.replace(".debug", "")))["conntrack_exporter"])
                notes = subprocess.run(["readelf", "--notes", program], check=True, capture_output=True, text=True).stdout
                build_id = re.search(r"Build ID: (\w\w)(\w+)", notes)
                self.assertEqual([f"lib/debug/.build-id/{build_id[1]}/{build_id[2]}.debug"], list(from_tar(archive)))

    def test_chart_and_mixin_have_what_git_knows(self):
        (chart,), (mixin,) = PACKAGES.glob("*-chart-*.tgz"), PACKAGES.glob("*-mixin-*.tar.gz")
        self.assertIn("Chart.yaml", from_tar(chart))
        self.assertIn("templates/daemonset.yaml", from_tar(chart))
        self.assertFalse([name for name in from_tar(chart) if name.startswith("ci/")], "Helm packs nothing that .helmignore names")
        for name in ("alerts/mixin.libsonnet", "alerts/rules/recording.libsonnet", "alerts/conntrack.rules.yml", "dashboards/mixin.libsonnet",
                     "dashboards/conntrack-node.json", "deploy/prometheus/prometheus.yml"):  # fmt: skip
            self.assertIn(name, from_tar(mixin))
        for archive in (chart, mixin):
            with tempfile.TemporaryDirectory() as folder, tarfile.open(archive) as file:
                file.extractall(folder)
                self.assertEqual([], documentation.faults(pathlib.Path(folder)), archive.name)

    def test_the_mixin_has_rules_and_dashboards(self):
        (mixin,) = PACKAGES.glob("*-mixin-*.tar.gz")
        with tempfile.TemporaryDirectory() as folder, tarfile.open(mixin) as file:
            file.extractall(folder)
            (top,) = pathlib.Path(folder).iterdir()
            program = "local mixin = import 'mixin.libsonnet'; mixin.allGroups + mixin.grafanaDashboards"
            made = subprocess.run(["jsonnet", "-J", top, "--exec", program], check=True, capture_output=True)
        self.assertLessEqual({"groups", "conntrack-node.json"}, json.loads(made.stdout).keys())

    def test_names_are_those_that_github_gives_and_all_may_read_the_files(self):
        for path in PACKAGES.iterdir():
            self.assertRegex(path.name, r"^[A-Za-z0-9][A-Za-z0-9._-]*$")  # GitHub replaces other characters
            self.assertEqual(0o644, path.stat().st_mode & 0o777, path.name)


class Running(unittest.TestCase):
    """On the file system of another system, with flows to count."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        os.chmod(self.folder, 0o755)
        self.root = self.folder / "root"
        self.namespace = lab.Namespace()
        self.addCleanup(self.namespace.close)

    def unpack(self, suite: str) -> None:
        self.root.mkdir()
        words = ["tar", "--extract", "--file", ROOTS / f"{suite}.tar", "--directory", self.root, "--exclude=./dev/*"]
        subprocess.run(words, check=True)
        (self.root / "etc/nsswitch.conf").write_text(NSSWITCH, encoding="ascii")
        (self.root / "etc/ssl/openssl.cnf").write_text(OPENSSL, encoding="ascii")

    def install(self) -> None:
        (self.root / "proc").mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "--types", "proc", "proc", self.root / "proc"], check=True)
        self.addCleanup(subprocess.run, ["umount", self.root / "proc"], check=True)
        program = from_tar(next(PACKAGES.glob("*.linux-amd64.tar.gz")))["conntrack_exporter"]
        (self.root / "conntrack_exporter").write_bytes(program)
        (self.root / "conntrack_exporter").chmod(0o755)
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        subprocess.run([*request, "-keyout", self.root / "key.pem", "-out", self.root / "cert.pem"], check=True, capture_output=True)
        (self.root / "web.yml").write_text("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n", encoding="ascii")

    def run_here(self, *words: str, check: bool = True) -> subprocess.CompletedProcess:
        return self.namespace.run("chroot", str(self.root), "/conntrack_exporter", *words, check=check)

    def check_that_it_runs(self) -> None:
        self.assertIn("libraries: static: glibc ", self.run_here("--version").stdout)
        self.namespace.run(binaries.conntrack_fill(), "--count=300", "--profile=mixed", "--timeout=3600")
        listed = conntrack_list.by_state(conntrack_list.flows(self.namespace))
        program = ("chroot", str(self.root), "/conntrack_exporter")
        with Exporter(self.namespace, *FRESH, NETLINK, program=program) as exporter:
            scrape = exporter.scrape_sampled()
            served = scrape.by("conntrack_flows", "family", "protocol", "flow_state")
            self.assertEqual(listed, {key: value for key, value in served.items() if value})
            self.run_here("healthcheck", f"--url=http://localhost:{exporter.port}")
        self.assertIn("300 flows read", self.run_here("report").stdout)
        # Names that files do not have lead to modules where the system has them.
        unknown = self.run_here("healthcheck", "--url=http://exporter.invalid:10318", check=False)
        self.assertEqual(1, unknown.returncode, unknown.stderr)
        self.assertIn("looking up exporter.invalid", unknown.stderr)
        with Exporter(self.namespace, "--web.config.file=/web.yml", program=program) as exporter:
            url = f"https://127.0.0.1:{exporter.port}/metrics"
            self.assertIn("conntrack_entries ", self.namespace.run("curl", "--silent", "--insecure", url).stdout)
            self.run_here("healthcheck", f"--url=https://localhost:{exporter.port}")

    def test_on_no_files_at_all(self):
        self.install()
        self.check_that_it_runs()

    def test_on_the_files_of_debian(self):
        for suite in SUITES:
            with self.subTest(suite):
                self.doCleanups()
                self.setUp()
                self.unpack(suite)
                self.install()
                self.check_that_it_runs()


if __name__ == "__main__":
    missing = [tool for tool in ("conntrack", "cpio", "curl", "lintian", "mmdebstrap", "openssl", "readelf", "rpm", "rpmlint") if not shutil.which(tool)]
    if os.geteuid() != 0:
        sys.exit("FAILED: run as root")
    if missing:
        sys.exit(f"FAILED: missing: {', '.join(missing)}; scripts/install-dependencies deploy installs them")
    if not lab.inside():
        make_roots()  # while there is a network
    lab.enter()
    unittest.main(argv=[sys.argv[0], "--verbose"])
