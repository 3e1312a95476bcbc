"""The laboratory: client -- router -- server with real traffic, the exporter in the router, and what watches it.

    client (10.1.0.2, and 10.1.0.10 to .25) -- router (masquerade, DNAT) -- server (10.2.0.2)
                                                 |
                                              monitor (Prometheus, Alertmanager, the recorder of notifications)

Everything is in namespaces of the laboratory's own (laboratory_process.py) and ends with them. Two settings are those of
the whole host, nf_conntrack_max and nf_conntrack_buckets: whoever started the laboratory puts them back.
"""

from __future__ import annotations

import contextlib
import pathlib
import subprocess

import traffic
from exposition import Exposition
from lab import Namespace

HERE = pathlib.Path(__file__).resolve().parent


class Laboratory:
    """What an incident may use.

    client, router, server  namespaces (lab.Namespace: run, entered, nft, sysctl, drop_flows)
    exporter                the one in the router (router_exporter.RouterExporter: start, kill, restart)
    boot_tree               the root file system that the exporter takes the boot files from (boot_tree.BootTree)
    """

    CLIENT, ROUTER, SERVER = traffic.CLIENT, traffic.ROUTER, traffic.SERVER  # 10.1.0.2, 10.1.0.1, 10.2.0.2
    CLIENTS = tuple(f"10.1.0.{n}" for n in range(10, 26))  # where the steady traffic comes from, in equal shares
    SERVICE = traffic.SERVICE  # 80/tcp and /udp, on the server
    PUBLISHED = traffic.PUBLISHED  # 8080/tcp of ROUTER, which DNAT leads to SERVICE of SERVER
    LIMIT = 20000  # nf_conntrack_max while the laboratory runs
    BOOT_FILE = "/etc/sysctl.d/90-conntrack.conf"  # in boot_tree: sets exactly what runs

    client: Namespace
    router: Namespace
    server: Namespace

    def scrape(self) -> Exposition:
        """What the exporter says now."""
        return self.exporter.scrape()

    def background(self, namespace: Namespace, *words: str) -> subprocess.Popen:
        """Starts a command in a namespace, which ends with the incident. It fails the incident where it ends by itself
        with another exit code than 0."""
        raise NotImplementedError

    def tool(self, name: str) -> str:
        """The path of a traffic generator in tests/lab/tools, for background()."""
        return str(HERE / "tools" / name)

    def set_limit(self, entries: int) -> None:
        """nf_conntrack_max, until the incident ends."""
        raise NotImplementedError

    def set_buckets(self, buckets: int) -> None:
        """nf_conntrack_buckets, until the incident ends. The kernel rounds up."""
        raise NotImplementedError

    @property
    def until_end(self) -> contextlib.ExitStack:
        """Carried out when the incident ends, after its end(): for callbacks that undo what begin() did."""
        raise NotImplementedError
