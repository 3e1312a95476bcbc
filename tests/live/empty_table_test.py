"""A table without a flow: zeros where zero is known."""

from exporter_process import BPF, FRESH, NETLINK
from live import BpfTest, LiveTest


class EmptyTable(LiveTest):
    SOURCE = NETLINK

    def test_an_empty_table_is_zero_and_not_absent(self):
        scrape = self.start(*FRESH, self.SOURCE).scrape()
        self.assertEqual(0, scrape.value("conntrack_entries"))
        self.assertEqual(0, scrape.value("conntrack_flows_sample_flows"))
        self.assert_success(scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)


class EmptyTableByBpf(EmptyTable, BpfTest):
    SOURCE = BPF
