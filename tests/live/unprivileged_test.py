"""Without CAP_NET_ADMIN: all but the flows, and one line in the log that says why."""

import binaries
from lab import without_net_admin
from live import LiveTest


class WithoutNetAdmin(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--count", "100")

    def test_what_needs_no_capability_is_there_and_flows_are_absent(self):
        scrape = self.start(program=without_net_admin(binaries.exporter())).scrape()
        self.assert_success(scrape, table=1, stat=1, timeouts=1, settings=1, flows=0)
        self.assertEqual({"procfs": 1}, scrape.by("conntrack_stat_source_info", "via"))
        self.assertEqual(100, scrape.value("conntrack_entries"))
        self.assertIn("conntrack_stat_drop_total", scrape.names())
        self.assertIn("conntrack_timeout_seconds", scrape.names())
        for name in ("flows", "flows_with_status", "flows_by_zone", "flows_expiring"):
            self.assertNotIn(f"conntrack_{name}", scrape.names())

    def test_the_log_names_the_capability_once(self):
        exporter = self.start(program=without_net_admin(binaries.exporter()))
        for _ in range(3):
            exporter.scrape()
        about_flows = [line for line in exporter.log().splitlines() if "CAP_NET_ADMIN" in line and "flows" in line]
        self.assertEqual(1, len(about_flows), exporter.log())

    def test_table_is_the_same_figure_as_with_the_capability(self):
        plain = self.start(program=without_net_admin(binaries.exporter())).scrape()
        privileged = self.start().scrape()
        for name in ("conntrack_entries", "conntrack_entries_limit", "conntrack_hash_buckets"):
            self.assertEqual(privileged.value(name), plain.value(name))
        self.assertEqual(
            privileged.by("conntrack_stat_insert_total", "cpu"), plain.by("conntrack_stat_insert_total", "cpu")
        )
