"""Connections of which the router sees one direction: the answers of the server take another path."""

import crowds
from lab import Namespace

_NEW = 50  # connections a second that are begun meanwhile


class AsymmetricRouting(crowds.CrowdIncident):
    name = "asymmetric-routing"
    title = "answers of a server take another path than the router"
    alert = "ConntrackAsymmetricRouting"
    labels = {"severity": "warning"}
    companions = {"ConntrackInvalidPacketsHigh": "all that a client sends after its SYN is INVALID in the router"}
    SHARE = 0.2  # of the limit: more than half of all TCP connections

    def begin(self, lab):
        server = Namespace()
        lab.until_end.callback(server.close)
        crowds.clear_the_table(lab)
        lab.network.join(server, "10.3.0.2", "fd03::2", "oneway", "10.3.0.1", "fd03::1")
        lab.until_end.callback(lab.router.run, "ip", "link", "del", "oneway")
        # The other path: a direct link to the clients.
        server.run("ip", "link", "add", "straight", "type", "veth", "peer", "name", "straight", "netns", lab.client.path)
        for namespace in (server, lab.client):
            namespace.run("ip", "link", "set", "straight", "up")
        server.run("ip", "route", "add", "10.1.0.0/24", "dev", "straight", "src", "10.3.0.2")
        crowds.answering(lab, server, "10.3.0.2")
        count = crowds.part_of(lab, self.SHARE)
        crowds.connections(lab, crowds.FTP, count, *crowds.growing(_NEW, 10 * count), to="10.3.0.2")

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows", flow_state="SYN_SENT") > 0.1
