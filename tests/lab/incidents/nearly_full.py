"""A table in which there is little room left, and nobody has lost a packet yet."""

import crowds

_FILLING_UP = {"ConntrackTableFillingUp": "it filled up quickly, and nobody knows that it will go no further"}
_BELOW_RECOMMENDED = {"ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was nearly reached"}

# A timeout of their own for the flows of the crowd: those of the steady traffic end as ever.
_KEPT = """
table ip kept {{
  ct timeout long {{
    protocol udp
    l3proto ip
    policy = {{ unreplied: 3600, replied: 3600 }}
  }}
  chain forward {{
    type filter hook forward priority filter;
    udp dport {low}-{high} ct timeout set "long"
  }}
}}
"""


class HardFull(crowds.CrowdIncident):
    """Answered flows that are used again and again: they are ASSURED, and the kernel evicts none of them."""

    name = "hard-full"
    title = "table nearly full of flows that cannot be evicted"
    alert = "ConntrackTableHardFull"
    labels = {"severity": "critical"}
    companions = {
        "ConntrackTableUtilisationHigh": "the table is above 80 %, and above 90 %",
        **_FILLING_UP,
        **_BELOW_RECOMMENDED,
    }
    ASSURED = 0.86  # of the limit: with the steady traffic it is less than 90 %, which would be another page

    def begin(self, lab):
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.ASSURED))

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows_with_status", status="assured") > 0.85


class UtilisationWarning(crowds.CrowdIncident):
    """Flows with one question and one answer: the kernel may evict them, and keeps them for an hour."""

    name = "utilisation-warning"
    title = "table above 80 %, of flows that can be evicted"
    alert = "ConntrackTableUtilisationHigh"
    labels = {"severity": "warning"}
    companions = {**_FILLING_UP, **_BELOW_RECOMMENDED}
    share, above = 0.83, 0.8  # of the limit

    def impossible(self, lab):
        known = lab.takes(_KEPT.format(low=1, high=2))
        return None if known else "no timeouts by rule in this kernel (CONFIG_NF_CONNTRACK_TIMEOUT)"

    def begin(self, lab):
        lab.add_table(_KEPT.format(low=crowds.ECHO[0], high=crowds.ECHO[-1]), "ip kept")
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.share), again=0)

    def reached(self, lab):
        return crowds.share_of_limit(lab) > self.above


class UtilisationCritical(UtilisationWarning):
    name = "utilisation-critical"
    title = "table above 90 %, of flows that can be evicted"
    labels = {"severity": "critical"}
    share, above = 0.92, 0.9


class FillingUp(crowds.CrowdIncident):
    """Half full, and growing so that it is full within the time that the rule looks ahead."""

    name = "filling-up"
    title = "table that will be full within the hour"
    alert = "ConntrackTableFillingUp"
    labels = {"severity": "warning"}
    companions = _BELOW_RECOMMENDED
    START, ENOUGH = 0.47, 0.75  # shares of the limit; above the second, other alerts say more
    AN_HOUR = 0.6  # of the limit, in the hour that the rule looks ahead

    def begin(self, lab):
        limit, speed = lab.router.sysctl("nf_conntrack_max"), lab.monitoring.speed
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        growth = crowds.growing(self.AN_HOUR * limit * speed / 3600, crowds.part_of(lab, self.ENOUGH))
        crowds.datagrams(lab, crowds.part_of(lab, self.START), *growth)

    def reached(self, lab):
        return crowds.share_of_limit(lab) > 0.5
