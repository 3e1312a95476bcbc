"""The walk of the hash table by BPF, in the exporter as it ships."""

import collections
import os
import time

import binaries
import conntrack_list
from bpf import WITHOUT_BPF, descriptors
from exporter_process import BPF, FRESH, NETLINK
from live import BpfTest
from mixed_table import COUNT, MixedTable
from memory import resident_own_megabytes
from netns_test import CACHED, NetnsTest

LENGTHS = [0, 1, 2, 4, 8, float("inf")]
WARM_UP, SCRAPES = 100, 200


class ByBpf(MixedTable, BpfTest):
    FLAGS, SOURCE = (BPF,), "bpf"

    def test_chain_lengths_add_up(self):
        chains = self.scrape.buckets("conntrack_hash_chain_length")
        self.assertEqual(LENGTHS, sorted(chains))
        self.assertEqual(self.namespace.sysctl("nf_conntrack_buckets"), self.scrape.value("conntrack_hash_chain_length_count"))
        # Two tuples for each entry; other namespaces may have some too.
        self.assertGreaterEqual(self.scrape.value("conntrack_hash_chain_length_sum"), 2 * COUNT)
        longest = self.scrape.value("conntrack_hash_chain_length_max")
        self.assertGreaterEqual(longest, 1)
        for bound, buckets in chains.items():
            self.assertEqual(longest <= bound, buckets == chains[float("inf")], f"{bound}, longest {longest}")
        self.assertEqual(0, self.scrape.value("conntrack_flows_expired"))

    def test_nothing_is_torn_in_a_quiet_table(self):
        self.assertEqual(0, self.scrape.value("conntrack_flows_sample_torn_total"))
        self.assertEqual(0, self.scrape.value("conntrack_flows_sample_interruptions_total"))


class ByTwoThreads(ByBpf):
    FLAGS = (BPF, "--collector.flows.threads=2")


class ByItself(ByBpf):
    """Nothing is asked for, and BPF is preferred."""

    FLAGS = ()


class Talkers(BpfTest):
    """What counts flows does not know what they are read by."""

    def test_talkers_and_nat_are_the_same_from_either_source(self):
        self.fill("--profile=snat", "--sources=40", "--count=3000")
        flags = (*FRESH, "--collector.talkers", "--collector.nat")
        by_bpf, by_netlink = self.start(*flags, BPF).scrape(), self.start(*flags, NETLINK).scrape()
        for family, labels in (
            ("conntrack_talkers_source_flows", ("source_address",)),
            ("conntrack_talkers_destination_flows", ("destination_address",)),
            ("conntrack_talkers_service_flows", ("protocol", "port")),
            ("conntrack_snat_ports_in_use", ("address", "protocol", "remote_address", "remote_port", "ct_zone")),
            ("conntrack_flows_with_status", ("family", "protocol", "status")),
            ("conntrack_flows_by_zone", ("ct_zone",)),
        ):
            with self.subTest(family):
                expected = by_netlink.by(family, *labels)
                self.assertTrue(expected)
                self.assertEqual(expected, by_bpf.by(family, *labels))


class Namespaces(NetnsTest, BpfTest):
    def test_each_has_its_flows_from_one_walk(self):
        blue = self.make().bind("blue").fill(300)
        red = self.make().bind("red").occupy().fill(200, "--profile=mixed")
        empty = self.make().bind("empty")
        self.fill("--count=70")
        for flags in ((), ("--collector.flows.threads=2",)):
            exporter = self.start(*FRESH, BPF, "--collector.netns", *flags)
            scrape = exporter.scrape()
            self.assert_success(scrape, flows=1, netns=1)
            self.assertEqual(70, scrape.total("conntrack_flows"))  # and none of the others
            flows = scrape.by("conntrack_netns_flows", "netns")
            self.assertEqual((300, 200, 0), (flows["blue"], flows["red"], flows["empty"]))
            self.assertEqual(flows.keys(), scrape.by("conntrack_netns_entries", "netns").keys())
            self.assertGreaterEqual(flows["other"], 0)  # of namespaces that cannot be seen from here
            self.assertEqual(70, self.by_inode(scrape, "conntrack_netns_flows")[str(os.stat(self.namespace.path).st_ino)])
        for namespace, filled in ((blue, 300), (red, 200), (empty, 0)):
            self.assertEqual(filled, namespace.count())
        red.run("conntrack", "-F")
        time.sleep(CACHED)
        self.assertEqual(0, exporter.scrape().value("conntrack_netns_flows", netns="red"))

    def test_those_beyond_the_most_are_other(self):
        self.make().bind("large").fill(400)
        self.make().bind("small").fill(30)
        scrape = self.start(*FRESH, BPF, "--collector.netns", "--collector.netns.max=2").scrape()
        flows = scrape.by("conntrack_netns_flows", "netns")
        self.assertEqual({"host", "large", "other"}, flows.keys())
        self.assertEqual(400, flows["large"])
        self.assertGreaterEqual(flows["other"], 30)

    def test_the_dump_cannot_tell_them(self):
        scrape = self.start(*FRESH, NETLINK, "--collector.netns").scrape()
        self.assert_success(scrape, flows=1, netns=1)
        self.assertNotIn("conntrack_netns_flows", scrape.names())


