"""Limits, timeouts and settings, compared with the files of this kernel."""

import re
import time

from live import LiveTest


class Sysctls(LiveTest):
    def setUp(self):
        self.scrape = self.start().scrape()
        self.names = self.namespace.run("ls", "/proc/sys/net/netfilter").stdout.split()

    def test_limits_equal_the_files(self):
        for metric, name in (
            ("conntrack_entries_limit", "nf_conntrack_max"),
            ("conntrack_hash_buckets", "nf_conntrack_buckets"),
            ("conntrack_expectations_limit", "nf_conntrack_expect_max"),
        ):
            with self.subTest(metric):
                self.assertEqual(self.namespace.sysctl(name), self.scrape.value(metric))

    def test_every_timeout_file_is_there(self):
        expected = {}
        for name in self.names:
            match = re.fullmatch(r"nf_(conntrack|flowtable)_(.+)_timeout(?:_(.+))?", name)
            if not match or match[2] == "frag6":  # of nf_defrag_ipv6
                continue
            kind, protocol, state = match.groups()
            states = {"stream": ["ASSURED"], None: ["UNREPLIED", "REPLIED"]}.get(state, [(state or "").upper()])
            for word in ["OFFLOAD"] if kind == "flowtable" else states:
                expected[protocol, word] = self.namespace.sysctl(name)
        self.assertIn(("tcp", "ESTABLISHED"), expected)
        self.assertEqual(expected, self.scrape.by("conntrack_timeout_seconds", "protocol", "flow_state"))

    def test_settings_equal_the_files(self):
        settings = self.scrape.by("conntrack_setting", "name")
        for name in ("acct", "timestamp", "events", "checksum", "log_invalid", "tcp_loose", "tcp_be_liberal"):
            with self.subTest(name):
                self.assertEqual(self.namespace.sysctl(f"nf_conntrack_{name}"), settings[name])

    def test_a_setting_that_changes_is_seen_a_second_later(self):
        exporter = self.start()
        self.assertEqual(0, exporter.scrape().value("conntrack_setting", name="acct"))
        self.namespace.run("sh", "-c", "echo 1 > /proc/sys/net/netfilter/nf_conntrack_acct")
        self.addCleanup(self.namespace.run, "sh", "-c", "echo 0 > /proc/sys/net/netfilter/nf_conntrack_acct")
        for _ in range(600):  # settings are read once a second at most
            seen = exporter.scrape().value("conntrack_setting", name="acct")
            if seen == 1:
                break
            time.sleep(0.1)
        self.assertEqual(1, seen)
