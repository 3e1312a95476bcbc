"""Where the exporter listens: every form of --web.listen-address, with curl as the client; and systemd's sockets."""

import ctypes
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

import binaries
import lab
import processes
from exporter_process import Exporter
from exposition import Exposition
from live import LiveTest
from web_config import TLS, WebConfigTest

_PATIENCE = 120  # seconds
_PORT = 10318
_NETWORK = """
    ip link add veth0 type veth peer name veth1
    ip link set veth0 up
    ip link set veth1 up
    ip addr add 10.9.8.1/24 dev veth0
    ip addr add fe80::98%d/64 dev veth0 nodad
    ip addr add fd00:98::1/64 dev veth0 nodad
"""


def features() -> str:
    version = subprocess.run([binaries.exporter(), "--version"], capture_output=True, text=True, check=True).stdout
    return next(line for line in version.splitlines() if "features:" in line)


class Listening(Exporter):
    """An exporter that listens on `addresses` and nowhere else."""

    def __init__(self, namespace, *addresses: str, program: tuple[str, ...] = (), flags: tuple[str, ...] = ()):
        # Exporter adds an address of its own, on which it is asked how it is; it must not be in the way.
        words = [f"--web.listen-address={address}" for address in addresses]
        super().__init__(namespace, *words, *flags, program=program)

    def listening(self) -> set[str]:
        lines = (line for line in self.log().splitlines() if 'msg="listening"' in line)
        return {line.split("address=")[1].split()[0].strip('"') for line in lines}

    def urls(self) -> list[str]:
        """Those that the log names for somebody on this machine."""
        return re.findall(r'msg="listening".* url="?([^\s"]+)', self.log())


class ListenersTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for line in (_NETWORK % 1).strip().splitlines():
            cls.namespace.run(*line.split())

    def need_ipv6(self) -> None:
        if "without IPv6" in features():
            lab.skip("this build's CivetWeb has no IPv6 (CONNTRACK_CIVETWEB=system)")

    def serve(self, *addresses: str, **how) -> Listening:
        exporter = Listening(self.namespace, *addresses, **how)
        self.addCleanup(exporter.close)
        return exporter

    def curl(self, *words: str) -> int:
        """The status of GET /metrics; 0 where nobody answers."""
        done = self.namespace.run(
            "curl", "--silent", "--globoff", "--noproxy", "*", "--max-time", str(_PATIENCE), "--output", "/dev/null",
            "--write-out", "%{http_code}", *words, check=False)  # fmt: skip
        return int(done.stdout)

    def refused(self, *flags: str) -> str:
        """The log of a start that ends with exit code 2."""
        done = self.namespace.run(binaries.exporter(), *flags, check=False)
        self.assertEqual(2, done.returncode, done.stderr)
        return done.stderr

    def refused_addresses(self, *addresses: str) -> str:
        return self.refused(*(f"--web.listen-address={address}" for address in addresses))


