"""What to make of the notifications that came while an incident lasted. Pure functions."""

import dataclasses

import recorder
from incident import Incident
from recorder import Notification


def is_own(incident: Incident, notification: Notification) -> bool:
    """Whether it is the one that the incident has to bring about: the alert, with all labels that it must carry."""
    return notification.alert == incident.alert and incident.labels.items() <= notification.labels.items()


def _is_another_degree(incident: Incident, notification: Notification) -> bool:
    """The same alert of the same thing as a warning beside the page, or the other way round."""
    wanted = {name: value for name, value in incident.labels.items() if name != "severity"}
    return notification.alert == incident.alert and wanted.items() <= notification.labels.items()


@dataclasses.dataclass(frozen=True)
class Verdict:
    beside: list[str]  # alerts that were to be expected beside the incident's own one, by name
    false_alarms: list[str]  # what nobody should have been told, in words


def judge(incident: Incident, notifications: list[Notification]) -> Verdict:
    """Sorts all that fired. Nobody may be woken by anything but the incident's own alert, whatever the reason."""
    beside, false = set(), set()
    for notification in notifications:
        if not notification.firing or is_own(incident, notification):
            continue
        if _is_another_degree(incident, notification):
            continue
        if notification.alert in incident.companions and notification.severity != "critical":
            beside.add(notification.alert)
        else:
            false.add(in_words(notification))
    return Verdict(sorted(beside), sorted(false))


def in_words(notification: Notification) -> str:
    """ConntrackStateLeak (warning, state=CLOSE_WAIT)"""
    return f"{notification.alert} ({recorder.in_words(notification.labels)})"
