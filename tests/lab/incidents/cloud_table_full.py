"""Connections beyond those that the cloud tracks."""

from incident import Incident


class CloudTableFull(Incident):
    name = "cloud-table-full"
    title = "more connections than EC2 tracks for an instance"
    alert = "ConntrackEnaAllowanceExceeded"
    labels = {"severity": "critical"}

    def impossible(self, lab):
        del lab
        return "an instance of EC2, which is not at hand"
