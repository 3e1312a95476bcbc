"""The table of another network namespace of the host is full."""

import crowds
from counters import Rise
from incident import Incident
from lab import Namespace

_RULES = """
table inet tracked {
  chain input { type filter hook input priority filter; ct state new accept; }
}
"""


class NetnsTableFull(Incident):
    name = "netns-full"
    title = "table of another namespace full, as a pod's"
    alert = "ConntrackNetnsTableFull"
    labels = {"severity": "critical"}
    companions = {"ConntrackKernelLogTableFull": "the kernel logs it"}
    real_fires_within = 60
    counter = "conntrack_netns_drop_total"
    new = 50  # flows a second that are begun once it is full

    def begin(self, lab):
        self._harm = Rise(lab, self.counter)
        self._tenant = Namespace()
        self._tenant.nft(_RULES)
        limit = self._tenant.sysctl("nf_conntrack_max")
        crowds.answering(lab, self._tenant, "127.0.0.1")
        # Over its lo: as many flows as there is room for, which cannot be evicted; then more and more.
        over_lo = {"sources": ("127.0.0.1",), "to": "127.0.0.1", "within": self._tenant}
        crowds.datagrams(lab, limit, **over_lo)
        crowds.datagrams(lab, 0, *crowds.growing(self.new, 10**9), again=0, **over_lo)

    def reached(self, lab):
        return self._harm.since(lab) > 0

    def end(self, lab):
        lab.end_background()
        self._tenant.drop_flows()
        self._tenant.close()


class KernelLog(NetnsTableFull):
    """The same for an exporter that reads only its own namespace and the kernel log."""

    name = "kernel-log"
    title = "table of another namespace full, told by the kernel's log"
    alert = "ConntrackKernelLogTableFull"
    companions = {}
    real_fires_within = None
    counter = "conntrack_kernel_log_messages_total"
    new = 2  # with more, the kernel logs ten lines at once and none for five seconds, which are five minutes to the alerts

    def impossible(self, lab):
        if self.counter not in lab.scrape().names():
            return "the kernel's log cannot be read here (kernel.dmesg_restrict, CAP_SYSLOG)"
        return None

    def begin(self, lab):
        lab.exporter.restart("--no-collector.netns")
        lab.until_end.callback(lab.exporter.restart)
        super().begin(lab)
