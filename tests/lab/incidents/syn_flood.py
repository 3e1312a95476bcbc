"""SYNs from forged addresses: no handshake is completed."""

import crowds
import hping

_HALF_OPEN = ("SYN_SENT", "SYN_SENT2", "SYN_RECV")
_SPOOFED = ("--syn", "--rand-source", "--destport", crowds.HOLD)


class SynFlood(crowds.CrowdIncident):
    name = "syn-flood"
    title = "SYN flood from spoofed addresses"
    alert = "ConntrackSynFlood"
    labels = {"severity": "warning"}
    companions = hping.CLASHES

    BURST = 0.2  # of the limit, within two seconds ...
    THEREAFTER = 0.15  # ... and so much a minute, which is how long a half-open connection is kept

    def impossible(self, lab):
        del lab
        return hping.why_impossible()

    def begin(self, lab):
        crowds.lead_back(lab)
        crowds.holding(lab)
        limit = lab.router.sysctl("nf_conntrack_max")
        burst = int(self.BURST * limit)
        hping.flood(lab, burst / 2, *_SPOOFED, "--count", str(burst))
        hping.flood(lab, self.THEREAFTER * limit / 60, *_SPOOFED)

    def reached(self, lab):
        scrape = lab.scrape()
        flows = scrape.by("conntrack_flows", "protocol", "flow_state")
        tcp = {state: count for (protocol, state), count in flows.items() if protocol == "tcp"}
        half_open = sum(tcp.get(state, 0) for state in _HALF_OPEN)
        return half_open > 0.1 * scrape.value("conntrack_entries_limit") and half_open > 0.5 * sum(tcp.values())
