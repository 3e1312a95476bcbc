"""Somebody sets something by hand."""

import crowds
from incident import Incident

from .table_full import TableFull


class LimitLowered(Incident):
    name = "limit-lowered"
    title = "nf_conntrack_max halved while the host runs"
    alert = "ConntrackLimitChanged"
    labels = {"what": "limit", "severity": "info"}
    companions = {"ConntrackSettingsNotPersistent": "nf_conntrack_max is not what the boot files say"}

    def begin(self, lab):
        self._half = lab.router.sysctl("nf_conntrack_max") // 2
        lab.set_limit(self._half)

    def reached(self, lab):
        return lab.scrape().value("conntrack_entries_limit") == self._half


class LimitBelowCount(TableFull):
    name = "limit-below-count"
    title = "nf_conntrack_max lowered below the entries in the table"
    companions = {**TableFull.companions, **LimitLowered.companions, "ConntrackLimitChanged": "it was"}
    SHARE = 0.6  # of the limit

    def begin(self, lab):
        crowds.answering(lab, lab.server, lab.SERVER)
        crowds.datagrams(lab, crowds.part_of(lab, self.SHARE))
        crowds.await_assured(lab, self.SHARE)
        lab.set_limit(lab.router.sysctl("nf_conntrack_max") // 2)
        self.lose(lab)


class Drift(Incident):
    name = "drift"
    title = "boot files say another limit than the one that runs"
    alert = "ConntrackSettingsNotPersistent"
    labels = {"severity": "warning"}

    def begin(self, lab):
        file = lab.boot_tree.path / lab.BOOT_FILE.lstrip("/")
        before = file.read_text()
        lab.until_end.callback(lab.exporter.restart)  # it reads the boot files when it starts, and then once a minute
        lab.until_end.callback(file.write_text, before)
        other = 2 * lab.router.sysctl("nf_conntrack_max")
        lab.boot_tree.write(lab.BOOT_FILE, f"{before}net.netfilter.nf_conntrack_max = {other}\n")
        lab.exporter.restart()

    def reached(self, lab):
        return lab.scrape().by("conntrack_setting_drift", "setting").get("nf_conntrack_max") == 1
