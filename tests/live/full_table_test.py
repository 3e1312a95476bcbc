"""A table that is full: packets are dropped, and the exporter says so."""

import socket

from exporter_process import FRESH, Exporter
from lab import Namespace, skip
from live import LiveTest

LARGEST = 600_000  # entries that this test is willing to make

# Tracks what passes lo, except the exporter's own connections: in a full table no new one would get through.
RULES = """
table inet test {{
  chain incoming {{ type filter hook prerouting priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain outgoing {{ type filter hook output priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain track {{ type filter hook input priority filter; ct state new accept; }}
}}
"""


def send_datagrams(namespace: Namespace, count: int) -> None:
    """Each from a port of its own, so that each wants an entry."""
    for _ in range(count):
        with namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            try:
                sender.sendto(b"?", ("127.0.0.1", 9))
            except PermissionError:
                pass  # what a dropped packet looks like to its local sender


class FullTable(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit = cls.namespace.sysctl("nf_conntrack_max")
        if not 0 < cls.limit <= LARGEST:
            skip(f"the table is filled to nf_conntrack_max, and {cls.limit} is none or more than {LARGEST} entries")
        cls.fill("--assured", "--count", str(cls.limit))

    def dropped(self, exporter: Exporter) -> float:
        return exporter.scrape("/metrics?collect[]=stat").total("conntrack_stat_drop_total")

    def test_refused_packets_are_counted_as_drops(self):
        exporter = self.start(*FRESH)
        self.assertEqual(self.limit, exporter.scrape().value("conntrack_entries"))
        self.assertEqual(0, self.dropped(exporter))
        self.namespace.nft(RULES.format(port=exporter.port))
        # The end of the last scrape's connection may have met the rules when they were loaded by half.
        before = self.dropped(exporter)
        send_datagrams(self.namespace, 100)
        self.assertEqual(before + 100, self.dropped(exporter))

        scrape = exporter.scrape()
        # The kernel's own collector may have removed entries that expired in the meantime; there are none here.
        self.assertAlmostEqual(self.limit, scrape.value("conntrack_entries"), delta=self.limit // 1000)
        self.assertEqual(self.limit, scrape.value("conntrack_entries_limit"))
        self.assertAlmostEqual(self.limit, scrape.total("conntrack_flows"), delta=self.limit // 1000)
