"""The rules of Grafana's dashboard-linter about panels. They look at more types of panels than the linter does: at all."""

import dashboard as dashboards
from linter_variables import DATASOURCE

# Units that these dashboards may use, of those that Grafana knows: tests/dashboards/schema compares with Grafana's own list.
UNITS = {
    "none",
    "short",
    "percentunit",
    "bool",
    "bool_yes_no",
    "bool_on_off",
    "string",
    "s",
    "dtdurations",
    "bytes",
    "Bps",
    "cps",
    "ops",
    "pps",
    "eps",
    "wps",
    "rps",
    "dateTimeFromNow",
    "dateTimeAsIso",
}
_WITHOUT_DATA = ("row", "text")


def with_data(dashboard: dict) -> list[dict]:
    return [panel for panel in dashboards.panels(dashboard) if panel.get("type") not in _WITHOUT_DATA]


def datasource(dashboard: dict) -> list[str]:
    return [
        f"{dashboards.name(panel)} does not ask the chosen data source"
        for panel in with_data(dashboard)
        if (panel.get("datasource") or {}).get("uid") not in DATASOURCE
    ]


def title_and_description(dashboard: dict) -> list[str]:
    return [
        f"{dashboards.name(panel)} has no {key}"
        for panel in dashboards.panels(dashboard)
        for key in ("title", "description")
        if not str(panel.get(key, "")).strip()
    ]


def units(dashboard: dict) -> list[str]:
    """Of the panel, and of every field that has its own."""
    complaints = []
    for panel in with_data(dashboard):
        given = [dashboards.defaults(panel).get("unit")]
        given += [prop.get("value") for prop in dashboards.overrides(panel) if prop.get("id") == "unit"]
        complaints += [f"{dashboards.name(panel)}: {unit!r} is no unit that we know" for unit in given if unit not in UNITS]
    return complaints


def queries(dashboard: dict) -> list[str]:
    return [f"{dashboards.name(panel)} asks nothing" for panel in with_data(dashboard) if not panel.get("targets")]
