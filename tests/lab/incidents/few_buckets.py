"""A hash table that is much too small for the flows in it."""

import crowds
from counters import Rise

_SMALLEST = 512  # buckets: the kernel makes a page of them at least
_NEW = 40  # flows a second that are begun meanwhile

_CHANGED = {"ConntrackLimitChanged": "the number of buckets was changed, by us"}
_NOT_PERSISTED = {"ConntrackSettingsNotPersistent": "nf_conntrack_buckets is not what the boot files say"}


class HashOverloaded(crowds.CrowdIncident):
    name = "hash-overloaded"
    title = "hash table with long chains"
    alert = "ConntrackHashOverloaded"
    labels = {"severity": "info", "what": "mean_chain"}
    companions = {**_CHANGED, **_NOT_PERSISTED}
    chain = 12  # entries in a bucket, on the average

    def begin(self, lab):
        crowds.answering(lab, lab.server, lab.SERVER)
        lab.set_buckets(_SMALLEST)
        # Each flow stands in two buckets.
        buckets, count = (lab.router.sysctl(f"nf_conntrack_{name}") for name in ("buckets", "count"))
        crowds.datagrams(lab, self.chain * buckets // 2 - count)

    def reached(self, lab):
        scrape = lab.scrape()
        return 2 * scrape.value("conntrack_entries") / scrape.value("conntrack_hash_buckets") > 4


class ChainsTooLong(HashOverloaded):
    """Chains that the kernel does not make longer: it drops what would have to go there."""

    name = "too-few-buckets"
    title = "hash chains so long that packets are lost"
    alert = "ConntrackChainsTooLong"
    labels = {"severity": "critical"}
    companions = {
        "ConntrackPacketsLost": "so they are",
        "ConntrackHashOverloaded": "chains are long",
        "ConntrackTableFillingUp": "the flows came quickly",
        "ConntrackLimitBelowRecommended": "the recommendation by peak is above the limit",
        **_CHANGED,
        **_NOT_PERSISTED,
    }
    real_fires_within = 60
    chain = 56  # the limit is 50 to 79, drawn for each packet

    def begin(self, lab):
        self._lost = Rise(lab, "conntrack_stat_chain_toolong_total")
        super().begin(lab)
        # Those that are in the table stay; it is new ones that are lost.
        crowds.datagrams(lab, 0, *crowds.growing(_NEW, 10**6), again=0)

    def impossible(self, lab):
        if "conntrack_stat_chain_toolong_total" not in lab.scrape().names():
            return "no limit for the length of a chain in this kernel (since 5.15)"
        if self.chain * _SMALLEST / 2 > 0.8 * lab.router.sysctl("nf_conntrack_max"):
            return "the limit is too small for chains that long"
        return None

    def reached(self, lab):
        return self._lost.since(lab) > 0
