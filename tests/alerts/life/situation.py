"""A situation, and the alerts that an operator has to get in it."""

import dataclasses
from collections.abc import Iterable

from host import Host
from shapes import seconds

SEVERITIES = ("critical", "warning", "info")


@dataclasses.dataclass
class Seen:
    """An alert that fired. Times are seconds."""

    labels: dict[str, str]
    begins: int = 0  # how often
    first: int = 0
    last: int = 0
    told: bool = False  # not inhibited all the time; `first` and `last` leave out the time in which it was

    def __str__(self):
        labels = {label: value for label, value in self.labels.items() if label not in ("alertname", "severity", "alertstate")}
        times = f"{clock(self.first)} to {clock(self.last)}, {self.begins} times" if self.told else "inhibited"
        return f"{self.labels['alertname'].removeprefix('Conntrack')} {self.labels['severity']} {times} {labels}"


class Expectation:
    """NAME SEVERITY [WORD VALUE]... [label=value]...

    by, after: when it fires first. until, past: when it fires last. told: how often it begins (3, 1-3, any), once by default.
    "may NAME SEVERITY ...": it may also not fire. "no NAME info": it must not fire. Critical alerts and warnings that are not named must
    not fire either.
    """

    WORDS = {"by", "after", "until", "past", "told"}

    def __init__(self, text: str):
        self.text = text
        words = text.split()
        self.kind = words.pop(0) if words[0] in ("may", "no") else "must"
        self.name, self.severity = "Conntrack" + words.pop(0), words.pop(0)
        if self.severity not in SEVERITIES:
            raise ValueError(f"{text}: no severity")
        self.labels = dict(word.split("=") for word in words if "=" in word)
        rest = [word for word in words if "=" not in word]
        self.words = dict(zip(rest[::2], rest[1::2], strict=True))
        if not self.words.keys() <= self.WORDS:
            raise ValueError(f"{text}: {self.words.keys() - self.WORDS}")

    def matches(self, seen: Seen) -> bool:
        labels = {"alertname": self.name, "severity": self.severity, **self.labels}
        return labels.items() <= seen.labels.items()

    def faults(self, all_seen: list[Seen]) -> Iterable[str]:
        seen = [alert for alert in all_seen if alert.told and self.matches(alert)]
        if self.kind == "no" and seen:
            yield "it fires"
        if self.kind == "must" and not seen:
            yield "it does not fire"
        if self.kind == "no" or not seen:
            return
        first, last = min(alert.first for alert in seen), max(alert.last for alert in seen)
        limits = {"by": first, "after": first, "until": last, "past": last}
        for word, value in self.words.items():
            if word in ("by", "until") and limits[word] > seconds(value):
                yield f"only at {clock(limits[word])}" if word == "by" else f"still at {clock(last)}"
            if word in ("after", "past") and limits[word] < seconds(value):
                yield f"already at {clock(first)}" if word == "after" else f"no more after {clock(last)}"
        told, begins = self.words.get("told", "1" if self.kind == "must" else "any"), sum(alert.begins for alert in seen)
        least, _, most = told.partition("-")
        if told != "any" and not int(least) <= begins <= int(most or least):
            yield f"told {begins} times"


@dataclasses.dataclass
class Situation:
    name: str
    text: str
    length: int
    hosts: list[Host]
    expectations: list[Expectation]
    scrape: int
    evaluation: int
    alone: bool  # in a Prometheus of its own

    def series(self, length: int) -> list[dict[str, str]]:
        """The series of its hosts, with the name of the situation in instance and cluster."""
        hosts = []
        for host in self.hosts:
            cluster = {label: f"{self.name}/{value}" for label, value in host.labels.items() if label == "cluster"}
            hosts.append(dataclasses.replace(host, name=f"{self.name}/{host.name}", labels=host.labels | cluster))
        written = [written for host in hosts for written in host.series(length, self.scrape)]
        return [{"series": series, "values": values} for series, values in written]

    def owns(self, alert: Seen) -> bool:
        """Whether the alert is of one of its hosts, or of no host; if so, takes the name of the situation out of the labels."""
        owners = [value for label, value in alert.labels.items() if label in ("instance", "cluster")]
        if owners and not any(owner.startswith(f"{self.name}/") for owner in owners):
            return False
        alert.labels = {label: value.removeprefix(f"{self.name}/") for label, value in alert.labels.items()}
        return True

    def faults(self, seen: list[Seen]) -> list[str]:
        found = [f"{expected.text}: {fault}" for expected in self.expectations for fault in expected.faults(seen)]
        for alert in seen:
            if alert.told and alert.labels["severity"] != "info" and not any(e.matches(alert) for e in self.expectations):
                found.append(f"not expected: {alert}")
        return found


class Situations(dict[str, Situation]):
    """By name. A call adds one, with its hosts and its expectations (strings)."""

    def __call__(self, name: str, text: str, length: str, *said, scrape=60, evaluation=None, alone=False) -> None:
        if name in self:
            raise ValueError(f"two situations are {name}")
        hosts = [part for part in said if isinstance(part, Host)]
        expectations = [Expectation(part) for part in said if isinstance(part, str)]
        for expected in expectations:
            if seconds(expected.words.get("until", 0)) >= seconds(length):
                raise ValueError(f"{name}: {expected.text}: until the end or later says nothing")
        self[name] = Situation(name, text, seconds(length), hosts, expectations, scrape, evaluation or scrape, alone)


def clock(time: float) -> str:
    hours, rest = divmod(int(time), 3600)
    minutes, rest = divmod(rest, 60)
    return "".join(f"{value}{unit}" for value, unit in ((hours, "h"), (minutes, "m"), (rest, "s")) if value) or "0s"
