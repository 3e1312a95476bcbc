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
        "ConntrackTableHardFull": "what fills the table cannot be evicted",
        "ConntrackTableUtilisationHigh": "a full table is above 80 %, and above 90 %",
        "ConntrackTableFillingUp": "it filled up",
        "ConntrackEarlyDrops": "the few flows that are not ASSURED are evicted",
        "ConntrackKernelLogTableFull": "the kernel logs it",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was reached",
    }

    def begin(self, lab):
        self._lost = Rise(lab, "conntrack_stat_drop_total")
        crowds.answering(lab, lab.server, lab.SERVER)
        limit = lab.router.sysctl("nf_conntrack_max")
        # As many as there is room for, which cannot be evicted; and then more and more, of which most are lost.
        crowds.datagrams(lab, limit)
        crowds.datagrams(lab, 0, *crowds.growing(_NEW, 10 * limit), again=0)

    def reached(self, lab):
        return self._lost.since(lab) > 0
