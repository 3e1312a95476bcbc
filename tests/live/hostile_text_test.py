"""Names from outside that hold any byte: Prometheus takes the scrape, and a terminal, a log and a page show them harmless."""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import binaries
from exposition import Exposition
from lab import FirstNamespace, proc_of_a_host, skip
from live import LiveTest
from prometheus_server import PrometheusServer

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import both_formats

# A sysctl for each name of a file that changes it, and how the name is shown.
NAMES = {
    "udp_timeout": (b"\xff", r"\xff"),
    "udp_timeout_stream": (b"\x1b[31mred", r"\x1b[31mred"),
    "icmp_timeout": (b"two\nlines\r", r"two\x0alines\x0d"),
    "icmpv6_timeout": (b"\xc2\x9b\x7f", r"\xc2\x9b\x7f"),
    "generic_timeout": ("\u202edesrever".encode(), r"\xe2\x80\xaedesrever"),
    "tcp_timeout_close": (b"\xed\xa0\x80\xe2\x80\xa8", r"\xed\xa0\x80\xe2\x80\xa8"),
    "tcp_timeout_last_ack": (b'"} 1 #\\', '"} 1 #\\'),
    "tcp_timeout_fin_wait": (b"<script>&", "<script>&"),
    "tcp_timeout_time_wait": ("caf\u00e9 \u2192".encode(), "caf\u00e9 \u2192"),
}
DRIFT = "conntrack_setting_drift_info"
NOT_PRINTABLE = {*range(32), *range(127, 160), *range(0x2028, 0x202F), *range(0x2066, 0x206A)}
OPENMETRICS = "application/openmetrics-text; version=1.0.0"


class HostileNames(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        root = cls.enterClassContext(tempfile.TemporaryDirectory())
        folder = os.fsencode(root) + b"/etc/sysctl.d"
        os.makedirs(folder)
        os.makedirs(f"{root}/usr/lib")
        for sysctl, (name, _) in NAMES.items():
            with open(folder + b"/99-" + name + b".conf", "w", encoding="ascii") as file:
                file.write(f"net.netfilter.nf_conntrack_{sysctl} = 12345\n")
        with open(folder + b"/99-\x1b\xff.conf", "w", encoding="ascii") as file:
            file.write("net.netfilter.nf_conntrack_tcp_max_retrans = nonsense\n")
        cls.flags = [f"--path.rootfs={root}", proc_of_a_host(cls.enterClassContext(tempfile.TemporaryDirectory()))]
        cls.files = {f"nf_conntrack_{sysctl}": f"/etc/sysctl.d/99-{shown}.conf:1" for sysctl, (_, shown) in NAMES.items()}
        cls.namespace = FirstNamespace()  # the one that boot files are for
        cls.addClassCleanup(cls.namespace.close)

    def printable(self, body: bytes) -> str:
        """The text, which is UTF-8 without characters that control anything but newlines."""
        text = body.decode()
        self.assertEqual(set(), {hex(ord(c)) for c in text} & {hex(code) for code in NOT_PRINTABLE - {ord("\n")}})
        return text

    def output(self, *words: str, code: int = 0) -> str:
        with self.namespace.entered():
            done = subprocess.run([binaries.exporter(), *words, *self.flags], capture_output=True, check=False, timeout=300)
        self.assertEqual(code, done.returncode, done.stderr)
        return self.printable(done.stdout)

    def assert_has_files(self, series) -> None:
        shown = {setting: file for setting, file in series if setting in self.files}
        self.assertEqual(self.files, shown)

    def metrics(self, accept: str) -> str:
        exporter = self.start(*self.flags, "--no-sandbox")
        return self.printable(exporter.get("/metrics", Accept=accept).body)

    def test_the_text_format_is_whole(self):
        body = self.metrics("text/plain")
        self.assert_has_files(Exposition(body).by(DRIFT, "setting", "file"))
        promtool = binaries.tool("promtool")
        if not promtool:
            skip("no promtool: scripts/install-dependencies test")
        done = self.namespace.run(promtool, "check", "metrics", stdin=body, check=False)
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_openmetrics_is_whole(self):
        if both_formats.WHY_NOT:
            skip(both_formats.WHY_NOT)
        samples = both_formats.openmetrics_samples(self.metrics(OPENMETRICS))
        found = [dict(labels) for name, labels in samples if name == DRIFT]
        self.assert_has_files((labels["setting"], labels["file"]) for labels in found)

    def test_prometheus_takes_the_scrape(self):
        exporter = self.start(*self.flags, "--no-sandbox")
        if not binaries.monitoring_daemon("prometheus"):
            skip("no prometheus: scripts/install-dependencies test")
        target = {"targets": [f"127.0.0.1:{exporter.port}"]}
        config = {"global": {"scrape_interval": "1s"}, "scrape_configs": [{"job_name": "a", "static_configs": [target]}]}
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        prometheus = PrometheusServer(self.namespace, folder, config)
        self.addCleanup(prometheus.close)
        prometheus.wait_for(DRIFT)
        self.assert_has_files((labels["setting"], labels["file"]) for labels, _ in prometheus.series(DRIFT))
        self.assertEqual(1, prometheus.query("min_over_time(up[1m])"))

    def test_a_report_is_printable(self):
        text = self.output("report", "--top=50")
        for setting in self.files:
            self.assertIn(f"\n  {setting} ", text)
        found = json.loads(self.output("report", "--format=json", "--top=50"))
        self.assert_has_files((drift["setting"], drift["file"]) for drift in found["drift"])

    def test_check_and_advice_are_printable(self):
        self.assertIn(r"/etc/sysctl.d/99-\x1b\xff.conf:1", self.output("check"))
        self.output("advise")

    def test_the_page_is_printable(self):
        page = self.printable(self.start(*self.flags, "--no-sandbox").get("/").body)
        self.assertIn(r"99-\x1b\xff.conf", page)
        self.assertNotIn("<script>", page)

    def test_the_log_is_printable(self):
        for log_format in ("logfmt", "json"):
            with self.subTest(log_format):
                exporter = self.start(*self.flags, "--no-sandbox", f"--log.format={log_format}")
                exporter.get()
                self.printable(exporter.log().encode())
                self.assertIn(r"99-\\x1b\\xff.conf:1", exporter.log())

    def test_what_a_flag_holds_is_printable_in_the_complaint(self):
        with self.namespace.entered():
            done = subprocess.run([binaries.exporter(), b"--\x1b[31m\xff"], capture_output=True, check=False, timeout=300)
        self.assertEqual(2, done.returncode)
        self.assertIn(r"--\x1b[31m\xff", self.printable(done.stderr))
