"""More flows than the table has room for."""

from incident import Incident


class TableFull(Incident):
    name = "table-full"
    title = "table filled by traffic until packets are lost"
    alert = "ConntrackTableFull"
    labels = {"severity": "critical"}

    def begin(self, lab):
        self._dropped_before = self._dropped(lab)
        # From all clients in equal shares: no single source is to blame. The server answers, so that each is a flow
        # both ways, and some seconds later there is room for none.
        lab.background(
            lab.client, *lab.tool("datagrams.py"), "--from", *lab.CLIENTS, "--to", lab.SERVER, "--rate", "5000"
        )

    def reached(self, lab):
        return self._dropped(lab) > self._dropped_before

    def end(self, lab):
        lab.restore()  # the traffic first
        lab.router.drop_flows()  # instead of waiting for their timeouts

    @staticmethod
    def _dropped(lab) -> float:
        return lab.scrape().total("conntrack_stat_drop_total")
