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
    """Why there is nothing, on kernels from `since` on and before `before`. On all others there has to be data."""

    why: str
    since: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (1000, 0)


_TOLD_APART = Reason("this kernel counts what tells the causes apart (clash_resolve, since 5.10)", since=(5, 10))

_ALL = {
    Place("conntrack-exporter", "Reload of the web configuration", "A"): Reason("the exporter here has no --web.config.file"),
    Place("conntrack-fleet", "Machines", "unknown"): _TOLD_APART,
    Place("conntrack-fleet", "Packets lost", "D"): _TOLD_APART,
    Place("conntrack-node", "Packets lost, by cause", "D"): _TOLD_APART,
    Place("conntrack-node", "Kernel log, by namespace", "A"): Reason(
        "this kernel does not name the namespace in its log (since 6.17)", before=(6, 17)
    ),
}


def reasons(release: str) -> dict[Place, str]:
    """Those that hold on a kernel of that release ("6.1.0-18-amd64")."""
    match = re.match(r"(\d+)\.(\d+)", release)
    if not match:
        raise ValueError(f"{release!r} is no release of a kernel")
    kernel = (int(match[1]), int(match[2]))
    return {place: reason.why for place, reason in _ALL.items() if reason.since <= kernel < reason.before}


def places() -> set[Place]:
    """All that are in this list, on whatever kernel."""
    return set(_ALL)