class Forms(ListenersTest):
    def test_a_port_is_every_address_of_both_families(self):
        self.need_ipv6()
        exporter = self.serve(f":{_PORT}")
        self.assertIn(f"[::]:{_PORT}", exporter.listening())
        self.assertIn(f"http://localhost:{_PORT}/metrics", exporter.urls())
        for url in ("127.0.0.1", "10.9.8.1", "[::1]", "[fd00:98::1]", "[fe80::981%25veth0]"):
            with self.subTest(url):
                self.assertEqual(200, self.curl(f"http://{url}:{_PORT}/metrics"))
        self.assertEqual(200, self.curl("-4", f"http://localhost:{_PORT}/metrics"))
        self.assertEqual(200, self.curl("-6", f"http://ip6-localhost:{_PORT}/metrics", "--resolve",
                                        f"ip6-localhost:{_PORT}:::1"))  # fmt: skip

    def test_ipv4_address(self):
        exporter = self.serve(f"10.9.8.1:{_PORT}")
        self.assertIn(f"http://10.9.8.1:{_PORT}/metrics", exporter.urls())
        self.assertEqual(200, self.curl(f"http://10.9.8.1:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://127.0.0.1:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://[::1]:{_PORT}/metrics"))

    def test_ipv6_address(self):
        self.need_ipv6()
        self.serve(f"[fd00:98:0::1]:{_PORT}")
        self.assertEqual(200, self.curl(f"http://[fd00:98::1]:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://[::1]:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://127.0.0.1:{_PORT}/metrics"))

    def test_link_local_address_with_its_interface(self):
        self.need_ipv6()
        exporter = self.serve(f"[fe80::981%veth0]:{_PORT}")
        self.assertIn(f"[fe80::981%veth0]:{_PORT}", exporter.listening())
        self.assertEqual(200, self.curl(f"http://[fe80::981%25veth0]:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://[::1]:{_PORT}/metrics"))
        self.namespace.run(binaries.exporter(), f"--web.listen-address=[fe80::981%veth0]:{_PORT}", "healthcheck")

    def test_name(self):
        self.serve(f"localhost:{_PORT}")
        self.assertEqual(200, self.curl(f"http://127.0.0.1:{_PORT}/metrics"))

    def test_name_that_is_ipv6_only(self):
        self.need_ipv6()
        hosts = tempfile.NamedTemporaryFile("w", suffix=".hosts")
        self.addCleanup(hosts.close)
        hosts.write("fd00:98::1 only-six.example\n")
        hosts.flush()
        over_hosts = ("unshare", "--mount", "sh", "-c", f"mount --bind {hosts.name} /etc/hosts && exec \"$@\"", "sh")
        exporter = self.serve(f"only-six.example:{_PORT}", program=(*over_hosts, binaries.exporter()))
        self.assertIn(f"[fd00:98::1]:{_PORT}", exporter.listening())
        self.assertEqual(200, self.curl(f"http://[fd00:98::1]:{_PORT}/metrics"))

    def test_several_at_once(self):
        self.need_ipv6()
        exporter = self.serve(f"10.9.8.1:{_PORT}", f"[::1]:{_PORT}", f"[fd00:98::1]:{_PORT + 1}")
        self.assertLess({f"10.9.8.1:{_PORT}", f"[::1]:{_PORT}", f"[fd00:98::1]:{_PORT + 1}"}, exporter.listening())
        self.assertEqual(200, self.curl(f"http://10.9.8.1:{_PORT}/metrics"))
        self.assertEqual(200, self.curl(f"http://[::1]:{_PORT}/metrics"))
        self.assertEqual(200, self.curl(f"http://[fd00:98::1]:{_PORT + 1}/metrics"))
        self.assertEqual(0, self.curl(f"http://[fd00:98::1]:{_PORT}/metrics"))

    def test_both_families_by_their_own_wildcards(self):
        self.need_ipv6()
        self.serve(f"0.0.0.0:{_PORT}", f"[::]:{_PORT}")
        self.assertEqual(200, self.curl(f"http://10.9.8.1:{_PORT}/metrics"))
        self.assertEqual(200, self.curl(f"http://[fd00:98::1]:{_PORT}/metrics"))

    def test_a_scrape_over_ipv6_is_whole(self):
        self.need_ipv6()
        self.serve(f"[::1]:{_PORT}")
        page = self.namespace.run(
            "curl", "--silent", "--fail", "--globoff", "--compressed", "--header",
            "Accept: application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3", "--header",
            f"X-Prometheus-Scrape-Timeout-Seconds: {_PATIENCE}", f"http://[::1]:{_PORT}/metrics").stdout  # fmt: skip
        self.assertTrue(page.endswith("# EOF\n"))
        self.assertIn("\nconntrack_entries 0", page)


