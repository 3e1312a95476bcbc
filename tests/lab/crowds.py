"""Crowds of clients for the incidents: real flows from the client's side of the router to the server's."""

from __future__ import annotations

import typing

import waiting
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

# A timeout for the flows of a crowd alone: those of the steady traffic keep theirs.
_TIMEOUT = """
table ip crowd {{
  ct timeout own {{
    protocol {protocol}
    l3proto ip
    policy = {{ {policy} }}
  }}
  chain forward {{
    type filter hook forward priority filter;
    {protocol} dport {low}-{high} ct timeout set "own"
  }}
}}
"""


class CrowdIncident(Incident):
    """One that leaves flows behind."""

    def end(self, lab):
        lab.end_background()
        # Before the settings are restored: once the buckets change, a full table may have nothing to evict, and the steady traffic
        # would lose packets.
        lab.router.drop_flows()


def answering(lab: Laboratory, namespace: Namespace, address: str) -> None:
    """A server on the ports ECHO and FTP; it listens when this is over."""
    lab.background(namespace, *lab.tool("serve.py"), "--address", address, "--tcp", FTP, "--udp", *ECHO)
    _await(namespace, "--udp", ECHO[-1])


def holding(lab: Laboratory) -> None:
    """A server on the ports SILENT and HOLD; it listens when this is over."""
    lab.background(lab.server, *lab.tool("hold.py"), "--tcp", HOLD, "--udp", *SILENT)
    _await(lab.server, "--tcp", HOLD)


def _await(namespace: Namespace, protocol: str, port: str) -> None:
    waiting.until(f"a server on port {port}", lambda: namespace.run("ss", "-Hln", protocol, "sport", "=", port).stdout)


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
    """`flows` UDP flows, from the clients to the server by default. Flows that are answered and used `again`, after so many seconds, are
    ASSURED and do not expire."""
    ends = ("--from", *(sources or lab.CLIENTS), "--to", to or lab.SERVER, "--ports", *ports)
    words = (*lab.tool("crowd.py"), *ends, "--flows", str(flows), "--again", str(again))
    return lab.background(within or lab.client, *words, *flags)


def growing(rate: float, most: float) -> tuple[str, ...]:
    """The flags for so many flows more each second, up to `most`."""
    return ("--growth", str(rate), "--most", str(int(most)))


def connections(lab: Laboratory, port: str, count: int, *flags: str, to: str | None = None) -> subprocess.Popen:
    """`count` TCP connections to a port, of the server by default."""
    ends = ("--from", *lab.CLIENTS, "--to", to or lab.SERVER, "--port", port)
    return lab.background(lab.client, *lab.tool("connections.py"), *ends, "--count", str(count), *flags)


def lead_back(lab: Laboratory) -> None:
    """A default route to the client, as a gateway has one: answers to forged addresses leave by the way that the flood came in."""
    lab.router.run("ip", "route", "add", "default", "via", lab.CLIENT)
    lab.until_end.callback(lab.router.run, "ip", "route", "del", "default")


def own_timeout(lab: Laboratory, protocol: str, ports: typing.Sequence[str], policy: str) -> None:
    """Flows to these consecutive ports get the timeouts of an nftables policy ("unreplied: 2")."""
    lab.add_table(_TIMEOUT.format(protocol=protocol, low=ports[0], high=ports[-1], policy=policy), "ip crowd")


def why_no_timeouts(lab: Laboratory) -> str | None:
    known = lab.takes(_TIMEOUT.format(protocol="udp", low=1, high=2, policy="unreplied: 1"))
    return None if known else "no timeouts by rule in this kernel (CONFIG_NF_CONNTRACK_TIMEOUT)"


def part_of(lab: Laboratory, share: float) -> int:
    """How many flows are that share of the limit."""
    return int(share * lab.router.sysctl("nf_conntrack_max"))


def clear_the_table(lab: Laboratory, steady: int | None = None) -> None:
    """Empties the table and reduces the steady traffic until the end of the incident, by default to some 2 % of the limit, so that
    the crowd determines how full the table is."""
    lab.until_end.callback(lab.load, lab.STEADY)
    lab.load(lab.STEADY // 5 if steady is None else steady)
    lab.router.drop_flows()


def share_of_limit(lab: Laboratory, name: str = "conntrack_entries", **label: str) -> float:
    """A metric as a share of the limit: the sum of its series, or of those with this one label."""
    scrape = lab.scrape()
    found = sum(scrape.by(name).values())
    for key, value in label.items():
        found = scrape.by(name, key).get(value, 0)
    return found / scrape.value("conntrack_entries_limit")


def assured(lab: Laboratory) -> float:
    """The ASSURED flows, as a share of the limit."""
    return share_of_limit(lab, "conntrack_flows_with_status", status="assured")


def await_assured(lab: Laboratory, share: float) -> None:
    """Returns once ASSURED flows have that share of the limit."""
    waiting.until(f"{share:.0%} are ASSURED", lambda: assured(lab) > 0.99 * share)
