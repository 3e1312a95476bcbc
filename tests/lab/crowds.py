"""Crowds of clients for the incidents: real flows from the client's side of the router to the server's."""

from __future__ import annotations

import time
import typing

from incident import Incident

if typing.TYPE_CHECKING:
    import subprocess

    from lab import Namespace
    from laboratory import Laboratory

# On the server, beside what the steady traffic talks to. Many ports, so that a few hundred sockets make thousands of flows.
ECHO = tuple(map(str, range(7000, 7064)))  # UDP ports that answer
SILENT = tuple(map(str, range(9000, 9064)))  # UDP ports that never do
HOLD = "9000"  # the TCP port whose connections are never closed
FTP = "21"
_PATIENCE = 180  # seconds until a server listens


class CrowdIncident(Incident):
    """One that leaves flows behind."""

    def end(self, lab):
        lab.restore()  # the traffic first
        lab.router.drop_flows()  # instead of waiting for their timeouts


def answering(lab: Laboratory, namespace: Namespace, address: str) -> None:
    """A server on the ports ECHO and FTP; it listens when this is over."""
    lab.background(namespace, *lab.tool("serve.py"), "--address", address, "--tcp", FTP, "--udp", *ECHO)
    _await(namespace, "--udp", ECHO[-1])


def holding(lab: Laboratory) -> None:
    """A server on the ports SILENT and HOLD; it listens when this is over."""
    lab.background(lab.server, *lab.tool("hold.py"), "--tcp", HOLD, "--udp", *SILENT)
    _await(lab.server, "--tcp", HOLD)


def _await(namespace: Namespace, protocol: str, port: str) -> None:
    end = time.monotonic() + _PATIENCE
    while not namespace.run("ss", "-Hln", protocol, "sport", "=", port).stdout:
        if time.monotonic() > end:
            raise AssertionError(f"no server on port {port} after {_PATIENCE} s")
        time.sleep(0.05)


def datagrams(
    lab: Laboratory,
    flows: int,
    *flags: str,
    ports: typing.Iterable[str] = ECHO,
    again: float = 10,
    sources: typing.Iterable[str] | None = None,
    to: str | None = None,
    within: Namespace | None = None,
) -> subprocess.Popen:
    """`flows` UDP flows, from the clients to the server where nothing else is said. Answered and used `again`, so many seconds
    later, they are ASSURED; used again they do not expire."""
    ends = ("--from", *(sources or lab.CLIENTS), "--to", to or lab.SERVER, "--ports", *ports)
    words = (*lab.tool("crowd.py"), *ends, "--flows", str(flows), "--again", str(again))
    return lab.background(within or lab.client, *words, *flags)


def growing(rate: float, most: float) -> tuple[str, ...]:
    """The flags for so many flows more each second, up to `most`."""
    return ("--growth", str(rate), "--most", str(int(most)))


def connections(lab: Laboratory, port: str, count: int, *flags: str) -> subprocess.Popen:
    """`count` TCP connections to a port of the server."""
    ends = ("--from", *lab.CLIENTS, "--to", lab.SERVER, "--port", port)
    return lab.background(lab.client, *lab.tool("connections.py"), *ends, "--count", str(count), *flags)


def part_of(lab: Laboratory, share: float) -> int:
    """How many flows that part of the limit is."""
    return int(share * lab.router.sysctl("nf_conntrack_max"))


def clear_the_table(lab: Laboratory) -> None:
    """An empty table, and until the end of the incident little steady traffic, some 2 % of the limit: so that it is known
    how full a crowd makes the table."""
    lab.until_end.callback(lab.load, lab.STEADY)
    lab.load(lab.STEADY // 5)
    lab.router.drop_flows()


def share_of_limit(lab: Laboratory, name: str = "conntrack_entries", **label: str) -> float:
    """What part of the limit a metric is: the sum of its series, or of those with this one label."""
    scrape = lab.scrape()
    found = sum(scrape.by(name).values())
    for key, value in label.items():
        found = scrape.by(name, key).get(value, 0)
    return found / scrape.value("conntrack_entries_limit")
