"""The exporter ends."""

import crowds
import waiting
from incident import Incident


class ExporterKilled(Incident):
    name = "exporter-killed"
    title = "exporter killed (SIGKILL)"
    alert = "ConntrackExporterDown"
    labels = {"severity": "warning"}
    afresh = True

    def begin(self, lab):
        lab.exporter.kill()

    def end(self, lab):
        lab.exporter.start()


class ExporterKilledWhileFull(crowds.CrowdIncident):
    """At the last scrape no packet is lost yet, so that no alert on losses fires."""

    name = "exporter-killed-while-full"
    title = "exporter stopped while the table is full"
    alert = "ConntrackExporterDown"
    labels = {"severity": "critical"}
    companions = {
        "ConntrackTableHardFull": "what fills the table cannot be evicted",
        "ConntrackTableUtilisationHigh": "a full table is above 80 %",
        "ConntrackTableFillingUp": "it filled up",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was reached",
    }
    SHARE = 0.96  # of the limit, with the steady traffic

    def begin(self, lab):
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.SHARE))
        waiting.until("Prometheus sees a table full of flows that cannot be evicted", lambda: self._known(lab))
        lab.until_end.callback(lab.exporter.restart)
        lab.exporter.kill()

    def _known(self, lab) -> bool:
        query = f"instance:conntrack_assured_per_limit:ratio > {0.99 * self.SHARE}"
        return bool(lab.monitoring.ask("query", query=query)["result"])
