"""More flows than there is room for, for a moment that no scrape sees."""

import crowds
import waiting
from counters import Rise


class Burst(crowds.CrowdIncident):
    name = "burst"
    title = "burst of two seconds: packets lost between two scrapes"
    alert = "ConntrackTableFull"
    labels = {"severity": "warning"}
    companions = {
        "ConntrackPacketsLost": "so they are",
        "ConntrackKernelLogTableFull": "the kernel logs it",
        "ConntrackEarlyDrops": "some flows of the burst are evicted for others",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was reached",
    }
    real_fires_within = 90  # a ticket, for which Alertmanager waits 30 s
    BUSY = 0.75  # of the limit, and none of it can be evicted
    TOO_MANY = 300  # flows
    SECONDS = 2  # until the flows of the burst end

    def impossible(self, lab):
        return crowds.why_no_timeouts(lab)

    def begin(self, lab):
        crowds.clear_the_table(lab, 0)  # other traffic would lose packets as well until the burst has ended
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.holding(lab)
        crowds.own_timeout(lab, "udp", crowds.SILENT, f"unreplied: {self.SECONDS}")
        crowds.datagrams(lab, crowds.part_of(lab, self.BUSY))
        self._lost = Rise(lab, "conntrack_stat_drop_total")
        crowds.await_assured(lab, self.BUSY)
        # However long a busy machine takes for it: losses in two scrapes would be no burst.
        with lab.monitoring.paused():
            burst = crowds.datagrams(lab, crowds.part_of(lab, 1 - self.BUSY) + self.TOO_MANY, ports=crowds.SILENT, again=0)
            waiting.until("the burst has been sent", lambda: burst.poll() is not None, self.begins_within)

    def reached(self, lab):
        return self._lost.since(lab) > 100
