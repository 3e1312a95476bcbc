#!/usr/bin/env python3
"""The image, run as a container in a network namespace that stands for the host's.

Usage: image_test.py FOLDER    with what build_image.sh leaves; as root
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import select
import signal
import stat
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/live"))

import conntrack_list  # noqa: E402
import container_engine  # noqa: E402
import spdx  # noqa: E402
from elf import MACHINES, elf_machine  # noqa: E402
from exposition import Exposition  # noqa: E402
from live import LiveTest  # noqa: E402

BUILT = pathlib.Path(sys.argv[1] if __name__ == "__main__" and len(sys.argv) > 1 else "build/image")
MOST = 11_000_000  # bytes
PORT = 10318
NET_ADMIN = 1 << 12
BINARY = "/usr/bin/conntrack_exporter"
# As a careful operator runs it.
CONFINED = ("--cap-drop=all", "--read-only", "--security-opt=no-new-privileges")
ALLOWED = (*CONFINED, "--cap-add=NET_ADMIN")
PATIENCE = 180  # seconds

# The table is that of the test's own traffic: asking the exporter is left out of it.
RULES = """
table inet tracked {{
  chain raw-in {{ type filter hook prerouting priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain raw-out {{ type filter hook output priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain in {{ type filter hook input priority filter; ct state new accept; }}
}}
"""
# Some flows of every kind; the sockets are gone when it has ended, the flows are not.
TRAFFIC = """
import socket
for host, family in (("127.0.0.1", socket.AF_INET), ("::1", socket.AF_INET6)):
    server = socket.create_server((host, 8080), family=family)
    silent = socket.socket(family, socket.SOCK_DGRAM)
    silent.bind((host, 8053))
    for number in range(7):
        with socket.create_connection((host, 8080)) as client:
            accepted, _ = server.accept()
            accepted.close()
    for number in range(11):
        with socket.socket(family, socket.SOCK_DGRAM) as client:
            client.sendto(b"?", (host, 8053))
            if number % 2:
                silent.sendto(b"!", silent.recvfrom(9)[1])
            else:
                silent.recvfrom(9)
"""


class ImageTest(LiveTest):
    """Gives each class an engine that has the image."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.engine = container_engine.Engine()
        cls.addClassCleanup(cls.engine.close)
        cls.image = cls.engine.load(str(BUILT / "image.tar"))

    def start_container(self, *words: str, how: tuple[str, ...] = ALLOWED) -> str:
        """A container that serves; it goes with the test."""
        container = self.engine.start(self.namespace, self.image, *words, how=how)
        self.addCleanup(self.engine.podman, "rm", "--force", "--time=0", container, check=False)
        return container

    def get(self, url: str = f"http://127.0.0.1:{PORT}/metrics", container: str | None = None) -> str:
        """The body, as soon as somebody answers."""
        end = time.monotonic() + PATIENCE
        while True:
            done = self.namespace.run("curl", "--silent", "--fail", "--insecure", "--max-time", "60", url, check=False)
            if done.returncode == 0:
                return done.stdout
            if time.monotonic() > end:
                log = self.engine.podman("logs", container).stderr if container else ""
                raise AssertionError(f"{url}: curl ends with {done.returncode}\n{log}")
            time.sleep(0.05)

    def status(self, container: str) -> dict[str, str]:
        """/proc/PID/status of its process."""
        pid = self.engine.inspect("container", container)["State"]["Pid"]
        lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return {key: value.strip() for key, _, value in (line.partition(":") for line in lines)}


class Contents(ImageTest):
    def setUp(self):
        self.root = self.engine.files(self.image)

    def test_it_is_small(self):
        size = self.engine.inspect("image", self.image)["Size"]
        print(f"the image has {size:,} bytes, {size / 1e6:.1f} MB, of at most {MOST:,}", file=sys.stderr)
        self.assertLessEqual(size, MOST)

    def test_nothing_can_be_run_but_the_exporter(self):
        executable, special = [], []
        for path in self.root.rglob("*"):
            mode = path.lstat().st_mode
            name = "/" + str(path.relative_to(self.root))
            if stat.S_ISREG(mode) and mode & 0o111 and ".so" not in path.name:
                executable.append(name)
            if mode & (stat.S_ISUID | stat.S_ISGID) or (mode & stat.S_IWOTH and not stat.S_ISLNK(mode)):
                special.append(name)
        self.assertEqual([BINARY], executable)
        self.assertEqual([], special)
        shell = self.engine.run(self.namespace, self.image, "-c", "true", how=("--entrypoint=/bin/sh",), check=False)
        self.assertEqual(127, shell.returncode, shell.stderr)

    def test_the_capabilities_are_permitted_and_not_effective(self):
        found = subprocess.run(["getcap", self.root / BINARY[1:]], capture_output=True, text=True, check=True).stdout
        names, _, flags = found.split()[-1].partition("=")
        self.assertEqual("p", flags)
        self.assertEqual({"cap_net_admin", "cap_bpf", "cap_perfmon", "cap_syslog"}, set(names.split(",")))

    def test_the_user_has_a_number_and_a_name(self):
        config = self.engine.inspect("image", self.image)["Config"]
        self.assertEqual("65532:65532", config["User"])
        self.assertIn("conntrack-exporter:x:65532:65532:", (self.root / "etc/passwd").read_text(encoding="ascii"))
        self.assertIn("conntrack-exporter:x:65532:", (self.root / "etc/group").read_text(encoding="ascii"))

    def test_what_is_said_of_it(self):
        config = self.engine.inspect("image", self.image)["Config"]
        self.assertEqual([f"{PORT}/tcp"], list(config["ExposedPorts"]))
        self.assertEqual([BINARY], config["Entrypoint"])
        self.assertEqual(["CMD", BINARY, "healthcheck"], self.engine.inspect("image", self.image)["Healthcheck"]["Test"])
        labels = {key.removeprefix("org.opencontainers.image."): value for key, value in config["Labels"].items()}
        self.assertEqual("GPL-3.0-or-later", labels["licenses"])
        version = self.engine.run(self.namespace, self.image, "--version").stdout
        self.assertIn(f"version {labels['version']} (revision: {labels['revision']})", version)
        self.assertIn("IPv6", version)
        for name in ("title", "description", "vendor", "url", "source", "documentation", "created"):
            self.assertTrue(labels.get(name), name)

    def test_scanners_find_the_packages_of_the_libraries(self):
        found = {path.name: path.read_text(encoding="utf-8") for path in (self.root / "var/lib/dpkg/status.d").iterdir()}
        self.assertIn("libssl-dev", found)
        notice = (self.root / "usr/share/doc/conntrack_exporter/NOTICE").read_text(encoding="utf-8")
        for name, text in found.items():
            self.assertIn(f"Package: {name}\n", text)
            version = re.search(r"^Version: (\S+)$", text, re.MULTILINE)[1]
            source = re.search(r"^Source: (\S+)(?: \((.+)\))?$", text, re.MULTILINE)
            self.assertIn(f"{source[1]} {source[2] or version}" if source else f"{name} {version}", notice)
        self.assertIn("ID=debian", (self.root / "etc/os-release").read_text(encoding="utf-8"))


@unittest.skipUnless(list(BUILT.glob("*.oci.tar")), "the image was built for one architecture")
class Index(unittest.TestCase):
    """Of both architectures, as an OCI archive."""

    def test_each_image_is_for_the_platform_that_the_index_says(self):
        (archive,) = BUILT.glob("conntrack_exporter-*.oci.tar")
        with tarfile.open(archive) as file:

            def blob(entry: dict) -> bytes:
                return file.extractfile(f"./blobs/{entry['digest'].replace(':', '/')}").read()

            index = json.load(file.extractfile("./index.json"))
            name = index["manifests"][0]["annotations"]["org.opencontainers.image.ref.name"]
            self.assertRegex(name, r"^ghcr\.io/conntrack-exporter/conntrack_exporter:\d")
            if len(index["manifests"]) == 1:  # an index of its own is within that of the archive
                index = json.loads(blob(index["manifests"][0]))
            self.assertEqual({"amd64", "arm64"}, {entry["platform"]["architecture"] for entry in index["manifests"]})
            for entry in index["manifests"]:
                architecture = entry["platform"]["architecture"]
                manifest = json.loads(blob(entry))
                config = json.loads(blob(manifest["config"]))
                self.assertEqual((architecture, "linux"), (config["architecture"], config["os"]))
                self.assertFalse(config.get("history"), "buildah's history has IDs that differ with each build")
                with tarfile.open(fileobj=io.BytesIO(blob(manifest["layers"][-1]))) as layer:
                    program = layer.extractfile("usr/bin/conntrack_exporter").read()
                self.assertEqual(MACHINES[architecture], elf_machine(program))


class BillOfMaterials(ImageTest):
    def setUp(self):
        self.document = json.loads((BUILT / "amd64/sbom.spdx.json").read_text(encoding="utf-8"))
        self.packages = {entry["name"]: entry for entry in self.document["packages"]}

    def related(self, how: str) -> dict[str, set[str]]:
        """What is related in this way to each thing."""
        found: dict[str, set[str]] = {}
        for entry in self.document["relationships"]:
            if entry["relationshipType"] == how:
                found.setdefault(entry["spdxElementId"], set()).add(entry["relatedSpdxElement"])
        return found

    def test_it_is_spdx(self):
        self.assertEqual([], spdx.faults(self.document))

    def test_every_file_of_the_image_is_in_it_as_it_is(self):
        root = self.engine.files(self.image)
        there = {
            f"./{path.relative_to(root)}": hashlib.sha256(path.read_bytes()).hexdigest()
            for path in root.rglob("*")
            if path.is_file() and not path.is_symlink()
        }
        said = {entry["fileName"]: entry["checksums"][1]["checksumValue"] for entry in self.document["files"]}
        self.assertEqual(there, said)

    def test_every_library_is_of_the_version_that_scanners_are_told(self):
        folder = self.engine.files(self.image) / "var/lib/dpkg/status.d"
        names = {entry["SPDXID"]: entry["name"] for entry in self.document["packages"]}
        linked = {names[one] for one in self.related("STATIC_LINK")[self.packages["conntrack_exporter"]["SPDXID"]]}
        self.assertEqual(linked, {path.name for path in folder.iterdir()} | {"civetweb", "prometheus-cpp"})
        for path in folder.iterdir():
            self.assertIn(f"\nVersion: {self.packages[path.name]['versionInfo']}\n", path.read_text(encoding="utf-8"))

    def test_what_is_compiled_in_is_named(self):
        compiled = self.related("STATIC_LINK")[self.packages["conntrack_exporter"]["SPDXID"]]
        for name in ("civetweb", "prometheus-cpp", "libssl-dev", "libcli11-dev", "libexpected-dev", "libxxhash-dev", "nlohmann-json3-dev"):
            self.assertIn(self.packages[name]["SPDXID"], compiled)


class Serving(ImageTest):
    def test_flows_are_those_of_the_namespace(self):
        self.namespace.nft(RULES.format(port=PORT))
        self.namespace.run("sysctl", "-qw", "net.netfilter.nf_conntrack_tcp_timeout_time_wait=600")
        self.namespace.run("sysctl", "-qw", "net.netfilter.nf_conntrack_udp_timeout=600")
        self.namespace.run(sys.executable, "-c", TRAFFIC)
        container = self.start_container("--collector.flows.cpu-share=1", "--collector.flows.max-softirq-hold=60000")
        scrape = Exposition(self.get(container=container))
        listed = conntrack_list.by_state(conntrack_list.flows(self.namespace))
        served = {key: value for key, value in scrape.by("conntrack_flows", "family", "protocol", "flow_state").items() if value}
        print(f"conntrack -L: {sorted(listed.items())}", file=sys.stderr)
        self.assertEqual(listed, served)
        self.assertEqual(7, listed[("ipv6", "tcp", "TIME_WAIT")])
        self.assertEqual(sum(listed.values()), scrape.value("conntrack_entries"))
        self.assertEqual(scrape.value("conntrack_stat_source_info", via="ctnetlink"), 1)

    def test_the_process_has_one_capability_and_no_more(self):
        container = self.start_container()
        self.get(container=container)
        status = self.status(container)
        self.assertEqual({"65532"}, set(status["Uid"].split() + status["Gid"].split()))
        self.assertEqual(NET_ADMIN, int(status["CapEff"], 16))
        self.assertEqual(NET_ADMIN, int(status["CapPrm"], 16))
        self.assertEqual(0, int(status["CapAmb"], 16))
        self.assertEqual("1", status["NoNewPrivs"])
        self.assertEqual("2", status["Seccomp"])

    def test_with_bpf_it_walks_the_table_and_keeps_one_capability(self):
        if not os.path.exists("/sys/kernel/btf/vmlinux"):
            print("SKIPPED: this kernel has no BTF: flows by BPF are not tried", file=sys.stderr)
            self.skipTest("no BTF")
        self.namespace.nft(RULES.format(port=PORT))
        self.namespace.run(sys.executable, "-c", TRAFFIC)
        # Podman's own filter lets bpf(2) through for CAP_SYS_ADMIN alone, in Debian 12.
        more = ("--cap-add=BPF", "--cap-add=PERFMON", "--cap-add=SYSLOG", "--security-opt=seccomp=unconfined")
        container = self.start_container("--collector.flows.source=bpf", how=(*ALLOWED, *more))
        scrape = Exposition(self.get(container=container))
        self.assertEqual(1, scrape.value("conntrack_flows_source_info", via="bpf", why_not_bpf=""))
        self.assertGreater(sum(scrape.by("conntrack_flows", "family", "protocol", "flow_state").values()), 0)
        status = self.status(container)
        self.assertEqual((NET_ADMIN, NET_ADMIN), (int(status["CapEff"], 16), int(status["CapPrm"], 16)))
        self.assertEqual({"65532"}, set(status["Uid"].split()))

    def test_without_the_capability_it_serves_and_says_what_is_missing(self):
        container = self.start_container(how=CONFINED)
        scrape = Exposition(self.get(container=container))
        success = scrape.by("conntrack_scrape_collector_success", "collector")
        self.assertEqual((1, 1, 0), (success["table"], success["stat"], success["flows"]))
        self.assertNotIn("conntrack_flows", scrape.names())
        self.assertIn("CAP_NET_ADMIN is missing", self.engine.podman("logs", container).stderr)
        self.assertEqual(0, int(self.status(container)["CapPrm"], 16))

    def test_ipv6_tls_and_a_name_to_listen_on_work_without_any_file_of_a_distribution(self):
        folder = pathlib.Path(self.enterContext(_readable_folder()))
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
            + ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
            check=True,
            capture_output=True,
        )
        (folder / "key.pem").chmod(0o644)
        (folder / "web.yml").write_text("tls_server_config: {cert_file: cert.pem, key_file: key.pem}\n", encoding="ascii")
        container = self.start_container(
            "--web.config.file=/web/web.yml",
            "--web.listen-address=localhost:10319",
            "--web.listen-address=[::1]:10319",
            how=(*ALLOWED, f"--volume={folder}:/web:ro"),
        )
        for host in ("127.0.0.1", "[::1]"):
            self.assertIn("conntrack_entries ", self.get(f"https://{host}:10319/metrics", container))

    def test_the_health_check_of_the_image(self):
        container = self.start_container()
        self.get(container=container)
        command = self.engine.inspect("image", self.image)["Healthcheck"]["Test"][1:]
        self.engine.podman("exec", container, *command)  # exit code 0
        self.engine.podman("stop", container)
        alone = self.engine.run(self.namespace, self.image, *command[1:], how=ALLOWED, check=False)
        self.assertEqual(1, alone.returncode, alone.stderr)
        self.assertIn("remedy:", alone.stderr)

    def test_sigterm_stops_it(self):
        container = self.start_container()
        self.get(container=container)
        pid = self.engine.inspect("container", container)["State"]["Pid"]
        waiting = os.pidfd_open(pid)
        began = time.monotonic()
        os.kill(pid, signal.SIGTERM)
        poller = select.poll()
        poller.register(waiting, select.POLLIN)
        self.assertTrue(poller.poll(1000 * PATIENCE), f"it still runs {PATIENCE} s after SIGTERM")
        print(f"it stopped {time.monotonic() - began:.3f} s after SIGTERM", file=sys.stderr)
        os.close(waiting)
        self.assertEqual("0", self.engine.podman("wait", container).stdout.strip())


class OtherEngines(ImageTest):
    """What reaches a process of another user differs by engine; runc is told what they tell it."""

    def flows_with(self, capabilities: dict, no_new_privs: bool) -> list[str]:
        """The words of the line that `check` has on flows."""
        words = [BINARY, "check"]
        done = self.engine.runc(self.image, self.namespace, words, 65532, capabilities, no_new_privs)
        self.assertIn("ok           table", done.stdout, done.stderr)
        return next(line.split() for line in done.stdout.splitlines() if line.split()[1:2] == ["flows"])

    def check_with(self, capabilities: dict, no_new_privs: bool) -> str:
        return self.flows_with(capabilities, no_new_privs)[0]

    def source_with(self, *names: str, sets: tuple[str, ...], no_new_privs: bool) -> str:
        return self.flows_with({key: [f"CAP_{name}" for name in names] for key in sets}, no_new_privs)[-1]

    def test_docker_leaves_the_bounding_set_alone(self):
        bounding = {"bounding": ["CAP_NET_ADMIN"]}
        self.assertEqual("ok", self.check_with(bounding, no_new_privs=False))
        self.assertEqual("denied", self.check_with(bounding, no_new_privs=True))

    def test_containerd_and_cri_o_have_it_permitted_before(self):
        sets = {key: ["CAP_NET_ADMIN"] for key in ("bounding", "effective", "permitted")}
        self.assertEqual("ok", self.check_with(sets, no_new_privs=False))
        self.assertEqual("ok", self.check_with(sets, no_new_privs=True))

    def test_bpf_is_reached_by_the_same_ways(self):
        if not os.path.exists("/sys/kernel/btf/vmlinux"):
            self.skipTest("no BTF")
        docker, containerd = ("bounding",), ("bounding", "effective", "permitted")
        names = ("NET_ADMIN", "BPF", "PERFMON", "SYSLOG")
        self.assertEqual("bpf", self.source_with(*names, sets=docker, no_new_privs=False))
        self.assertEqual("bpf", self.source_with(*names, sets=containerd, no_new_privs=True))
        self.assertEqual("ctnetlink", self.source_with("NET_ADMIN", "BPF", sets=docker, no_new_privs=False))

    def test_nothing_is_given(self):
        self.assertEqual("denied", self.check_with({}, no_new_privs=True))


@contextlib.contextmanager
def _readable_folder():
    """One that the user of the image may enter."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield folder


if __name__ == "__main__":
    container_engine.required("podman", "runc", "conntrack", "nft", "curl", "openssl", "getcap")
    unittest.main(argv=[sys.argv[0], "--verbose"])