class Refusals(ListenersTest):
    def test_an_address_given_twice(self):
        self.assertIn("10.9.8.1:10318: this address is given twice",
                      self.refused_addresses("10.9.8.1:10318", "10.9.8.1:10318"))  # fmt: skip

    def test_addresses_that_overlap(self):
        for one, other in ((":10318", "10.9.8.1:10318"), ("10.9.8.1:10318", ":10318"),
                           ("0.0.0.0:10318", "10.9.8.1:10318")):  # fmt: skip
            self.assertIn(f"listening on {other}: {one}, given as well, includes it", self.refused_addresses(one, other))

    def test_ipv6_addresses_that_overlap(self):
        self.need_ipv6()
        self.assertIn("[fd00:98:0::1]:10318: [fd00:98::1]:10318, given as well",
                      self.refused_addresses("[fd00:98::1]:10318", "[fd00:98:0::1]:10318"))  # fmt: skip
        self.assertIn("[::1]:10318: :10318, given as well", self.refused_addresses(":10318", "[::1]:10318"))

    def test_what_is_no_address_of_this_host(self):
        self.need_ipv6()
        self.assertIn("no interface of this host", self.refused_addresses("[fd00:99::1]:10318"))
        self.assertIn("needs its interface", self.refused_addresses("[fe80::981]:10318"))
        self.assertIn("no such interface", self.refused_addresses("[fe80::981%nowhere]:10318"))

    def test_ipv6_without_ipv6_in_civetweb_names_the_remedy(self):
        if "without IPv6" not in features():
            self.skipTest("this build has it")
        self.assertIn("scripts/fetch-sources", self.refused_addresses("[::1]:10318"))


class WithoutIpv6(ListenersTest):
    """Addresses of IPv6 switched off by sysctl, and a kernel that has no IPv6 at all."""

    def test_switched_off_by_sysctl(self):
        for name in ("all", "default", "lo"):
            self.namespace.run("sh", "-c", f"echo 1 >/proc/sys/net/ipv6/conf/{name}/disable_ipv6")
        self.addCleanup(self.namespace.run, "sh", "-c",
                        "for name in all default lo; do echo 0 >/proc/sys/net/ipv6/conf/$name/disable_ipv6; done")  # fmt: skip
        self.serve(f":{_PORT}")
        self.assertEqual(200, self.curl(f"http://10.9.8.1:{_PORT}/metrics"))
        self.assertEqual(0, self.curl(f"http://[::1]:{_PORT}/metrics"))
        self.refused_addresses("[::1]:10319")

    def test_a_kernel_without_it(self):
        program = (sys.executable, __file__, binaries.exporter())
        exporter = self.serve(f":{_PORT}", program=program)
        self.assertIn(f"0.0.0.0:{_PORT}", exporter.listening())
        self.assertEqual(200, self.curl(f"http://10.9.8.1:{_PORT}/metrics"))
        if "without IPv6" not in features():
            done = self.namespace.run(*program, "--web.listen-address=[::1]:10319", check=False)
            self.assertEqual(2, done.returncode, done.stderr)
            self.assertIn("this kernel runs without IPv6", done.stderr)


def activated(test: LiveTest, *words: str, sockets: tuple[str, ...]) -> tuple[subprocess.Popen, pathlib.Path]:
    """systemd-socket-activate opens the sockets and starts the exporter at the first connection, as a socket unit does.
    Yields the process and its log."""
    program = shutil.which("systemd-socket-activate")
    if not program:
        lab.skip("no systemd-socket-activate (package systemd)")
    log = tempfile.NamedTemporaryFile(suffix=".log")
    test.addCleanup(log.close)
    listen = [f"--listen={socket}" for socket in sockets]
    with test.namespace.entered():
        process = processes.start_for(test, [program, *listen, binaries.exporter(), *words], stderr=log)
    return process, pathlib.Path(log.name)


