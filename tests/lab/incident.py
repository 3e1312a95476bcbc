"""What an incident of the laboratory is: something that goes wrong in the router for real, and the alert that has to say so;
or something that looks like it, of which nobody must be told.

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
    alert: str = NONE  # that has to be notified; NONE: nobody must be told anything
    labels: dict[str, str] = {}  # which it must carry: {"severity": "critical"}; others may be there
    # Alerts that may be notified beside it because they are true as well (a cause beside its symptom), with the reason.
    companions: dict[str, str] = {}
    begins_within: float = 180  # seconds from begin() until reached() says yes; a limit, as the next two
    fires_within: float = 120  # seconds from the moment that reached() says yes
    resolves_within: float = 180  # seconds from end()
    lasts: float = 20  # seconds that one without an alert goes on
    afresh = False  # whether what Prometheus saw before it would change what is told: a day in which the table was full, say
    # Seconds from the harm to the notification at real speed; None: the alert waits for more than a minute on purpose.
    real_fires_within: float | None = None

    def alert_in_words(self) -> str:
        """ConntrackTableFull (critical)"""
        severity = self.labels.get("severity")
        return f"{self.alert} ({severity})" if severity else self.alert

    def impossible(self, lab: Laboratory) -> str | None:
        """Why this kernel or machine cannot have it; None where it can. The reason stands in the table."""
        del lab

    def begin(self, lab: Laboratory) -> None:
        """Starts what goes wrong, and comes back. What lab.background() starts and lab.set_*() changes ends by itself."""
        raise NotImplementedError

    def reached(self, lab: Laboratory) -> bool:
        """Whether the harm is there that the alert is about: the seconds to fire count from the first yes after begin()."""
        del lab
        return True

    def told(self, lab: Laboratory) -> None:
        """What happens once the alert has been notified, before the end."""
        del lab

    def end(self, lab: Laboratory) -> None:
        """Ends what lab does not end by itself. Called before the processes of background() are ended."""
        del lab
