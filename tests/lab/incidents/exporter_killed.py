"""The exporter dies."""

from incident import Incident


class ExporterKilled(Incident):
    name = "exporter-killed"
    title = "exporter killed (SIGKILL)"
    alert = "ConntrackExporterDown"

    def begin(self, lab):
        lab.exporter.kill()

    def end(self, lab):
        lab.exporter.start()
