"""Colours change where alerts begin: thresholds of a panel are those of the alerts whose runbooks it links to.

The numbers come from alerts/config.libsonnet. `at_least` in Grafana is `above` in an alert, so that an alert above 0 has no
number of its own: any threshold just above 0 is right.
"""

import functools
import json
import re
import subprocess

import dashboard as dashboards

_RUNBOOK = re.compile(r"/runbooks/(\w+)(?:\.md|\b)")
_JUST_ABOVE_NOTHING = 0.01
_ONE = {1}  # of what is counted, or is 0 or 1 (a collector that works): no measure that an alert has a number for
_SHARE = "percentunit"
# Parts of alerts: packets of an hour, where dashboards show packets a second; a share of the limit, where no loss can be read.
_OTHERS = ("lost", "unknownLoss")
_NUMBERS = ("above", "ofTcpAbove", "within", "olderThan")


@functools.cache
def config() -> dict:
    """alerts/config.libsonnet."""
    words = ["jsonnet", "-e", f"(import '{dashboards.ROOT}/alerts/config.libsonnet')._config"]
    return json.loads(subprocess.run(words, capture_output=True, text=True, check=True).stdout)


def numbers(alert: str) -> set[float]:
    """Where an alert begins; two where it is a warning before it is critical."""
    setting = config()["alerts"][alert]
    parts = [setting, *(part for name, part in setting.items() if isinstance(part, dict) and name not in _OTHERS)]
    return {part[key] for part in parts for key in _NUMBERS if key in part}


def linked(panel: dict) -> set[str]:
    """The names after /runbooks/ in its links, its description and its fields."""
    return set(_RUNBOOK.findall(json.dumps([panel.get("links"), panel.get("description"), panel.get("fieldConfig")])))


def _steps(panel: dict) -> list[list[float]]:
    """Of the panel, and of each field that has its own: without the first step, which is from minus infinity on."""
    given = [dashboards.defaults(panel).get("thresholds")]
    given += [prop.get("value") for prop in dashboards.overrides(panel) if prop.get("id") == "thresholds"]
    return [[step["value"] for step in _known(one["steps"]) if step.get("value") is not None] for one in given if one]


def _known(steps: list[dict]) -> list[dict]:
    """Without what only has a colour of its own for no number: a first step like plain text, up to 0."""
    return steps[2:] if steps[0].get("color") == "text" and len(steps) > 1 and steps[1].get("value") == 0 else steps


def complaints(dashboard: dict) -> list[str]:
    return [f"{dashboards.name(panel)}: {complaint}" for panel in dashboards.panels(dashboard) for complaint in _panel(panel)]


def _panel(panel: dict) -> list[str]:
    names = linked(panel)
    unknown = names - set(config()["alerts"]) - _procedures()
    if unknown:
        return [f"no alert is called {name}" for name in sorted(unknown)]
    wanted = {number for name in names & set(config()["alerts"]) for number in numbers(name)}
    given = {value for steps in _steps(panel) for value in steps}
    share = dashboards.defaults(panel).get("unit") == _SHARE
    measured = given if share else given - _ONE
    found = [
        f"a threshold at {value:g}, where {', '.join(sorted(names)) or 'no alert that it links to'} begins at {_listed(wanted)}"
        for value in sorted(measured)
        if not any(_same(value, number) for number in wanted)
    ]
    shares = {number for number in wanted if 0 < number < 1}
    if share and shares and not any(_same(value, number) for value in given for number in shares):
        found.append(f"it shows a share and has no threshold at {_listed(shares)}, where {', '.join(sorted(names))} begins")
    found += [f"its thresholds {steps} do not rise" for steps in _steps(panel) if steps != sorted(set(steps))]
    return found


def _procedures() -> set[str]:
    """Pages beside the runbooks of alerts."""
    return {"README", "procedures"}


def _same(value: float, number: float) -> bool:
    return 0 < value <= _JUST_ABOVE_NOTHING if number == 0 else abs(value - number) < 1e-9


def _listed(values: set[float]) -> str:
    return ", ".join(f"{value:g}" for value in sorted(values)) or "no number"
