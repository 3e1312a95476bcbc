"""Queries of the dashboards that have no data in the laboratory, and why."""

from typing import NamedTuple


class Place(NamedTuple):
    """Where a query stands."""

    dashboard: str  # its uid
    title: str  # of the panel; "annotation NAME", "variable NAME"
    letter: str  # its refId; empty for annotations and variables

    def __str__(self) -> str:
        return ", ".join(part for part in self if part)


REASONS: dict[Place, str] = {}
