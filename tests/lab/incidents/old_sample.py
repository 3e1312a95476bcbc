"""An exporter that is allowed too little CPU time to walk the table as often as somebody asks."""

from incident import Incident


class OldSample(Incident):
    name = "flows-sample-old"
    title = "share of CPU too small for walks of the table"
    alert = "ConntrackFlowsSampleOld"
    labels = {"severity": "warning"}

    def begin(self, lab):
        # A walk by BPF is so short that the share would be enough for another soon.
        lab.exporter.restart("--collector.flows.cpu-share=0.0001", "--collector.flows.source=netlink")
        lab.until_end.callback(lab.exporter.restart)

    def reached(self, lab):
        return lab.scrape().value("conntrack_flows_sample_age_seconds") > 300 / lab.monitoring.speed
