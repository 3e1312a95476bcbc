"""Text from outside that is no text: names of files and namespaces, requests. What comes out is UTF-8 that can be printed."""

import json
import os
import re
import tempfile

import binaries
from exporter_process import NETLINK, Exporter
from exposition import Exposition
from faulty import FaultTest, Tree
from lab import FirstNamespace, proc_of_a_host
from namespaces import NAMES, HostNamespace, private_names

# Of a file with a setting that drifts, and what is to be seen of it.
NAMES_OF_FILES = {
    b"91-\xff.conf": r"91-\xff.conf",
    b"92-\x1b[31mred.conf": r"92-\x1b[31mred.conf",
    b"93-two\nlines.conf": r"93-two\x0alines.conf",
    b"94-\xe2\x80\xaereversed.conf": "reversed.conf",
    b"95-\xc2\x9b1m.conf": "1m.conf",
    b'96-"quoted" <b>&.conf': '96-"quoted" <b>&.conf',
    "97-gr\u00fcn.conf".encode(): "97-gr\u00fcn.conf",
}
SETTINGS = ("udp_timeout", "tcp_timeout_established", "icmp_timeout", "generic_timeout", "tcp_timeout_close",
            "tcp_timeout_syn_sent", "tcp_timeout_syn_recv")  # fmt: skip
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class TextTest(FaultTest):
    def assert_text(self, content: bytes, what: str) -> str:
        text = content.decode()  # fails where it is no UTF-8
        self.assertNotRegex(text, CONTROL, what)
        return text

    def assert_clean(self, exporter: Exporter) -> Exposition:
        """In all that a server says."""
        answer = exporter.get()
        self.assertEqual(200, answer.status)
        self.assert_text(answer.body, "/metrics")
        self.assert_promtool_accepts(answer.body)
        self.assert_text(exporter.get("/").body, "/")
        exporter._stderr.seek(0)  # pylint: disable=protected-access
        self.assert_text(exporter._stderr.buffer.read(), "log")  # pylint: disable=protected-access
        return Exposition(answer.text)


class Files(TextTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.namespace = FirstNamespace()  # which the boot files are for
        cls.addClassCleanup(cls.namespace.close)

    def setUp(self):
        self.tree = Tree(self)
        proc = proc_of_a_host(self.enterContext(tempfile.TemporaryDirectory()))
        self.flags = (f"--path.rootfs={self.tree.path}/root", proc, NETLINK)
        for (name, _), setting in zip(NAMES_OF_FILES.items(), SETTINGS, strict=True):
            self.tree.write(b"root/etc/sysctl.d/" + name, f"net.netfilter.nf_conntrack_{setting} = 4242\n".encode())

    def test_names_of_boot_files(self):
        for log_format in ("logfmt", "json"):
            with self.subTest(log_format):
                exporter = self.start(*self.flags, "--no-sandbox", f"--log.format={log_format}", "--log.level=debug")
                scrape = self.assert_clean(exporter)
                files = set(scrape.by("conntrack_setting_drift_info", "file"))
                for name, seen in NAMES_OF_FILES.items():
                    self.assertTrue(any(seen in file for file in files), f"{name!r} in {files}")
                if log_format == "json":
                    for line in exporter.log().splitlines():
                        json.loads(line)

    def test_commands(self):
        for words in (("report",), ("check",), ("advise",), ("report", "--format=json"), ("advise", "--format=json")):
            with self.subTest(words):
                done = self.run_to_end(binaries.exporter(), *words, *self.flags, text=False)
                self.assertEqual(0, done.returncode, done.stderr)
                text = self.assert_text(done.stdout, "standard output")
                self.assert_text(done.stderr, "standard error")
                if "--format=json" in words:
                    json.loads(text)

    def test_values_in_boot_files(self):
        content = b"net.netfilter.nf_conntrack_udp_timeout = \xff\x1b[31m\n\xff\xfe = \x1b]0;title\x07\n"
        self.tree.write("root/etc/sysctl.d/99-values.conf", content)
        exporter = self.start(*self.flags, "--no-sandbox", "--log.level=debug")
        self.assert_clean(exporter)
        done = self.run_to_end(binaries.exporter(), "report", *self.flags, text=False)
        self.assert_text(done.stdout + done.stderr, "report")


class Namespaces(TextTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.isdir(NAMES) or not os.path.ismount("/run"):
            private_names()

    def test_names(self):
        for name in (b"red\xff", b"\x1b[2J", b"two\nlines"):
            namespace = HostNamespace().bind(os.fsdecode(name))
            self.addCleanup(namespace.close)
        exporter = self.start("--collector.netns")
        names = set(self.assert_clean(exporter).by("conntrack_netns_entries", "netns"))
        for pattern in ("red.+", r".+\[2J", "two.+lines"):
            self.assertTrue(any(re.fullmatch(pattern, name) for name in names), f"{pattern} in {names}")


class Requests(TextTest):
    def test_what_a_client_sends_comes_back_as_text_or_not_at_all(self):
        exporter = self.start("--log.level=debug")
        for path in ("/metrics?collect[]=%ff%1b[2J", "/%ff%1b", "/metrics?%00=%ff", "/?%1b"):
            answer = exporter.get(path)
            self.assertIn(answer.status, (200, 400, 404), path)
            self.assert_text(answer.body, path)
        self.assert_clean(exporter)
