"""What conntrack(8) says is in the table: the figures that the exporter's are compared with."""

import collections
import dataclasses
import re

from lab import Namespace

_STATES_OF = {"tcp", "sctp", "dccp"}  # protocols for which a state is printed


@dataclasses.dataclass(frozen=True)
class Flow:
    """One line of `conntrack -L -o extended`."""

    family: str
    protocol: str  # the exporter's label: a name, or the number of a protocol that conntrack(8) calls unknown
    state: str
    timeout: int
    zone: str  # of the original direction
    unreplied: bool
    assured: bool
    snat: bool
    dnat: bool
    source: str  # all addresses and ports: as the first packet came in
    source_port: str | None
    destination: str
    destination_port: str | None
    backend: str  # what answers: the address that DNAT chose, or the destination
    translated_port: str | None  # where answers come to
    pool: tuple[str, str, str, str | None]  # what NAT takes a port from: its address, protocol, remote address and port


def parse(line: str) -> Flow:
    """Reads e.g. `ipv4 2 tcp 6 299 ESTABLISHED src=... sport=... [UNREPLIED] src=... [ASSURED] mark=0 zone=7 use=1`."""
    words = line.split()
    family, name, number, timeout = words[0], words[2], words[3], int(words[4])
    protocol = number if name == "unknown" else name
    unreplied, assured = "[UNREPLIED]" in words, "[ASSURED]" in words
    state = words[5] if name in _STATES_OF else "UNREPLIED" if unreplied else "ASSURED" if assured else "REPLIED"
    zone = re.search(r" zone(?:-orig)?=(\d+)", line)
    # Each endpoint occurs twice, as the original and as the reply direction sees it.
    sources, targets = _values("src", line), _values("dst", line)
    source_ports, target_ports = _values("sport", line), _values("dport", line)
    return Flow(
        family=family,
        protocol=protocol,
        state=state,
        timeout=timeout,
        zone=zone[1] if zone else "0",
        unreplied=unreplied,
        assured=assured,
        snat=(sources[0], source_ports[:1]) != (targets[1], target_ports[1:]),
        dnat=(targets[0], target_ports[:1]) != (sources[1], source_ports[1:]),
        source=sources[0],
        source_port=source_ports[0] if source_ports else None,
        destination=targets[0],
        destination_port=target_ports[0] if target_ports else None,
        backend=sources[1],
        translated_port=target_ports[1] if target_ports else None,
        pool=(targets[1], protocol, sources[1], source_ports[1] if source_ports else None),
    )


def _values(key: str, line: str) -> list[str]:
    return re.findall(rf" {key}=(\S+)", line)


def flows(namespace: Namespace) -> list[Flow]:
    """Every flow in the table of the namespace."""
    return [
        parse(line)
        for family in ("ipv4", "ipv6")
        for line in namespace.run("conntrack", "-L", "-o", "extended", "-f", family).stdout.splitlines()
    ]


def by_state(found: list[Flow]) -> dict[tuple[str, str, str], int]:
    """As conntrack_flows has it: by family, protocol and state."""
    return dict(collections.Counter((flow.family, flow.protocol, flow.state) for flow in found))


def by_zone(found: list[Flow]) -> dict[str, int]:
    """As conntrack_flows_by_zone has it."""
    return dict(collections.Counter(flow.zone for flow in found))


def with_status(found: list[Flow], status: str) -> dict[tuple[str, str], int]:
    """As conntrack_flows_with_status has it for unreplied, assured, snat and dnat: by family and protocol."""
    return dict(collections.Counter((flow.family, flow.protocol) for flow in found if getattr(flow, status)))
