"""A table with little room left that has not lost a packet yet."""

import crowds

_BELOW_RECOMMENDED = {"ConntrackLimitBelowRecommended": "the recommendation by peak is above a limit that was nearly reached"}


class HardFull(crowds.CrowdIncident):
    """Answered flows that are used again and again: they are ASSURED, and the kernel evicts none of them."""

    name = "hard-full"
    title = "table nearly full of flows that cannot be evicted"
    alert = "ConntrackTableHardFull"
    labels = {"severity": "warning"}
    companions = {
        "ConntrackTableUtilisationHigh": "the table is above 80 %",
        **_BELOW_RECOMMENDED,
    }
    ASSURED = 0.86  # of the limit

    def begin(self, lab):
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.ASSURED))

    def reached(self, lab):
        return crowds.assured(lab) > 0.85


class UtilisationWarning(crowds.CrowdIncident):
    """Flows with one question and one answer: the kernel may evict them, and keeps them for an hour."""

    name = "utilisation-warning"
    title = "table above 80 %, of flows that can be evicted"
    alert = "ConntrackTableUtilisationHigh"
    labels = {"severity": "warning"}
    companions = _BELOW_RECOMMENDED
    share, above = 0.83, 0.8  # of the limit
    growth: tuple[str, ...] = ()

    def impossible(self, lab):
        return crowds.why_no_timeouts(lab)

    def begin(self, lab):
        crowds.own_timeout(lab, "udp", crowds.ECHO, "unreplied: 3600, replied: 3600")
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.share), *self.growth, again=0)

    def reached(self, lab):
        return crowds.share_of_limit(lab) > self.above


class UtilisationCritical(UtilisationWarning):
    """It keeps growing, and would reach the limit within the time that the rule looks ahead."""

    name = "utilisation-critical"
    title = "table above 90 %, full within a quarter of an hour"
    labels = {"severity": "critical"}
    companions = {**_BELOW_RECOMMENDED, "ConntrackTableFillingUp": "it does"}
    share, above = 0.85, 0.9
    MOST = 0.98  # of the limit: nothing is evicted nor lost
    IN_15_MINUTES = 0.12  # of the limit

    def begin(self, lab):
        rate = self.IN_15_MINUTES * lab.router.sysctl("nf_conntrack_max") * lab.monitoring.speed / (15 * 60)
        self.growth = crowds.growing(rate, crowds.part_of(lab, self.MOST))
        super().begin(lab)


class FillingUp(crowds.CrowdIncident):
    """Half full, and growing so that it is full within the time that the rule looks ahead."""

    name = "filling-up"
    title = "table that will be full within the hour"
    alert = "ConntrackTableFillingUp"
    labels = {"severity": "warning"}
    companions = _BELOW_RECOMMENDED
    afresh = True
    START, ENOUGH = 0.47, 0.75  # shares of the limit; above the second, other alerts say more
    AN_HOUR = 0.6  # of the limit, in the hour that the rule looks ahead

    def begin(self, lab):
        limit, speed = lab.router.sysctl("nf_conntrack_max"), lab.monitoring.speed
        crowds.clear_the_table(lab)
        growth = crowds.growing(self.AN_HOUR * limit * speed / 3600, crowds.part_of(lab, self.ENOUGH))
        self.fill(lab, crowds.part_of(lab, self.START), *growth)

    def fill(self, lab, start: int, *growth: str) -> None:
        """Begins with so many flows, and goes on with the flags that crowds.growing() made."""
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, start, *growth)

    def reached(self, lab):
        return crowds.share_of_limit(lab) > 0.5
