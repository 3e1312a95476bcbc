"""A flood that nobody answers: each new flow takes the place of an older one, and hardly a packet is lost."""

import crowds
from counters import Rise

_NEW = 200  # flows a second


class EarlyDrops(crowds.CrowdIncident):
    name = "early-drops"
    title = "flows evicted to make room for new ones"
    alert = "ConntrackEarlyDrops"
    labels = {"severity": "warning"}
    companions = {
        "ConntrackTableUtilisationHigh": "a full table is above 80 %",
        "ConntrackTableFillingUp": "it filled up",
        "ConntrackProtocolFlood": "nearly all of it is UNREPLIED UDP",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was reached",
        "ConntrackLimitChanged": "the number of buckets was changed for it",
        "ConntrackSettingsNotPersistent": "nf_conntrack_buckets is not what the boot files say, for a while",
    }

    def begin(self, lab):
        self._evicted = Rise(lab, "conntrack_stat_early_drop_total")
        limit = lab.router.sysctl("nf_conntrack_max")
        # The kernel looks for something to evict in 8 buckets, and drops the new flow where there is nothing. With as many buckets as
        # entries it finds nothing once in a million times, and there are thousands a second; with half as many, never.
        if lab.router.sysctl("nf_conntrack_buckets") > limit // 2:
            lab.set_buckets(limit // 2)
        crowds.holding(lab)
        # More than there is room for, used again before it expires, so that the table stays full.
        growth = crowds.growing(_NEW, 10 * limit)
        crowds.datagrams(lab, limit, *growth, ports=crowds.SILENT, again=5)

    def reached(self, lab):
        return self._evicted.since(lab) > 0
