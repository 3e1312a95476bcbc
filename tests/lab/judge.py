"""Judges the notifications that came during an incident. Pure functions."""

import dataclasses

import recorder
from incident import Incident
from recorder import Notification


def is_own(incident: Incident, notification: Notification) -> bool:
    """Whether it is the alert that the incident has to raise, with all labels that it must have."""
    return notification.alert == incident.alert and incident.labels.items() <= notification.labels.items()


def _is_another_degree(incident: Incident, notification: Notification) -> bool:
    """Whether it is the same alert for the same thing with another severity."""
    wanted = {name: value for name, value in incident.labels.items() if name != "severity"}
    return notification.alert == incident.alert and wanted.items() <= notification.labels.items()


@dataclasses.dataclass(frozen=True)
class Verdict:
    beside: list[str]  # expected beside the incident's own alert, by name
    false_alarms: list[str]  # notifications that should not have been sent, in words


def judge(incident: Incident, notifications: list[Notification]) -> Verdict:
    """Sorts the notifications. A page other than the incident's own alert is a false alarm whatever its reason, and so is the own alert
    if it fires again after it was resolved. An alert that resolves without having fired here is left over from the incident before."""
    beside, false, fired, over = set(), set(), set(), set()
    for notification in notifications:
        words = recorder.in_words(notification.labels)
        if not notification.firing:
            over |= {words} & fired
            continue
        fired.add(words)
        if is_own(incident, notification):
            if words in over:
                false.add(f"{words} again")
        elif notification.severity == "critical":
            false.add(words)
        elif _is_another_degree(incident, notification):
            continue
        elif notification.alert in incident.companions:
            beside.add(notification.alert)
        else:
            false.add(words)
    return Verdict(sorted(beside), sorted(false))
