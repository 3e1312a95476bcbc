"""Pings from forged addresses, each of which makes a flow."""

import crowds
import hping


class IcmpFlood(crowds.CrowdIncident):
    name = "icmp-flood"
    title = "ICMP flood from spoofed addresses"
    alert = "ConntrackProtocolFlood"
    labels = {"severity": "warning", "protocol": "icmp"}
    companions = hping.CLASHES
    SHARE = 0.3  # of the limit

    def impossible(self, lab):
        del lab
        return hping.why_impossible()

    def begin(self, lab):
        crowds.lead_back(lab)
        rate = crowds.part_of(lab, self.SHARE) / lab.router.sysctl("nf_conntrack_icmp_timeout")
        hping.flood(lab, rate, "--icmp", "--rand-source")

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows", protocol="icmp") > 0.2
