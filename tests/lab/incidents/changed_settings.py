"""Somebody sets something by hand."""

from incident import Incident


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


class Drift(Incident):
    name = "drift"
    title = "boot files say another limit than the one that runs"
    alert = "ConntrackSettingsNotPersistent"

    def __init__(self):
        self.labels = {"setting": "nf_conntrack_max", "reason": "value_differs", "severity": "warning"}

    def begin(self, lab):
        file = lab.boot_tree.path / lab.BOOT_FILE.lstrip("/")
        before = file.read_text()
        lab.until_end.callback(file.write_text, before)
        other = 2 * lab.router.sysctl("nf_conntrack_max")
        lab.boot_tree.write(lab.BOOT_FILE, f"{before}net.netfilter.nf_conntrack_max = {other}\n")

    def reached(self, lab):
        return lab.scrape().by("conntrack_setting_drift", "setting").get("nf_conntrack_max") == 1
