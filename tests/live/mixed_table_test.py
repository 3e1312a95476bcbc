"""The kernel's dump of a quiet table of every sort of flow."""

from exporter_process import NETLINK
from live import LiveTest
from mixed_table import MixedTable


class ByNetlink(MixedTable, LiveTest):
    FLAGS, SOURCE = (NETLINK,), "ctnetlink"

    def test_what_only_a_walk_of_the_chains_can_tell_is_absent(self):
        names = {"conntrack_hash_chain_length_count", "conntrack_hash_chain_length_max", "conntrack_flows_expired"}
        self.assertEqual(set(), names & self.scrape.names())