class TlsOverIpv6(WebConfigTest):
    def setUp(self):
        if "without IPv6" in features():
            lab.skip("this build's CivetWeb has no IPv6 (CONNTRACK_CIVETWEB=system)")
        self.authority.issue("server", "IP:::1", "IP:127.0.0.1")

    def metrics(self, *flags: str) -> str:
        return self.namespace.run(
            "curl", "--silent", "--globoff", "--cacert", self.authority.certificate, "--max-time", str(_PATIENCE), *flags,
            f"https://[::1]:{_PORT}/metrics", check=False).stdout  # fmt: skip

    def test_a_certificate_for_an_ipv6_address(self):
        self.serve(TLS, f"--web.listen-address=[::1]:{_PORT}")
        self.assertIn("conntrack_entries", Exposition(self.metrics()).names())

    def test_systemds_socket(self):
        process, log = activated(self, "--web.systemd-socket", f"--web.config.file={self.configure(TLS)}",
                                 sockets=(f"[::1]:{_PORT}",))  # fmt: skip
        self.eventually(lambda: "conntrack_entries" in self.metrics(), "an answer")
        process.terminate()
        self.assertEqual(0, process.wait(_PATIENCE), log.read_text())


class SystemdSocket(ListenersTest):
    def knock(self) -> None:
        """Connects, as soon as somebody listens, and waits for no answer."""
        with self.namespace.entered():
            processes.start_for(self, ["curl", "--silent", "--retry-connrefused", "--retry", str(_PATIENCE), "--retry-delay", "1",
                                       f"http://127.0.0.1:{_PORT}/metrics"])  # fmt: skip

    def eventually(self, *words: str) -> None:
        end = time.monotonic() + _PATIENCE
        while self.curl(*words) != 200:
            self.assertLess(time.monotonic(), end)
            time.sleep(0.1)

    def test_its_sockets_are_served(self):
        if "systemd sockets" not in features():
            lab.skip("this build's CivetWeb takes no inherited sockets (CONNTRACK_CIVETWEB=system)")
        process, log = activated(self, "--web.systemd-socket", sockets=(f"[::]:{_PORT}", f"10.9.8.1:{_PORT + 1}"))
        self.eventually(f"http://[::1]:{_PORT}/metrics")
        self.eventually(f"http://10.9.8.1:{_PORT}/metrics")
        self.eventually(f"http://10.9.8.1:{_PORT + 1}/metrics")
        self.assertIn(f"address=[::]:{_PORT}", log.read_text())
        self.assertIn(f"address=10.9.8.1:{_PORT + 1}", log.read_text())
        process.terminate()
        self.assertEqual(0, process.wait(_PATIENCE), log.read_text())

    def test_a_build_that_cannot_says_so(self):
        if "systemd sockets" in features():
            self.skipTest("this build can")
        process, log = activated(self, "--web.systemd-socket", sockets=(f"127.0.0.1:{_PORT}",))
        self.knock()
        self.assertEqual(2, process.wait(_PATIENCE))
        self.assertIn("systemd-socket-proxyd", log.read_text())

    def test_sockets_without_the_flag_are_named_in_the_log(self):
        _, log = activated(self, f"--web.listen-address=127.0.0.1:{_PORT + 1}", sockets=(f"127.0.0.1:{_PORT}",))
        self.knock()
        self.eventually(f"http://127.0.0.1:{_PORT + 1}/metrics")
        self.assertIn("--web.systemd-socket is not set", log.read_text())

    def test_the_flag_without_sockets_is_refused(self):
        self.assertIn("no socket was passed", self.refused("--web.systemd-socket"))
        self.assertIn("excludes", self.refused("--web.systemd-socket", "--web.listen-address=:1"))


def _without_ipv6(words: list[str]) -> None:
    """Runs `words` with socket(AF_INET6, ...) failing as a kernel without IPv6 has it fail."""
    import os
    import platform

    number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
    load, equal, result = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
    allow, fail = 0x7FFF0000, 0x00050000 | 97  # EAFNOSUPPORT
    program = b"".join(
        struct.pack("HBBI", *line)
        for line in ((load, 0, 0, 0), (equal, 0, 3, number), (load, 0, 0, 16), (equal, 0, 1, 10), (result, 0, 0, fail),
                     (result, 0, 0, allow)))  # fmt: skip
    libc = ctypes.CDLL(None, use_errno=True)
    code = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", 6, ctypes.addressof(code))
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, header, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    os.execv(words[0], words)


if __name__ == "__main__":
    _without_ipv6(sys.argv[1:])
