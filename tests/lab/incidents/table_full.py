"""More flows than the table has room for."""

from incident import Incident


class TableFull(Incident):
    name = "table-full"
    title = "table filled by traffic until packets are lost"
    alert = "ConntrackTableFull"
    labels = {"severity": "critical"}
    companions = {
        "ConntrackSourceHoldsLargeShare": "one source holds all of it",
    }

    def begin(self, lab):
        self._dropped_before = self._dropped(lab)
        lab.background(lab.client, lab.tool("flood.py"), "--udp", "--rate=20000", f"--to={lab.SERVER}")

    def reached(self, lab):
        return self._dropped(lab) > self._dropped_before

    def end(self, lab):
        lab.router.drop_flows()  # instead of waiting for their timeouts

    @staticmethod
    def _dropped(lab) -> float:
        return lab.scrape().total("conntrack_stat_drop_total")
