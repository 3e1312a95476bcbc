"""Packets that connection tracking refuses although there is room."""

from incident import Incident


class PacketsRefused(Incident):
    name = "packets-refused"
    title = "packets refused by a table that has room"
    alert = "ConntrackPacketsRefused"
    labels = {"severity": "warning"}

    def impossible(self, lab):
        del lab
        return "a kernel without memory for an entry, or a race within TCP tracking: neither can be had at will"
