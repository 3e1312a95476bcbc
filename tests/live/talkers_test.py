"""Sources, destinations and services with the most flows, compared with conntrack(8) to the flow."""

import collections
import ipaddress

import conntrack_list
from exporter_process import BPF, FRESH, NETLINK
from live import BpfTest, LiveTest

COUNT = 6000
TOP = 5
SOURCES = 40  # addresses that flows with ports come from: many more than are shown
FLAGS = (*FRESH, "--collector.talkers")
CLASSES = {"10.0.0.0/8": "wide", "10.0.0.0/28": "narrow", "fd00:a00::/32": "wide", "172.16.0.0/12": "servers"}
_PORTS = {"tcp", "udp", "sctp", "dccp", "udplite"}


def group(address: str) -> str:
    """The talker of an address with the default grouping: IPv4 as it is, IPv6 by /64."""
    if ":" not in address:
        return address
    return str(ipaddress.ip_network(f"{address}/64", strict=False))


def service(flow: conntrack_list.Flow) -> tuple[str, str]:
    return flow.protocol, flow.destination_port if flow.protocol in _PORTS else "none"


def class_of(address: str) -> str:
    """By a look at every network."""
    host = ipaddress.ip_address(address)
    networks = [network for network in map(ipaddress.ip_network, CLASSES) if host in network]
    longest = max(networks, key=lambda network: network.prefixlen, default=None)
    return CLASSES[str(longest)] if longest else "other"


class Talkers(LiveTest):
    SOURCE = NETLINK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", str(COUNT), "--sources", str(SOURCES))
        cls.flows = conntrack_list.flows(cls.namespace)
        assert len(cls.flows) == COUNT

    def assert_top(self, shown: dict, counted: collections.Counter, other, top: int = TOP) -> None:
        """The `top` highest figures and the rest: exact, and with equal figures any of their names."""
        rest = shown.pop(other)
        self.assertEqual({name: counted[name] for name in shown}, shown)
        self.assertEqual(sorted(counted.values(), reverse=True)[:top], sorted(shown.values(), reverse=True))
        self.assertEqual(counted.total(), rest + sum(shown.values()))

    def test_the_top_and_the_rest_equal_conntrack(self):
        scrape = self.start(*FLAGS, self.SOURCE, f"--collector.talkers.top={TOP}").scrape()
        self.assert_success(scrape, talkers=1)
        sources = collections.Counter(group(flow.source) for flow in self.flows)
        self.assertTrue(any("/64" in name for name in sources))
        self.assert_top(scrape.by("conntrack_talkers_source_flows", "source_address"), sources, "other")
        destinations = collections.Counter(group(flow.destination) for flow in self.flows)
        self.assert_top(scrape.by("conntrack_talkers_destination_flows", "destination_address"), destinations, "other")
        services = collections.Counter(map(service, self.flows))
        self.assert_top(
            scrape.by("conntrack_talkers_service_flows", "protocol", "port"), services, ("other", "other")
        )
        self.assertEqual(
            {"source": 0, "destination": 0, "service": 0}, scrape.by("conntrack_talkers_error_flows", "by")
        )

    def test_every_sum_is_that_of_the_sampled_flows(self):
        scrape = self.start(*FLAGS, self.SOURCE, "--collector.talkers.top=3").scrape()
        for family in ("source", "destination", "service"):
            self.assertEqual(COUNT, scrape.total(f"conntrack_talkers_{family}_flows"))
        self.assertEqual(COUNT, scrape.value("conntrack_flows_sample_flows"))
        self.assertNotIn("conntrack_talkers_class_flows", scrape.names())

    def test_a_top_that_is_large_enough_leaves_no_other(self):
        scrape = self.start(*FLAGS, self.SOURCE, "--collector.talkers.top=1000").scrape()
        shown = scrape.by("conntrack_talkers_service_flows", "protocol", "port")
        self.assertEqual(0, shown.pop(("other", "other")))
        self.assertEqual(dict(collections.Counter(map(service, self.flows))), shown)

    def test_other_groupings_equal_conntrack(self):
        scrape = self.start(
            *FLAGS,
            self.SOURCE,
            f"--collector.talkers.top={TOP}",
            "--collector.talkers.ipv4-prefix=30",
            "--collector.talkers.ipv6-prefix=128",
        ).scrape()
        sources = collections.Counter(
            flow.source if ":" in flow.source else str(ipaddress.ip_network(f"{flow.source}/30", strict=False))
            for flow in self.flows
        )
        self.assert_top(scrape.by("conntrack_talkers_source_flows", "source_address"), sources, "other")

    def test_classes_equal_conntrack_and_the_longest_prefix_wins(self):
        flags = (f"--collector.talkers.class={network}={name}" for network, name in CLASSES.items())
        scrape = self.start(*FLAGS, self.SOURCE, *flags).scrape()
        expected = collections.Counter(("source", class_of(flow.source)) for flow in self.flows)
        expected += collections.Counter(("destination", class_of(flow.destination)) for flow in self.flows)
        shown = scrape.by("conntrack_talkers_class_flows", "direction", "class")
        self.assertEqual(dict(expected), {key: n for key, n in shown.items() if n})
        self.assertEqual({"wide", "narrow", "servers", "other"}, {name for _, name in shown})
        self.assertGreater(expected["source", "narrow"], 0)

    def test_pairs_and_backends_equal_conntrack(self):
        flags = (*FLAGS, self.SOURCE, "--collector.talkers.pairs", "--collector.talkers.ipv6-prefix=128")
        scrape = self.start(*flags, f"--collector.talkers.top={TOP}").scrape()
        pairs = collections.Counter((flow.source, flow.destination, *service(flow)) for flow in self.flows)
        shown = scrape.by("conntrack_talkers_pair_flows", "source", "destination", "protocol", "port")
        self.assert_top(shown, pairs, ("other",) * 4)
        redirected = [flow for flow in self.flows if flow.dnat]
        backends = collections.Counter((flow.destination, *service(flow), flow.backend) for flow in redirected)
        self.assertGreater(len(backends), TOP)
        shown = scrape.by("conntrack_talkers_backend_flows", "destination", "protocol", "port", "backend")
        self.assert_top(shown, backends, ("other",) * 4)
        errors = scrape.by("conntrack_talkers_error_flows", "by")
        self.assertEqual(dict.fromkeys(("source", "destination", "service", "pair", "backend"), 0), errors)

    def test_talkers_need_no_other_collector(self):
        scrape = self.start(*FLAGS, self.SOURCE, "--collector.disable-defaults").scrape()
        self.assertEqual(COUNT, scrape.total("conntrack_talkers_source_flows"))
        self.assertNotIn("conntrack_flows", scrape.names())


class TalkersByBpf(Talkers, BpfTest):
    SOURCE = BPF
