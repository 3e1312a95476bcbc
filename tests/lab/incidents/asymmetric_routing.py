"""Connections of which the router sees one direction: the other takes a direct link between the clients and the server."""

import crowds
from lab import Namespace

_NEW = 50  # connections a second that are begun meanwhile
_SERVER = "10.3.0.2"


class _OneDirection(crowds.CrowdIncident):
    alert = "ConntrackAsymmetricRouting"
    SHARE = 0.2  # of the limit: more than half of all TCP connections

    def begin(self, lab):
        server = Namespace()
        lab.until_end.callback(server.close)
        crowds.clear_the_table(lab)
        lab.network.join(server, _SERVER, "fd03::2", "oneway", "10.3.0.1", "fd03::1")
        lab.until_end.callback(lab.router.run, "ip", "link", "del", "oneway")
        server.run("ip", "link", "add", "straight", "type", "veth", "peer", "name", "straight", "netns", lab.client.path)
        for namespace in (server, lab.client):
            namespace.run("ip", "link", "set", "straight", "up")
        self.detour(lab.client, server)
        crowds.answering(lab, server, _SERVER)
        count = crowds.part_of(lab, self.SHARE)
        crowds.connections(lab, crowds.FTP, count, *crowds.growing(_NEW, 10 * count), to=_SERVER)

    @staticmethod
    def detour(client: Namespace, server: Namespace) -> None:
        """Leads one direction over the direct link. Its routes go with the link."""
        raise NotImplementedError


class AsymmetricRouting(_OneDirection):
    name = "asymmetric-routing"
    title = "answers of a server take another path than the router"
    labels = {"severity": "warning", "what": "half_open"}
    companions = {"ConntrackInvalidPacketsHigh": "all that a client sends after its SYN is INVALID in the router"}

    @staticmethod
    def detour(client, server):
        server.run("ip", "route", "add", "10.1.0.0/24", "dev", "straight", "src", _SERVER)

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows", flow_state="SYN_SENT") > 0.1


class AsymmetricRequests(_OneDirection):
    name = "asymmetric-requests"
    title = "requests to a server take another path than the router"
    labels = {"severity": "warning", "what": "picked_up"}
    companions = {"ConntrackInvalidPacketsHigh": "the SYN/ACK that begins each connection is INVALID in the router"}

    @staticmethod
    def detour(client, server):
        client.run("ip", "route", "add", _SERVER, "dev", "straight", "src", "10.1.0.2")

    def reached(self, lab):
        return crowds.share_of_limit(lab, "conntrack_flows_with_status", protocol="tcp", status="unreplied") > 0.1
