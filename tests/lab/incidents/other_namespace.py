"""The table of another network namespace of the host is full: the exporter sees its own, and the kernel's log."""

import crowds
from incident import Incident
from lab import Namespace

_NEW = 50  # flows a second that are begun once it is full

_RULES = """
table inet tracked {
  chain input { type filter hook input priority filter; ct state new accept; }
}
"""


class OtherNamespace(Incident):
    name = "kernel-log"
    title = "table of another namespace full, told by the kernel's log"
    alert = "ConntrackKernelLogTableFull"
    labels = {"severity": "critical"}

    def impossible(self, lab):
        if "conntrack_kernel_log_messages_total" not in lab.scrape().names():
            return "the kernel's log cannot be read here (kernel.dmesg_restrict, CAP_SYSLOG)"
        return None

    def begin(self, lab):
        self._before = self._lines(lab)
        self._tenant = Namespace()
        self._tenant.nft(_RULES)
        limit = self._tenant.sysctl("nf_conntrack_max")
        crowds.answering(lab, self._tenant, "127.0.0.1")
        # Over its lo, and with more and more of them.
        more, lo = crowds.growing(_NEW, 10 * limit), "127.0.0.1"
        crowds.datagrams(lab, limit, *more, sources=(lo,), to=lo, within=self._tenant)

    @staticmethod
    def _lines(lab) -> float:
        return lab.scrape().value("conntrack_kernel_log_messages_total", message="table_full")

    def reached(self, lab):
        return self._lines(lab) > self._before

    def end(self, lab):
        lab.restore()
        self._tenant.drop_flows()
        self._tenant.close()
