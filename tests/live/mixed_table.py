"""A quiet table of every sort of flow, compared with conntrack(8) to the flow, whatever the flows are read by."""

import conntrack_list
from exporter_process import FRESH, Exporter

COUNT = 5000
SLACK = 60  # seconds that may pass between the two readings


class MixedTable:
    """The tests, for classes that are a LiveTest as well and say which FLAGS the exporter gets and which SOURCE it names."""

    FLAGS: tuple[str, ...]
    SOURCE: str

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", str(COUNT))
        with Exporter(cls.namespace, *FRESH, *cls.FLAGS) as exporter:
            cls.scrape = exporter.scrape()
        cls.flows = conntrack_list.flows(cls.namespace)

    def test_all_flows_are_listed(self):
        self.assertEqual(COUNT, len(self.flows))

    def test_flows_by_family_protocol_and_state_equal_conntrack(self):
        counted = self.scrape.by("conntrack_flows", "family", "protocol", "flow_state")
        self.assertEqual(conntrack_list.by_state(self.flows), {key: n for key, n in counted.items() if n})

    def test_the_source_is_named(self):
        source = self.scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
        self.assertEqual({(self.SOURCE, ""): 1}, source)

    def test_every_flow_is_in_exactly_one_series(self):
        self.assertEqual(COUNT, self.scrape.total("conntrack_flows"))
        self.assertEqual(COUNT, self.scrape.value("conntrack_flows_sample_flows"))
        self.assertEqual(COUNT, self.scrape.value("conntrack_entries"))

    def test_status_bits_equal_conntrack(self):
        counted = self.scrape.by("conntrack_flows_with_status", "family", "protocol", "status")
        for status in ("unreplied", "assured", "snat", "dnat"):
            with self.subTest(status=status):
                ours = {(family, protocol): n for (family, protocol, s), n in counted.items() if s == status and n}
                self.assertEqual(conntrack_list.with_status(self.flows, status), ours)

    def test_zones_of_the_original_direction_equal_conntrack(self):
        counted = self.scrape.by("conntrack_flows_by_zone", "ct_zone")
        self.assertEqual(conntrack_list.by_zone(self.flows), {zone: n for zone, n in counted.items() if n})

    def test_remaining_lifetimes_are_cumulative_and_equal_conntrack(self):
        expiring = self.scrape.by("conntrack_flows_expiring", "within_seconds")
        limits = sorted((float(limit), n) for limit, n in expiring.items())
        self.assertGreater(len(limits), 2)
        self.assertEqual([n for _, n in limits], sorted(n for _, n in limits))
        for limit, counted in limits:
            with self.subTest(within_seconds=limit):
                surely = sum(flow.timeout <= limit - SLACK for flow in self.flows)
                perhaps = sum(flow.timeout <= limit + SLACK for flow in self.flows)
                self.assertLessEqual(surely, counted)
                self.assertLessEqual(counted, perhaps)

    def test_collectors_that_need_no_more_than_this_namespace_succeed(self):
        self.assert_success(self.scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)
        self.assertEqual({"ctnetlink": 1}, self.scrape.by("conntrack_stat_source_info", "via"))
