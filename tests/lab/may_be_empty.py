"""Queries of the dashboards that have no data in the laboratory, and why."""

import re
from typing import NamedTuple


class Place(NamedTuple):
    """Where a query stands."""

    dashboard: str  # its uid
    title: str  # of the panel; "annotation NAME", "variable NAME"
    letter: str  # its refId; empty for annotations and variables

    def __str__(self) -> str:
        return ", ".join(part for part in self if part)


class Reason(NamedTuple):
    """Why there is nothing, on kernels from `since` on and before `before`, and where no exporter reads flows by `unless_by`. On all
    others there has to be data."""

    why: str
    since: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (1000, 0)
    unless_by: str = ""

    def holds(self, kernel: tuple[int, int], sources: set[str]) -> bool:
        return self.since <= kernel < self.before and self.unless_by not in sources


_TOLD_APART = Reason("this kernel counts what tells the causes apart (clash_resolve, since 5.10)", since=(5, 10))
_NO_BPF = Reason("flows are not read by BPF: conntrack_flows_source_info has the kind of the reason", unless_by="bpf")

_NO_ENA = Reason("no interface here has the driver ena: this is no instance of EC2")

_ALL = {
    **{
        Place(uid, "variable cluster", ""): Reason("the exporter here is in no cluster")
        for uid in ("conntrack-exporter", "conntrack-fleet", "conntrack-node")
    },
    Place("conntrack-exporter", "Web configuration reload", "A"): Reason("the exporter here has no --web.config.file"),
    Place("conntrack-fleet", "Hosts", "unknown"): _TOLD_APART,
    Place("conntrack-fleet", "Packets lost by cause", "D"): _TOLD_APART,
    Place("conntrack-node", "Packets lost by cause", "D"): _TOLD_APART,
    Place("conntrack-node", "Kernel log by namespace", "A"): Reason(
        "this kernel does not name the namespace in its log (since 6.17)", before=(6, 17)
    ),
    **{Place("conntrack-node", "Buckets by chain length", letter): _NO_BPF for letter in "ABCDEF"},
    Place("conntrack-node", "EC2 packets above an allowance", "A"): _NO_ENA,
    Place("conntrack-node", "EC2 connections available", "A"): _NO_ENA,
    Place("conntrack-node", "Load factor", "A"): _NO_BPF,
    Place("conntrack-node", "Chains longer than eight", "A"): _NO_BPF,
    Place("conntrack-node", "Longest chain", "A"): _NO_BPF,
    Place("conntrack-node", "Expired entries", "A"): _NO_BPF,
    Place("conntrack-node", "Flows by namespace", "A"): _NO_BPF,
    Place("conntrack-node", "Flows by namespace, protocol and state", "A"): _NO_BPF,
    **{
        Place("conntrack-node", title, "A"): Reason("the laboratory has no kube-state-metrics")
        for title in (
            "Top source pods",
            "Top destination services and pods",
            "Flows by source Kubernetes namespace",
            "Flows by destination Kubernetes namespace",
            "Fullest tables of pods",
        )
    },
    Place("conntrack-node", "Namespaces", "flows"): _NO_BPF,
}


def reasons(release: str, sources: set[str]) -> dict[Place, str]:
    """Those that hold on a kernel of that release ("6.1.0-18-amd64"), where flows were read from these sources."""
    match = re.match(r"(\d+)\.(\d+)", release)
    if not match:
        raise ValueError(f"{release!r} is no release of a kernel")
    kernel = (int(match[1]), int(match[2]))
    return {place: reason.why for place, reason in _ALL.items() if reason.holds(kernel, sources)}


def places() -> set[Place]:
    """All that are in this list, on whatever kernel."""
    return set(_ALL)
