"""More flows than the table has room for."""

import crowds
from counters import Rise

_NEW = 200  # flows a second that are begun meanwhile


class TableFull(crowds.CrowdIncident):
    name = "table-full"
    title = "table filled by traffic until packets are lost"
    alert = "ConntrackTableFull"
    labels = {"severity": "critical"}
    companions = {
        "ConntrackPacketsLost": "so they are",
        "ConntrackTableHardFull": "what fills the table cannot be evicted",
        "ConntrackTableUtilisationHigh": "a full table is above 80 %",
        "ConntrackTableFillingUp": "it filled up",
        "ConntrackEarlyDrops": "the few flows that are not ASSURED are evicted",
        "ConntrackKernelLogTableFull": "the kernel logs it",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was reached",
    }

    real_fires_within = 60

    def begin(self, lab):
        crowds.answering(lab, lab.server, lab.SERVER)
        # As many flows as there is room for, which cannot be evicted; then more and more, most of which are lost.
        crowds.datagrams(lab, lab.router.sysctl("nf_conntrack_max"))
        self.lose(lab)

    def lose(self, lab) -> None:
        """Keeps adding flows, for which a full table has no room."""
        self.lost = Rise(lab, "conntrack_stat_drop_total")
        crowds.datagrams(lab, 0, *crowds.growing(_NEW, 10**9), again=0)

    def reached(self, lab):
        return self.lost.since(lab) > 0


class PrometheusRestarted(TableFull):
    name = "prometheus-restarted"
    title = "Prometheus restarted while the table is full: told once"
    real_fires_within = None

    def told(self, lab):
        lab.monitoring.restart_prometheus()
        # Longer than Alertmanager keeps an alert that Prometheus does not send again.
        lab.monitoring.await_scrape(after=15)