class Composition(NetnsTest, BpfTest):
    """Flows of each namespace by protocol and state, compared with conntrack(8) in each."""

    NETNS = ("--collector.netns", "--collector.netns.composition")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--count=1000", "--profile=mixed")

    @staticmethod
    def listed(*namespaces) -> dict[tuple[str, str], int]:
        """What is in these, by protocol and state. A protocol without a name is in other."""
        flows = [flow for namespace in namespaces for flow in conntrack_list.flows(namespace)]
        return dict(collections.Counter((flow.protocol.replace("253", "other"), flow.state) for flow in flows))

    @staticmethod
    def counted(scrape) -> dict[str, dict[tuple[str, str], int]]:
        """What the exporter says of each namespace, without zeros."""
        found = collections.defaultdict(dict)
        for (netns, *key), count in scrape.by("conntrack_netns_flows_by_state", "netns", "protocol", "flow_state").items():
            if count:
                found[netns][tuple(key)] = count
        return found

    def test_it_equals_conntrack_in_each(self):
        blue = self.make().bind("blue").fill(3000, "--profile=mixed")
        red = self.make().bind("red").occupy().fill(200)
        small = [self.make().bind(f"small{i}").fill(30 + i, "--profile=mixed") for i in range(3)]
        for flags in ((), ("--collector.flows.threads=2",)):
            scrape = self.start(*FRESH, BPF, *self.NETNS, "--collector.netns.max=4", *flags).scrape()
            self.assert_success(scrape, flows=1, netns=1)
            self.assertEqual(1000, scrape.total("conntrack_flows"))  # and none of the others
            counted, flows = self.counted(scrape), scrape.by("conntrack_netns_flows", "netns")
            self.assertEqual({netns: n for netns, n in flows.items() if n}, {netns: sum(of.values()) for netns, of in counted.items()})
            (own,) = flows.keys() - {"host", "blue", "red", "other"}
            for netns, namespace in (("blue", blue), ("red", red), (own, self.namespace)):
                self.assertEqual(self.listed(namespace), counted[netns])
            # Beside those of namespaces that cannot be seen from here.
            for key, count in self.listed(*small).items():
                self.assertGreaterEqual(counted["other"].get(key, 0), count)

    def test_it_is_off_by_default(self):
        names = self.start(*FRESH, BPF, "--collector.netns").scrape().names()
        self.assertIn("conntrack_netns_flows", names)
        self.assertNotIn("conntrack_netns_flows_by_state", names)

    def test_the_dump_has_no_composition_and_the_log_says_why_once(self):
        exporter = self.start(*FRESH, NETLINK, *self.NETNS)
        for _ in range(2):
            scrape = exporter.scrape()
            self.assert_success(scrape, flows=1, netns=1)
            self.assertNotIn("conntrack_netns_flows_by_state", scrape.names())
            time.sleep(CACHED)
        said = [line for line in exporter.log().splitlines() if "conntrack_netns_flows_by_state" in line]
        self.assertEqual(1, len(said), exporter.log())
        self.assertIn("--collector.flows.source=auto", said[0])


class NothingToFindTheTableBy(BpfTest):
    """Where the kernel does not show where the table is, it is found by a flow, and not by each sort."""

    COUNT = 20

    def assert_all_are_there(self) -> None:
        exporter = self.start(*FRESH)
        scrape = exporter.scrape()
        self.assert_success(scrape, flows=1)
        self.assertEqual(self.COUNT, scrape.total("conntrack_flows"))
        source = scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
        self.assertIn(source, ({("bpf", ""): 1}, {("ctnetlink", "absent"): 1}), exporter.log())

    def insert(self, *words: str) -> None:
        self.addCleanup(self.namespace.drop_flows)
        for number in range(1, self.COUNT + 1):
            self.namespace.run("conntrack", "-I", "-s", f"10.9.0.{number}", "-d", "10.9.1.1", "--timeout=600", *words)

    def test_flows_that_are_all_in_zones(self):
        self.insert("-p", "udp", "--sport=1000", "--dport=80", "--zone=7")
        self.assert_all_are_there()

    def test_flows_without_ports(self):
        self.insert("-p", "icmp", "--icmp-type=8", "--icmp-code=0", "--icmp-id=5")
        self.assert_all_are_there()


