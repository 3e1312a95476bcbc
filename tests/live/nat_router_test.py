"""Real packets through a router that masquerades and publishes a port; the exporter runs in the router."""

import time

import conntrack_list
import traffic
from exporter_process import BPF, FRESH, NETLINK, Exporter
from exposition import Exposition
from live import BpfTest, LiveTest

CLOSED, HELD, PUBLISHED = 3, 4, 2


class NatRouter(LiveTest):
    SOURCE = NETLINK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = traffic.Network()
        cls.addClassCleanup(cls.network.close)
        cls.traffic = traffic.Traffic(cls.network)
        cls.addClassCleanup(cls.traffic.close)
        cls.make_flows()
        exporter = Exporter(cls.network.router, *FRESH, cls.SOURCE)
        cls.addClassCleanup(exporter.close)
        cls.flows, cls.scrape = cls.read_both(exporter)

    @classmethod
    def make_flows(cls):
        for _ in range(CLOSED):
            cls.traffic.tcp(traffic.SERVER, close=True)
        for _ in range(HELD):
            cls.traffic.tcp(traffic.SERVER)
            cls.traffic.tcp(traffic.SERVER6)
        for _ in range(PUBLISHED):
            cls.traffic.tcp(traffic.ROUTER, traffic.PUBLISHED)
        for address in (traffic.SERVER, traffic.SERVER6):
            cls.traffic.udp(address, answered=False)
            cls.traffic.udp(address, answered=False)
            cls.traffic.udp(address, answered=True)
            cls.traffic.ping(address)

    @classmethod
    def read_both(cls, exporter: Exporter) -> tuple[list[conntrack_list.Flow], Exposition]:
        """What conntrack(8) and the exporter say of one moment: nothing moved from before the scrape until after it."""
        for _ in range(100):
            before = conntrack_list.flows(cls.network.router)
            time.sleep(0.2)  # the last sample of the exporter may be as old as it took
            scrape = exporter.scrape()
            after = conntrack_list.flows(cls.network.router)
            if conntrack_list.by_state(before) == conntrack_list.by_state(after):
                return after, scrape
        raise AssertionError("the table did not keep still for one scrape")

    def test_flows_equal_conntrack(self):
        counted = self.scrape.by("conntrack_flows", "family", "protocol", "flow_state")
        self.assertEqual(conntrack_list.by_state(self.flows), {key: n for key, n in counted.items() if n})

    def test_flows_are_those_that_were_made(self):
        counted = self.scrape.by("conntrack_flows", "family", "protocol", "flow_state")
        self.assertEqual(HELD + PUBLISHED, counted["ipv4", "tcp", "ESTABLISHED"])
        self.assertEqual(HELD, counted["ipv6", "tcp", "ESTABLISHED"])
        self.assertEqual(CLOSED, counted["ipv4", "tcp", "TIME_WAIT"])
        for family in ("ipv4", "ipv6"):
            self.assertEqual(2, counted[family, "udp", "UNREPLIED"])
            self.assertEqual(1, counted[family, "udp", "REPLIED"])
        self.assertEqual(1, counted["ipv4", "icmp", "REPLIED"])
        self.assertEqual(1, counted["ipv6", "icmpv6", "REPLIED"])

    def test_translated_flows_equal_conntrack(self):
        counted = self.scrape.by("conntrack_flows_with_status", "family", "protocol", "status")
        for status in ("snat", "dnat"):
            with self.subTest(status):
                ours = {(family, protocol): n for (family, protocol, s), n in counted.items() if s == status and n}
                self.assertEqual(conntrack_list.with_status(self.flows, status), ours)
        self.assertEqual(PUBLISHED, counted["ipv4", "tcp", "dnat"])
        self.assertEqual(CLOSED + HELD + PUBLISHED, counted["ipv4", "tcp", "snat"])

    def test_the_whole_table_is_sampled(self):
        self.assertEqual(len(self.flows), self.scrape.value("conntrack_entries"))
        self.assertEqual(len(self.flows), self.scrape.total("conntrack_flows"))


class NatRouterByBpf(NatRouter, BpfTest):
    SOURCE = BPF
