"""Connections from invented addresses, none of which is ever completed."""

import crowds
import hping

_HALF_OPEN = ("SYN_SENT", "SYN_SENT2", "SYN_RECV")
_SPOOFED = ("--syn", "--rand-source")


class SynFlood(crowds.CrowdIncident):
    name = "syn-flood"
    title = "SYN flood from spoofed addresses"
    alert = "ConntrackSynFlood"
    labels = {"severity": "warning"}

    BURST = 0.2  # of the limit, within two seconds ...
    THEREAFTER = 0.15  # ... and so much a minute, which is how long a half-open connection is kept

    def impossible(self, lab):
        del lab
        return hping.why_impossible()

    def begin(self, lab):
        # As a gateway has it: answers to addresses that it does not know leave by the way that the flood came from.
        lab.router.run("ip", "route", "add", "default", "via", lab.CLIENT)
        lab.until_end.callback(lab.router.run, "ip", "route", "del", "default")
        crowds.holding(lab)
        limit = lab.router.sysctl("nf_conntrack_max")
        burst = int(self.BURST * limit)
        hping.flood(lab, burst / 2, crowds.HOLD, *_SPOOFED, "--count", str(burst))
        hping.flood(lab, self.THEREAFTER * limit / 60, crowds.HOLD, *_SPOOFED)

    def reached(self, lab):
        scrape = lab.scrape()
        flows = scrape.by("conntrack_flows", "protocol", "state")
        tcp = {state: count for (protocol, state), count in flows.items() if protocol == "tcp"}
        half_open = sum(tcp.get(state, 0) for state in _HALF_OPEN)
        return half_open > 0.1 * scrape.value("conntrack_entries_limit") and half_open > 0.5 * sum(tcp.values())
