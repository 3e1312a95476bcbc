"""Whether the kernel counts something, since an incident began."""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from laboratory import Laboratory


class Rise:
    """Of a counter of the exporter's, summed over its labels, from the moment that this is made."""

    def __init__(self, lab: Laboratory, name: str):
        self._name = name
        self._before = self._now(lab)

    def _now(self, lab: Laboratory) -> float:
        return sum(lab.scrape().by(self._name).values())

    def since(self, lab: Laboratory) -> float:
        """How much it rose."""
        return self._now(lab) - self._before
