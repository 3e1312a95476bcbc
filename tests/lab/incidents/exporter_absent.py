"""The exporter's job is gone from Prometheus's configuration: nothing is down, and nothing is watched."""

from incident import Incident


class ExporterAbsent(Incident):
    name = "exporter-absent"
    title = "exporter taken out of Prometheus's configuration"
    alert = "ConntrackExporterAbsent"
    labels = {"severity": "warning"}

    def begin(self, lab):
        lab.monitoring.watch(False)

    def end(self, lab):
        lab.monitoring.watch(True)
