"""More flows than there is room for, for a moment that no scrape sees."""

import crowds
import waiting
from counters import Rise


class Burst(crowds.CrowdIncident):
    name = "burst"
    title = "short burst: packets lost between two scrapes"
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
    LOST = 120  # packets: the alert counts more than 100

    def begin(self, lab):
        crowds.clear_the_table(lab, 0)  # other traffic would lose packets as well until the burst has ended
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.holding(lab)
        crowds.datagrams(lab, crowds.part_of(lab, self.BUSY))
        self._lost = Rise(lab, "conntrack_stat_drop_total")
        crowds.await_assured(lab, self.BUSY)
        # However long a busy machine takes for it: losses in two scrapes would be no burst. Others than ASSURED flows are evicted
        # where the kernel finds some, so one burst may lose too few. Its flows are deleted, so that the next scrape finds room.
        with lab.monitoring.paused():
            waiting.until("packets of the burst are lost", lambda: self._overflows(lab), self.begins_within)
            for port in crowds.SILENT:
                lab.router.run("conntrack", "-D", "-p", "udp", "--dport", port, check=False)  # fails where there is none

    def _overflows(self, lab):
        if not self.reached(lab):
            crowds.datagrams(lab, crowds.part_of(lab, 1 - self.BUSY) + self.TOO_MANY, ports=crowds.SILENT, again=0).wait()
        return self.reached(lab)

    def reached(self, lab):
        return self._lost.since(lab) > self.LOST
