"""Dashboards as the tests see them: panels wherever they stand, and every query with its place."""

import dataclasses
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/alerts"))  # rule_pack: the series that there are, and programs of Prometheus
FOLDER = ROOT / "dashboards"

# What the linter of Grafana fills in before it parses; any values do that the grammar takes.
_FILLED_IN = {
    "__rate_interval": "1m",
    "__interval": "1m",
    "__interval_ms": "60000",
    "__range": "1h",
    "__range_s": "3600",
    "__range_ms": "3600000",
    "cluster": ".*",  # not every machine has one
}
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")
_QUERY = re.compile(r"\s*(label_names|label_values|metrics|query_result)\((.*)\)\s*", re.S)


@dataclasses.dataclass(frozen=True)
class Expression:
    """One query of PromQL and where it stands."""

    where: str
    expr: str
    target: dict = dataclasses.field(compare=False)


def shipped() -> dict[str, dict]:
    """The dashboards of the repository by file name."""
    return {path.name: load(path) for path in sorted(FOLDER.glob("*.json"))}


def load(path: pathlib.Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def rows(dashboard: dict) -> list[dict]:
    return [panel for panel in dashboard.get("panels", []) if panel.get("type") == "row"]


def panels(dashboard: dict) -> list[dict]:
    """All but the rows, those in collapsed rows included."""
    nested = [panel for row in rows(dashboard) for panel in row.get("panels", [])]
    return [panel for panel in dashboard.get("panels", []) if panel.get("type") != "row"] + nested


def name(panel: dict) -> str:
    return f"panel {panel.get('id')} {panel.get('title', '')!r}"


def variables(dashboard: dict) -> list[dict]:
    return dashboard.get("templating", {}).get("list", [])


def annotations(dashboard: dict) -> list[dict]:
    """Those that are queries; the one that is built into Grafana is none."""
    found = dashboard.get("annotations", {}).get("list", [])
    return [annotation for annotation in found if not annotation.get("builtIn")]


def targets(dashboard: dict) -> list[Expression]:
    """The queries of panels."""
    return [
        Expression(f"{name(panel)}, {target.get('refId')}", target.get("expr", ""), target)
        for panel in panels(dashboard)
        for target in panel.get("targets", [])
    ]


def expressions(dashboard: dict) -> list[Expression]:
    """The queries of panels and of annotations."""
    return targets(dashboard) + [
        Expression(f"annotation {annotation.get('name')!r}", annotation.get("expr", ""), annotation)
        for annotation in annotations(dashboard)
    ]


def variable_query(variable: dict) -> tuple[str, str] | None:
    """Function and argument of the query of a variable; None where it is none that Grafana knows."""
    query = variable.get("query", "")
    match = _QUERY.fullmatch(query.get("query", "") if isinstance(query, dict) else query)
    return (match[1], match[2]) if match else None


def series_of(function: str, argument: str) -> str:
    """What of a variable's query is PromQL; empty where nothing is (label_values(job), label_names())."""
    if function == "label_values":
        return argument.rpartition(",")[0].strip()
    return argument.strip() if function == "query_result" else ""


def filled_in(expr: str, values: dict[str, str] | None = None) -> str:
    """The query with its variables replaced, as Grafana does before it asks."""
    known = {**_FILLED_IN, **(values or {})}
    return _VARIABLE.sub(lambda match: known.get(match[1] or match[2], ".+"), expr)


def overrides(panel: dict) -> list[dict]:
    """The properties that a panel gives to some of its fields only."""
    found = panel.get("fieldConfig", {}).get("overrides", [])
    return [prop for override in found for prop in override.get("properties", [])]


def defaults(panel: dict) -> dict:
    return panel.get("fieldConfig", {}).get("defaults", {})
