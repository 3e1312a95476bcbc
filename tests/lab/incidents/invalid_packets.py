"""Packets that belong to no connection and can begin none."""

import crowds
import hping
import waiting
from counters import Rise

_RATE = 200  # packets a second; what the server answers is as invalid
_HOUR = 3600  # the rule compares with what was usual until an hour ago


class InvalidPackets(crowds.CrowdIncident):
    name = "invalid-packets"
    title = "scan with packets that cannot be tracked"
    alert = "ConntrackInvalidPacketsHigh"
    labels = {"severity": "info"}
    afresh = True

    def impossible(self, lab):
        del lab
        return hping.why_impossible()

    def begin(self, lab):
        earlier = f"instance:conntrack_not_tracked_packets:rate5m offset {_HOUR // lab.monitoring.speed}s"
        waiting.until("Prometheus knows what is usual", lambda: lab.monitoring.ask("query", query=earlier)["result"])
        self._invalid = Rise(lab, "conntrack_stat_invalid_total")
        # FIN, PSH and URG without ACK: the "Xmas" scan, which no TCP sends.
        hping.flood(lab, _RATE, "--destport", "9", "--fin", "--push", "--urg")

    def reached(self, lab):
        return self._invalid.since(lab) > 5 * _RATE
