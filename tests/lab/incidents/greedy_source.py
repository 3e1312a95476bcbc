"""One client that has more than its share of the table."""

import crowds


class GreedySource(crowds.CrowdIncident):
    name = "greedy-source"
    title = "one client holds 30 % of the limit"
    alert = "ConntrackSourceHoldsLargeShare"

    SOURCE = "10.1.0.10"  # one of the clients
    labels = {"source_address": SOURCE, "severity": "warning"}

    def begin(self, lab):
        others = [source for source in lab.CLIENTS if source != self.SOURCE]
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, 0.3), sources=(self.SOURCE,))
        crowds.datagrams(lab, crowds.part_of(lab, 0.05), sources=others)

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_talkers_source_flows", source_address=self.SOURCE) > 0.25