class WithoutCapabilities(BpfTest):
    PROGRAM = (*WITHOUT_BPF, binaries.exporter())
    REMEDY = r"CAP_BPF and CAP_PERFMON"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--count=100")

    def check(self, *flags: str) -> str:
        return self.namespace.run(*self.PROGRAM, "check", *flags, check=False).stdout

    def test_netlink_takes_its_place_and_the_reason_is_said(self):
        exporter = self.start(*FRESH, program=self.PROGRAM)
        scrape = exporter.scrape()
        self.assert_success(scrape, flows=1)
        self.assertEqual(100, scrape.total("conntrack_flows"))
        source = scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
        self.assertEqual({("ctnetlink", "denied"): 1}, source)
        self.assertRegex(exporter.log(), rf"uses a fallback source.*collector=flows.*{self.REMEDY}")
        for _ in range(3):
            exporter.scrape()
        self.assertEqual(1, exporter.log().count("uses a fallback source"))
        self.assertRegex(self.check(), rf"(?m)^ok +flows .*from ctnetlink\n +not from bpf: .*\n +remedy: .*{self.REMEDY}")

    def test_the_one_that_is_missing_is_named(self):
        for name in ("bpf", "perfmon"):
            program = ("setpriv", f"--bounding-set=-{name},-sys_admin", "--inh-caps=-all", binaries.exporter())
            said = self.namespace.run(*program, "check", BPF, check=False).stdout
            self.assertRegex(said, rf"(?m)^denied +flows .*\n +remedy: give CAP_{name.upper()} at the start$")
        program = ("setpriv", "--bounding-set=-bpf,-syslog,-sys_admin", "--inh-caps=-all", binaries.exporter())
        said = self.namespace.run(*program, "check", BPF, check=False).stdout
        self.assertRegex(said, r"(?m)^denied +flows .*\n +remedy: give CAP_BPF at the start; CAP_SYSLOG too")

    def test_namespaces_are_left_out_with_the_reason(self):
        exporter = self.start(*FRESH, "--collector.netns", program=self.PROGRAM)
        self.assertNotIn("conntrack_netns_flows", exporter.scrape().names())
        said = self.check("--collector.netns", "--collector.netns.composition")
        self.assertRegex(said, rf"without conntrack_netns_flows and conntrack_netns_flows_by_state: .*\n +remedy: .*{self.REMEDY}")

    def test_bpf_that_was_asked_for_fails_with_the_remedy(self):
        exporter = self.start(*FRESH, BPF, program=self.PROGRAM)
        scrape = exporter.scrape()
        self.assert_success(scrape, flows=0, table=1, stat=1)
        self.assertNotIn("conntrack_flows", scrape.names())
        self.assertRegex(exporter.log(), rf"level=warn.*collector=flows kind=denied.*{self.REMEDY}")
        self.assertRegex(self.check(BPF), rf"(?m)^denied +flows .*\n +remedy: .*{self.REMEDY}")

    def test_nothing_is_said_of_bpf_where_netlink_was_asked_for(self):
        exporter = self.start(*FRESH, NETLINK, program=self.PROGRAM)
        source = exporter.scrape().by("conntrack_flows_source_info", "via", "why_not_bpf")
        self.assertEqual({("ctnetlink", ""): 1}, source)
        self.assertNotIn("bpf", exporter.log().lower())


class Held(BpfTest):
    """What the process has open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--count=100")

    def test_netlink_has_nothing_of_bpf(self):
        exporter = self.start(*FRESH, NETLINK)
        exporter.scrape()
        self.assertEqual([], descriptors(exporter.process.pid))

    def test_without_flows_nothing_is_loaded(self):
        exporter = self.start("--no-collector.flows")
        exporter.scrape()
        self.assertEqual([], descriptors(exporter.process.pid))

    def test_scrapes_leave_nothing_behind(self):
        exporter = self.start(*FRESH, BPF, "--collector.flows.threads=2")
        pid = exporter.process.pid
        for _ in range(WARM_UP):
            exporter.scrape()
        held, memory = descriptors(pid), resident_own_megabytes(pid)
        self.assertEqual({"anon_inode:bpf-map", "anon_inode:bpf-prog"}, set(held))
        for _ in range(SCRAPES):
            self.assertEqual(100, exporter.scrape().value("conntrack_flows_sample_flows"))
        self.assertEqual(held, descriptors(pid))
        if not binaries.sanitized():
            self.assertLess(resident_own_megabytes(pid), memory + 1)
