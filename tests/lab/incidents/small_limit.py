"""A limit that is not what the machine is for."""

from incident import Incident


class SmallLimit(Incident):
    name = "limit-below-recommended"
    title = "limit below what a NAT gateway needs"
    alert = "ConntrackLimitBelowRecommended"
    labels = {"basis": "profile", "severity": "info"}

    def begin(self, lab):
        lab.exporter.restart("--collector.sizing.profile=nat-gateway")
        lab.until_end.callback(lab.exporter.restart)

    def reached(self, lab):
        scrape = lab.scrape()
        recommended = scrape.value("conntrack_recommended_entries_limit", basis="profile")
        return scrape.value("conntrack_entries_limit") < recommended
