"""`conntrack_exporter report`: its figures are those of conntrack(8), and what it may not read it names."""

import collections
import json

import binaries
import conntrack_list
from lab import without_net_admin
from live import LiveTest
from report_command import report


class Figures(LiveTest):
    COUNT = 5000

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", str(cls.COUNT))
        cls.report = report(cls.namespace, "--top=3", "--collector.talkers.pairs")
        cls.flows = conntrack_list.flows(cls.namespace)

    def test_the_count_is_that_of_conntrack(self):
        count = int(self.namespace.run("conntrack", "-C").stdout)
        self.assertEqual(self.COUNT, count)
        self.assertEqual(count, self.report["table"]["entries"])
        self.assertEqual(self.namespace.sysctl("nf_conntrack_max"), self.report["table"]["limit"])
        self.assertEqual(self.namespace.sysctl("nf_conntrack_buckets"), self.report["table"]["buckets"])

    def test_states_are_those_of_conntrack(self):
        expected = collections.Counter((flow.protocol, flow.state) for flow in self.flows)
        states = {(s["protocol"], s["state"]): s["flows"] for s in self.report["flows"]["states"]}
        self.assertEqual(dict(expected), states)

    def test_protocols_and_flags_are_those_of_conntrack(self):
        expected = collections.Counter(flow.protocol for flow in self.flows)
        protocols = {p["protocol"]: p["flows"] for p in self.report["flows"]["protocols"]}
        self.assertEqual(dict(expected), protocols)
        self.assertEqual(sum(flow.unreplied for flow in self.flows), self.report["flows"]["unreplied"])
        self.assertEqual(sum(flow.family == "ipv6" for flow in self.flows), self.report["flows"]["ipv6"])

    def test_every_sum_is_the_whole_table(self):
        flows = self.report["flows"]
        for name in ("states", "protocols", "timeouts"):
            self.assertEqual(flows["total"], sum(part["flows"] for part in flows[name]), name)
        for name, ranking in self.report["talkers"].items():
            self.assertLessEqual(len(ranking["top"]), 3, name)
            total = sum(flow.dnat for flow in self.flows) if name == "backends" else flows["total"]
            self.assertEqual(total, sum(t["flows"] for t in ranking["top"]) + ranking["other"], name)

    def test_timeouts_are_those_of_the_sysctls(self):
        timeouts = {(s["protocol"], s["state"]): s["timeout_seconds"] for s in self.report["flows"]["states"]}
        for key, sysctl in (
            (("tcp", "ESTABLISHED"), "nf_conntrack_tcp_timeout_established"),
            (("udp", "UNREPLIED"), "nf_conntrack_udp_timeout"),
            (("udp", "ASSURED"), "nf_conntrack_udp_timeout_stream"),
            (("253", "ASSURED"), "nf_conntrack_generic_timeout"),
        ):
            self.assertEqual(self.namespace.sysctl(sysctl), timeouts[key], sysctl)


class WithoutRights(LiveTest):
    def test_without_the_capability_the_rest_is_there_and_the_missing_part_is_named(self):
        self.fill("--count=100")
        found = report(self.namespace, program=without_net_admin(binaries.exporter()))
        self.assertEqual(100, found["table"]["entries"])
        self.assertEqual(0, found["loss"]["recently"]["total"])
        self.assertIsNone(found["flows"])
        self.assertIn("not everything could", found["findings"][0]["headline"])
        missing = {m["part"]: m for m in found["missing"]}
        flows = next(m for part, m in missing.items() if "flows" in part)
        self.assertEqual("denied", flows["kind"])
        self.assertIn("CAP_NET_ADMIN", flows["remedy"])

    def test_a_host_that_does_not_track_is_told_so_the_same_for_every_user(self):
        host = binaries.ROOT / "tests/fixtures/module-not-loaded"
        report = ("report", f"--path.procfs={host / 'proc'}", f"--path.sysfs={host / 'sys'}")
        told = set()
        for words in ((binaries.exporter(),), without_net_admin(binaries.exporter())):
            done = self.namespace.run(*words, *report, check=False)
            self.assertEqual(0, done.returncode, done.stderr)
            told.add(done.stdout.split("\n", 1)[1])
        self.assertEqual(1, len(told), told)
        self.assertIn("this host tracks no connections. [no_tracking]", told.pop())
        done = self.namespace.run(binaries.exporter(), *report, "--format=json")
        self.assertIs(False, json.loads(done.stdout)["table"]["present"])

    def test_a_wrong_command_line_is_told_apart(self):
        self.assertEqual(2, self.namespace.run(binaries.exporter(), "report", "--top=x", check=False).returncode)
