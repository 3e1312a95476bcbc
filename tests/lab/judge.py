"""What to make of the notifications that came while an incident lasted. Pure functions."""

import dataclasses

import recorder
from incident import Incident
from recorder import Notification


def is_own(incident: Incident, notification: Notification) -> bool:
    """Whether it is the one that the incident has to bring about: the alert, with all labels that it must carry."""
    return notification.alert == incident.alert and incident.labels.items() <= notification.labels.items()


def _is_another_degree(incident: Incident, notification: Notification) -> bool:
    """The same alert of the same thing in another severity."""
    wanted = {name: value for name, value in incident.labels.items() if name != "severity"}
    return notification.alert == incident.alert and wanted.items() <= notification.labels.items()


@dataclasses.dataclass(frozen=True)
class Verdict:
    beside: list[str]  # alerts that were to be expected beside the incident's own one, by name
    false_alarms: list[str]  # what nobody should have been told, in words


def judge(incident: Incident, notifications: list[Notification]) -> Verdict:
    """Sorts all that fired. Nobody may be woken by anything but the incident's own alert, whatever the reason, nor be told of
    that again once it was over."""
    beside, false, over = set(), set(), set()
    for notification in notifications:
        words = recorder.in_words(notification.labels)
        if not notification.firing:
            over.add(words)
        elif is_own(incident, notification):
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
