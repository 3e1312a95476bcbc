"""Packets are lost while scrapes fail, and the loss is over at the next scrape."""

import time

import waiting

from .table_full import TableFull

_BLOCKED = """
table inet blocked {{
  chain input {{ type filter hook input priority filter; iifname "monitor" tcp dport {port} drop; }}
}}
"""


class ScrapeGap(TableFull):
    name = "scrape-gap"
    title = "table full while scrapes are blocked, told afterwards"
    labels = {"severity": "warning"}
    companions = {
        **TableFull.companions,
        "ConntrackExporterDown": "it could not be scraped",
    }

    real_fires_within = 90  # a ticket, as of a burst
    SCRAPES = 4  # that fail

    def begin(self, lab):
        lab.router.nft(_BLOCKED.format(port=lab.EXPORTER_PORT))
        blocked = time.monotonic()
        try:
            super().begin(lab)
            waiting.until("1000 packets are lost", lambda: self.lost.since(lab) > 1000)
            self.end(lab)
            time.sleep(max(0, blocked + self.SCRAPES * lab.monitoring.interval - time.monotonic()))
        finally:
            lab.router.nft("delete table inet blocked\n")
