"""Ports of source NAT, with real connections through a router; and how the kernel picks them."""

import collections
import socket

import binaries
import conntrack_list
import traffic
from exporter_process import BPF, FRESH, NETLINK, Exporter
from exposition import Exposition
from live import BpfTest, LiveTest

LOW, HIGH = 20000, 20099
PORTS = HIGH - LOW + 1
SECOND_SERVER = "10.2.0.3"
BUSY, HALF = 96, 60  # connections to the two servers
GATEWAY = "10.2.0.1"  # what the clients are translated to
LABELS = ("address", "protocol", "remote_address", "remote_port", "ct_zone")
OTHER = ("other",) * len(LABELS)


class NatTest(LiveTest):
    """A network of its own for each class, and the exporter in its router."""

    translate = "masquerade"
    SOURCE = NETLINK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = traffic.Network(cls.translate)
        cls.addClassCleanup(cls.network.close)
        cls.traffic = traffic.Traffic(cls.network)
        cls.addClassCleanup(cls.traffic.close)

    def scrape(self, *flags: str) -> Exposition:
        with Exporter(self.network.router, *FRESH, self.SOURCE, "--collector.nat", *flags) as exporter:
            return exporter.scrape()

    def translated(self) -> list[conntrack_list.Flow]:
        return [flow for flow in conntrack_list.flows(self.network.router) if flow.snat]


class PortsOfASmallRange(NatTest):
    translate = f"meta l4proto {{ tcp, udp }} masquerade to :{LOW}-{HIGH}"
    range_flag = f"--collector.nat.port-range={LOW}-{HIGH}"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Half a minute is not long on a busy machine.
        cls.network.router.run("sh", "-c", "echo 3600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout")
        cls.network.server.run("ip", "address", "add", f"{SECOND_SERVER}/24", "dev", "uplink")
        for _ in range(BUSY):
            cls.traffic.tcp(traffic.SERVER)
        for _ in range(HALF):
            cls.traffic.tcp(SECOND_SERVER)
        cls.traffic.tcp(traffic.SERVER6)
        cls.traffic.udp(traffic.SERVER, answered=True)
        cls.traffic.ping(traffic.SERVER)  # has no port, and is not in range of the rule

    def test_ports_in_use_equal_conntrack(self):
        in_use = self.scrape(self.range_flag).by("conntrack_snat_ports_in_use", *LABELS)
        self.assertEqual(0, in_use.pop(OTHER))
        expected = collections.Counter((*flow.pool, "0") for flow in self.translated())
        self.assertEqual(dict(expected), in_use)
        self.assertEqual(BUSY, in_use[GATEWAY, "tcp", traffic.SERVER, "80", "0"])
        self.assertEqual(HALF, in_use[GATEWAY, "tcp", SECOND_SERVER, "80", "0"])
        self.assertEqual(1, in_use[GATEWAY, "udp", traffic.SERVER, "80", "0"])
        self.assertEqual(1, in_use["fd02::1", "tcp", traffic.SERVER6, "80", "0"])

    def test_each_flow_of_a_pool_has_a_port_of_its_own_within_the_range(self):
        ports = collections.defaultdict(set)
        flows = self.translated()
        for flow in flows:
            ports[flow.pool].add(flow.translated_port)
            self.assertIn(int(flow.translated_port), range(LOW, HIGH + 1))
        self.assertEqual(len(flows), sum(map(len, ports.values())))

    def test_tuples_are_above_the_shares_that_they_are_above(self):
        scrape = self.scrape(self.range_flag)
        self.assertEqual(PORTS, scrape.value("conntrack_snat_ports_available"))
        self.assertEqual({"0.5": 2, "0.8": 1, "0.95": 1}, scrape.by("conntrack_snat_tuples_above", "ratio"))
        self.assertEqual(0, scrape.value("conntrack_snat_error_flows"))
        scrape = self.scrape(f"--collector.nat.port-range=1-{2 * PORTS}")
        self.assertEqual({"0.5": 0, "0.8": 0, "0.95": 0}, scrape.by("conntrack_snat_tuples_above", "ratio"))

    def test_ports_that_were_tried_and_taken_are_counted_by_the_kernel(self):
        self.assertGreater(self.scrape().total("conntrack_stat_found_total"), 0)

    def test_what_is_not_in_the_top_is_in_other(self):
        scrape = self.scrape("--collector.nat.top=1", self.range_flag)
        in_use = scrape.by("conntrack_snat_ports_in_use", *LABELS)
        self.assertEqual({(GATEWAY, "tcp", traffic.SERVER, "80", "0"): BUSY, OTHER: HALF + 2}, in_use)
        self.assertEqual(len(self.translated()), scrape.total("conntrack_snat_ports_in_use"))
        self.assertEqual(2, scrape.value("conntrack_snat_tuples_above", ratio="0.5"))

    def test_the_sysctl_is_that_of_the_namespace(self):
        self.network.router.run("sh", "-c", "echo 30000 30049 > /proc/sys/net/ipv4/ip_local_port_range")
        scrape = self.scrape("--collector.nat.port-range=sysctl")
        self.assertEqual(50, scrape.value("conntrack_snat_ports_available"))
        self.assertEqual({"0.5": 2, "0.8": 2, "0.95": 2}, scrape.by("conntrack_snat_tuples_above", "ratio"))


