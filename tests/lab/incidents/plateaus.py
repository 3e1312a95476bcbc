"""A table that fills quickly and levels off with room left: no alert may be sent."""

import crowds


class StandbyTakeOver(crowds.CrowdIncident):
    """The flows of the other gateway, all at once."""

    name = "standby-takes-over"
    title = "standby gateway takes over: 58 % of the limit at once"
    afresh = True
    SHARE = 0.56  # of the limit, beside the steady traffic

    def begin(self, lab):
        crowds.clear_the_table(lab)
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.SHARE))

    def reached(self, lab):
        return crowds.share_of_limit(lab) > 0.55


class Levelling(crowds.CrowdIncident):
    """As many short connections begin as older ones leave TIME_WAIT."""

    name = "short-connections"
    title = "load balancer with short connections: levels off at 60 % in TIME_WAIT"
    afresh = True
    SHARE = 0.58  # of the limit, beside the steady traffic

    def begin(self, lab):
        crowds.clear_the_table(lab)
        rate = crowds.part_of(lab, self.SHARE) / lab.router.sysctl("nf_conntrack_tcp_timeout_time_wait")
        crowds.connections(lab, "80", 0, *crowds.growing(rate, 10**9), "--say", "--close")

    def reached(self, lab):
        return crowds.share_of_limit(lab) > 0.55
