"""The exporter may not ask for flows any more."""

import binaries
from incident import Incident
from lab import without_net_admin


class CapabilityLost(Incident):
    name = "capability-lost"
    title = "exporter started again without CAP_NET_ADMIN"
    alert = "ConntrackCollectorFailed"
    labels = {"collector": "flows", "severity": "warning"}
    companions = {"ConntrackCollectorFailed": "talkers, nat and events need the capability too"}

    def begin(self, lab):
        lab.exporter.restart(program=without_net_admin(binaries.exporter()))
        lab.until_end.callback(lab.exporter.restart)

    def reached(self, lab):
        return lab.scrape().value("conntrack_scrape_collector_success", collector="flows") == 0
