"""Two datagrams on two CPUs that claim the same entry: one of them is lost, and its sender gets no error."""

import os

import crowds
from counters import Rise

_PORTS = (5301, 5302)  # of the router: two addresses of one service, as a cluster has for its DNS

_RULES = """
table ip clash {{
  chain prerouting {{
    type nat hook prerouting priority dstnat - 1;
    ip daddr {router} udp dport {{ {first}, {second} }} dnat to {server}:53
  }}
}}
"""


class Clash(crowds.CrowdIncident):
    name = "clash"
    title = "UDP datagrams that clash: one of each pair is lost"
    alert = "ConntrackClashesLost"
    labels = {"severity": "warning"}
    companions = {"ConntrackPacketsLost": "so they are"}

    def impossible(self, lab):
        del lab
        if len(os.sched_getaffinity(0)) < 2:
            return "one CPU: packets only clash where two are handled at the same moment"
        return None

    def begin(self, lab):
        self._lost = Rise(lab, "conntrack_stat_insert_failed_total")
        first, second = _PORTS
        lab.add_table(_RULES.format(router=lab.ROUTER, server=lab.SERVER, first=first, second=second), "ip clash")
        ends = ("--from", lab.CLIENT, "--to", lab.ROUTER, "--ports", str(first), str(second))
        lab.background(lab.client, *lab.tool("racers.py"), *ends)

    def reached(self, lab):
        return self._lost.since(lab) > 0
