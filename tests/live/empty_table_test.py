"""A table without a flow: zeros where zero is known."""

from exporter_process import FRESH
from live import LiveTest


class EmptyTable(LiveTest):
    def test_an_empty_table_is_zero_and_not_absent(self):
        scrape = self.start(*FRESH).scrape()
        self.assertEqual(0, scrape.value("conntrack_entries"))
        self.assertEqual(0, scrape.value("conntrack_flows_sample_flows"))
        self.assert_success(scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)
