"""A server that never closes what its clients have closed."""

import crowds


class CloseWaitLeak(crowds.CrowdIncident):
    name = "leak"
    title = "connections that the server never closes (CLOSE_WAIT)"
    alert = "ConntrackStateLeak"
    labels = {"flow_state": "CLOSE_WAIT", "severity": "warning"}
    companions = {"ConntrackSettingsNotPersistent": "no boot file has the timeout that begin() sets, and they are read once a minute"}

    SHARE = 0.3  # of the limit

    def begin(self, lab):
        # kube-proxy sets this (--conntrack-tcp-timeout-close-wait), and a leak of minutes becomes one of hours.
        name = "nf_conntrack_tcp_timeout_close_wait"
        lab.until_end.callback(lab.write_sysctl, lab.router, f"net/netfilter/{name}", lab.router.sysctl(name))
        lab.write_sysctl(lab.router, f"net/netfilter/{name}", 3600)
        crowds.holding(lab)
        crowds.connections(lab, crowds.HOLD, crowds.part_of(lab, self.SHARE), "--close")

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows", flow_state="CLOSE_WAIT") > 0.2
