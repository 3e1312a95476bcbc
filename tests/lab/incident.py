"""What an incident of the laboratory is: something that really goes wrong in the router, and the alert that it has to raise; or
something that only looks like it, and must not raise any.

A new one is a class in a module of incidents/, and a line in incidents/__init__.py.
"""

from __future__ import annotations

import typing

if typing.TYPE_CHECKING:
    from laboratory import Laboratory

NONE = "none"


class Incident:
    """One incident. The same object may be begun and ended again and again."""

    name: str  # for the command line: "table-full"
    title: str  # for the table: "table filled by traffic until packets are lost"
    alert: str = NONE  # that has to fire; NONE: no alert may be sent
    labels: dict[str, str] = {}  # which it must carry: {"severity": "critical"}; others may be there
    # Alerts that may also be sent because they are true too (a cause with its symptom), with the reason.
    companions: dict[str, str] = {}
    begins_within: float = 180  # seconds from begin() until reached() is true; at most, as the next two
    fires_within: float = 120  # seconds from the moment that reached() is true
    resolves_within: float = 180  # seconds from end()
    lasts: float = 20  # seconds for which one without an alert goes on
    afresh = False  # needs an empty Prometheus: its history (a day in which the table was full, say) would change which alerts fire
    # Seconds from the harm to the notification at real speed, at most; None: not run at real speed, as the alert waits for too long.
    real_fires_within: float | None = None

    def alert_in_words(self) -> str:
        """ConntrackTableFull (critical)"""
        severity = self.labels.get("severity")
        return f"{self.alert} ({severity})" if severity else self.alert

    def impossible(self, lab: Laboratory) -> str | None:
        """Why it is not possible with this kernel or machine, for the table; None where it is."""
        del lab

    def begin(self, lab: Laboratory) -> None:
        """Starts what goes wrong, and returns. What lab.background() starts and lab.set_*() changes is undone at the end."""
        raise NotImplementedError

    def reached(self, lab: Laboratory) -> bool:
        """Whether the harm that the alert is about has begun. The seconds to fire count from there."""
        del lab
        return True

    def told(self, lab: Laboratory) -> None:
        """Runs once the alert has been sent, before the end."""
        del lab

    def end(self, lab: Laboratory) -> None:
        """Undoes what lab does not. Called before lab ends the processes of background()."""
        del lab
