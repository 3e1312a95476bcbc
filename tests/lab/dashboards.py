"""Every query of every dashboard, asked as Grafana asks it, of the Prometheus that has watched all incidents.

A query that is an error, or that has no data although the laboratory has done what it shows, is a fault; so is a reason in
may_be_empty.py that holds no longer.
"""

import dataclasses
import math
import pathlib
import platform
import re
import sys
from collections.abc import Callable

import may_be_empty

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "dashboards"))

# pylint: disable=wrong-import-position
import dashboard as files

_RATE_INTERVAL = 4  # four scrapes, as Grafana has it where the scrape interval of the data source is 1 s
_POINTS = 10000  # of one series; Prometheus gives no more than 11,000

Ask = Callable[..., object]  # path below /api/v1/ and parameters -> the data (monitoring.Monitoring.ask)


@dataclasses.dataclass(frozen=True)
class Answer:
    """Of one query."""

    place: may_be_empty.Place
    error: str | None
    has_data: bool


@dataclasses.dataclass
class Verdict:
    """What all answers come to."""

    panels: int
    answers: list[Answer]
    reasons: dict[may_be_empty.Place, str]
    faults: list[str]

    @property
    def good(self) -> bool:
        return not self.faults

    def text(self) -> str:
        """For a terminal."""
        parsed = sum(answer.error is None for answer in self.answers)
        empty = [answer.place for answer in self.answers if answer.error is None and not answer.has_data]
        lines = [
            f"dashboards: of {len(self.answers)} queries of {self.panels} panels, annotations and variables "
            f"{parsed} are understood, {parsed - len(empty)} have data, {len(empty)} have none"
        ]
        lines += [f"  {place}: {self.reasons.get(place, 'not said why')}" for place in empty]
        return "\n".join(lines) + "\n"


def interrogate(ask: Ask, began: float, now: float, all_happened: bool) -> Verdict:
    """Asks all queries over the time from `began` to `now`. `all_happened`: whether every incident has been, so that there has
    to be data."""
    shipped = {dashboard["uid"]: dashboard for dashboard in files.shipped().values()}
    answers = [answer for uid, dashboard in shipped.items() for answer in _Conversation(ask, began, now, uid, dashboard).answers()]
    panels = sum(len(files.panels(dashboard)) for dashboard in shipped.values())
    reasons = may_be_empty.reasons(platform.release(), _sources(ask, began, now))
    return Verdict(panels, answers, reasons, faults(answers, reasons, all_happened) + stale(answers))


def _sources(ask: Ask, began: float, now: float) -> set[str]:
    """Where any exporter has read flows from."""
    time = {"start": str(began), "end": str(now)}
    return {one.get("via", "") for one in ask("series", **{"match[]": "conntrack_flows_source_info"}, **time)} - {""}


def faults(answers: list[Answer], reasons: dict[may_be_empty.Place, str], all_happened: bool) -> list[str]:
    found = [f"{answer.place}: {answer.error}" for answer in answers if answer.error]
    if not answers:
        found.append("there are no dashboards")
    if not all_happened:
        return found
    for answer in answers:
        if answer.error is None and answer.has_data == (answer.place in reasons):
            found.append(
                f"{answer.place}: has data, and may_be_empty.py says: {reasons[answer.place]}"
                if answer.has_data
                else f"{answer.place}: no data, and may_be_empty.py does not say why"
            )
    return found


def stale(answers: list[Answer]) -> list[str]:
    """Reasons for queries that there are no more."""
    gone = may_be_empty.places() - {answer.place for answer in answers}
    return [f"{place}: in may_be_empty.py, and there is no such query" for place in sorted(gone)]


class _Conversation:
    """About one dashboard."""

    def __init__(self, ask: Ask, began: float, now: float, uid: str, dashboard: dict):
        self._ask, self._began, self._now = ask, began, now
        self._uid, self._dashboard = uid, dashboard
        self._step = max(1, math.ceil((now - began) / _POINTS))
        life = max(1, round(now - began))
        self._values = {
            "__rate_interval": f"{_RATE_INTERVAL}s",
            "__interval": f"{self._step}s",
            "__interval_ms": f"{1000 * self._step}",
            "__range": f"{life}s",
            "__range_s": f"{life}",
            "__range_ms": f"{1000 * life}",
        }

    def answers(self) -> list[Answer]:
        """Variables first: queries of panels are about their values."""
        found = []
        for variable in files.variables(self._dashboard):
            if variable.get("type") == "query":
                found.append(self._answer(f"variable {variable['name']}", "", lambda of=variable: self._choose(of)))
        for annotation in files.annotations(self._dashboard):
            found.append(self._answer(f"annotation {annotation['name']}", "", lambda of=annotation: self._over_time(of["expr"])))
        for panel in files.panels(self._dashboard):
            for target in panel.get("targets", []):
                found.append(self._answer(panel["title"], target["refId"], lambda of=target: self._target(of)))
        return found

    def _answer(self, title: str, letter: str, question: Callable[[], bool]) -> Answer:
        place = may_be_empty.Place(self._uid, title, letter)
        try:
            return Answer(place, None, question())
        except (AssertionError, ValueError) as error:
            return Answer(place, str(error).splitlines()[0], False)

    def _choose(self, variable: dict) -> bool:
        """All values of a variable are chosen from here on, in the form that Grafana gives them in a regular expression."""
        function, argument = files.variable_query(variable) or ("", "")
        if function != "label_values":
            raise ValueError(f"{variable.get('query')!r}: only label_values() is asked here")
        series, label = files.series_of(function, argument), argument.rpartition(",")[2].strip()
        time = {"start": str(self._began), "end": str(self._now)}
        if series:
            found = self._ask("series", **{"match[]": self._filled_in(series)}, **time)
            values = sorted({one[label] for one in found if label in one})
        else:
            values = self._ask(f"label/{label}/values", **time)
        self._values[variable["name"]] = "|".join(_escaped(value) for value in values) or variable["allValue"]
        return bool(values)

    def _target(self, target: dict) -> bool:
        """What is asked for one moment may have ended before the end: then its whole life counts."""
        if target.get("instant"):
            at_the_end = self._ask("query", query=self._filled_in(target["expr"]), time=str(self._now))
            if self._has_values(at_the_end):
                return True
        return self._over_time(target["expr"])

    def _over_time(self, expr: str) -> bool:
        answer = self._ask(
            "query_range", query=self._filled_in(expr), start=str(self._began), end=str(self._now), step=str(self._step)
        )
        return self._has_values(answer)

    def _filled_in(self, expr: str) -> str:
        return files.filled_in(expr, self._values)

    @staticmethod
    def _has_values(answer) -> bool:
        """Whether there is a number in it: a NaN shows nothing."""
        if answer["resultType"] in ("scalar", "string"):
            return True
        samples = (series.get("values") or [series["value"]] for series in answer["result"])
        return any(value != "NaN" for values in samples for _, value in values)


def _escaped(value: str) -> str:
    """For a regular expression within a string of PromQL."""
    return re.sub(r"([.+*?^$|()\[\]{}\\])", r"\\\\\1", value)
