"""A gateway that has few ports left for one remote endpoint, or none."""

import crowds

_LOW, _HIGH = 20000, 21999  # many more than the steady traffic uses for any endpoint: the exporter knows one range
_PORTS = _HIGH - _LOW + 1

# Ahead of the laboratory's own rule.
_RULES = """
table ip narrow {{
  chain postrouting {{
    type nat hook postrouting priority srcnat - 1;
    oifname "server" ip daddr {server} tcp dport {remote} masquerade to :{low}-{high}
  }}
}}
"""


class SnatRunningOut(crowds.CrowdIncident):
    name = "snat-running-out"
    title = "few ports left behind NAT for one server"
    alert = "ConntrackSnatPortsRunningOut"
    labels = {"severity": "warning", "protocol": "tcp", "remote_port": crowds.HOLD}
    count, above = int(0.9 * _PORTS), 0.8

    def begin(self, lab):
        lab.until_end.callback(lab.exporter.restart)
        lab.exporter.restart(f"--collector.nat.port-range={_LOW}-{_HIGH}")
        lab.add_table(_RULES.format(server=lab.SERVER, remote=crowds.HOLD, low=_LOW, high=_HIGH), "ip narrow")
        crowds.holding(lab)
        crowds.connections(lab, crowds.HOLD, self.count)

    def reached(self, lab):
        scrape = lab.scrape()
        in_use = scrape.by("conntrack_snat_ports_in_use", "remote_port").get(crowds.HOLD, 0)
        return in_use > self.above * scrape.value("conntrack_snat_ports_available")


class SnatExhaustion(SnatRunningOut):
    """More connections than ports: the last ones stay unanswered, while all others work."""

    name = "snat-exhaustion"
    title = "no port left behind NAT for one server"
    labels = {**SnatRunningOut.labels, "severity": "critical"}
    companions = {
        "ConntrackPacketsLost": "the last connections find no port",
        "ConntrackClashesLost": "the kernel counts a connection that finds no port as a clash: it has no other counter",
    }
    count, above = int(1.2 * _PORTS), 0.95