class PortsOfASmallRangeByBpf(PortsOfASmallRange, BpfTest):
    SOURCE = BPF


class AFullPool(NatTest):
    """What becomes of a connection that finds no port, as docs/metrics.md says it."""

    translate = f"meta l4proto tcp masquerade to :{LOW}-{LOW + 9}"

    def test_a_connection_too_many_is_lost_to_one_endpoint_alone(self):
        for _ in range(10):
            self.traffic.tcp(traffic.SERVER)
        flags = (f"--collector.nat.port-range={LOW}-{LOW + 9}",)
        before = self.scrape(*flags)
        self.assertEqual({"0.5": 1, "0.8": 1, "0.95": 1}, before.by("conntrack_snat_tuples_above", "ratio"))
        with self.network.client.entered():
            unlucky = socket.socket()
        with unlucky:
            unlucky.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                unlucky.connect((traffic.SERVER, traffic.SERVICE))
        self.network.server.run("ip", "address", "add", f"{SECOND_SERVER}/24", "dev", "uplink")
        self.traffic.tcp(SECOND_SERVER)
        after = self.scrape(*flags)
        self.assertEqual(10, after.by("conntrack_snat_ports_in_use", "remote_address")[traffic.SERVER])
        for counter in ("drop", "insert_failed"):
            with self.subTest(counter):
                name = f"conntrack_stat_{counter}_total"
                self.assertGreater(after.total(name), before.total(name))


class PortsThatTheKernelPicks(NatTest):
    """Without a range in the rule: where the default of --collector.nat.port-range comes from."""

    CLIENTS = 30
    CLASSES = {40000: range(1024, 65536), 700: range(600, 1024), 300: range(1, 512)}

    def test_they_are_of_the_class_of_the_clients_port_and_not_of_the_sysctl(self):
        self.network.router.run("sh", "-c", "echo 50000 50009 > /proc/sys/net/ipv4/ip_local_port_range")
        addresses = [f"10.1.0.{10 + n}" for n in range(self.CLIENTS)]
        for address in addresses:
            self.network.client.run("ip", "address", "add", f"{address}/24", "dev", "uplink")
        for port in self.CLASSES:
            for address in addresses:
                self.traffic.tcp(traffic.SERVER, source=(address, port))
        picked = collections.defaultdict(set)
        for flow in self.translated():
            picked[int(flow.source_port)].add(int(flow.translated_port))
        self.assertEqual(set(self.CLASSES), set(picked))
        for port, allowed in self.CLASSES.items():
            with self.subTest(port):
                self.assertEqual(self.CLIENTS, len(picked[port]))  # the first keeps its own
                self.assertLessEqual(picked[port], set(allowed))
        self.assertEqual(64512, self.scrape().value("conntrack_snat_ports_available"))


class Zones(NatTest):
    """Two tenants with zones of their own, behind one address: NAT looks at the zone of the reply."""

    def test_zones_of_the_original_direction_alone_share_a_pool(self):
        self.network.client.run("ip", "address", "add", "10.1.0.3/24", "dev", "uplink")
        self.network.router.nft(
            """
            table inet tenants {
              chain incoming {
                type filter hook prerouting priority raw;
                ip saddr 10.1.0.2 ct original zone set 1
                ip saddr 10.1.0.3 ct original zone set 2
              }
            }
            """
        )
        self.traffic.tcp(traffic.SERVER, source=("10.1.0.2", 40000))
        self.traffic.tcp(traffic.SERVER, source=("10.1.0.3", 40000))
        flows = self.translated()
        self.assertEqual({"1", "2"}, {flow.zone for flow in flows})
        self.assertEqual(2, len({flow.translated_port for flow in flows}), "they share the ports")
        in_use = self.scrape().by("conntrack_snat_ports_in_use", "remote_address", "ct_zone")
        self.assertEqual({(traffic.SERVER, "0"): 2, ("other", "other"): 0}, in_use)


class ZonesByBpf(Zones, BpfTest):
    SOURCE = BPF

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # One outside of all zones, by which the hash table can be found.
        cls.network.router.run(binaries.conntrack_fill(), "--count=1")
