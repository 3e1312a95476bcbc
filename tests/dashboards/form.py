"""What every dashboard has around its panels, and every panel around its queries, by our own conventions."""

import re

import dashboard as dashboards
import linter_panels
import linter_targets
import parsing

_ALLOWED_TYPES = {"row", "stat", "timeseries", "table", "bargauge", "gauge", "text", "state-timeline"}
_ALLOWED_TRANSFORMATIONS = {
    "joinByField",
    "filterFieldsByName",
    "organize",
    "renameByRegex",
    "sortBy",
    "reduce",
    "calculateField",
    "merge",
    "filterByValue",
}
_FIXED = {
    "id": None,
    "version": 1,
    "schemaVersion": 39,  # Grafana 10; newer ones bring it to theirs when they load it
    "timezone": "browser",
    "graphTooltip": 1,
    "editable": False,
}
_FIRST_VARIABLES = ["datasource", "cluster", "job", "instance"]
_SAYS_NOTHING = re.compile(r"\W*(no data|n/?a|none|null)?\W*", re.I)


def complaints(dashboard: dict) -> list[str]:
    of_panels = [complaint for panel in dashboards.panels(dashboard) for complaint in _panel(panel)]
    return _frame(dashboard) + of_panels + _queries(dashboard) + _clusters(dashboard)


def _frame(dashboard: dict) -> list[str]:
    missing = object()
    found = [f"{key} is not {value!r}" for key, value in _FIXED.items() if dashboard.get(key, missing) != value]
    if not re.fullmatch(r"conntrack-[a-z-]{1,30}", dashboard.get("uid") or ""):
        found.append(f"uid {dashboard.get('uid')!r} is no name that begins with conntrack-")
    if not str(dashboard.get("title", "")).strip() or not str(dashboard.get("description", "")).strip():
        found.append("no title, or no description")
    if "conntrack" not in dashboard.get("tags", []):
        found.append("no tag conntrack")
    if "__inputs" in dashboard:
        found.append("__inputs, which provisioning does not fill in")
    if "__requires" not in dashboard:
        found.append("no __requires")
    names = [variable.get("name") for variable in dashboards.variables(dashboard)]
    if names[: len(_FIRST_VARIABLES)] != _FIRST_VARIABLES or len(set(names)) != len(names):
        found.append(f"its variables are {names}, not first {', '.join(_FIRST_VARIABLES)}, each once")
    return found


def _panel(panel: dict) -> list[str]:
    name = dashboards.name(panel)
    found = []
    if panel.get("type") not in _ALLOWED_TYPES:
        found.append(f"{name} is a {panel.get('type')!r}, which is none of {', '.join(sorted(_ALLOWED_TYPES))}")
    if panel.get("type") != "text" and _SAYS_NOTHING.fullmatch(str(dashboards.defaults(panel).get("noValue", ""))):
        found.append(f"{name} does not say what it means that there is no data (noValue)")
    for transformation in panel.get("transformations", []):
        if transformation.get("id") not in _ALLOWED_TRANSFORMATIONS:
            found.append(f"{name} transforms by {transformation.get('id')!r}")
    letters = [target.get("refId") for target in panel.get("targets", [])]
    if len(set(letters)) != len(letters) or not all(letters):
        found.append(f"{name}: its queries are called {letters}, not each by a letter of its own")
    return found


def _queries(dashboard: dict) -> list[str]:
    """The data source of each query and annotation, by type too."""
    wanted = {"type": "prometheus", "uid": "${datasource}"}
    asking = [(dashboards.name(panel), panel) for panel in linter_panels.with_data(dashboard)]
    asking += [(expression.where, expression.target) for expression in dashboards.expressions(dashboard)]
    return [
        f"{where}: its data source is {thing.get('datasource')}, not {wanted}"
        for where, thing in asking
        if thing.get("datasource") != wanted
    ]


def _clusters(dashboard: dict) -> list[str]:
    """Two clusters may have an instance of the same name. Not every machine has a cluster: the value for all matches none, too."""
    variables = [variable for variable in dashboards.variables(dashboard) if variable.get("name") == "cluster"]
    wanted = {"type": "query", "label": "Cluster", "multi": True, "includeAll": True, "allValue": ".*"}
    found = [
        f"variable 'cluster': {key} is {variable.get(key)!r}, not {value!r}"
        for variable in variables
        for key, value in wanted.items()
        if variable.get(key) != value
    ]
    asking = [each for each in parsing.expressions(dashboard) if each.target not in variables]
    found += linter_targets.unmatched(asking, "cluster")
    found += [
        f"{expression.where}: {word} ({', '.join(sorted(labels))}) mixes instances of two clusters"
        for expression, query in linter_targets.read(asking)
        for word, labels in query.groupings
        if word in ("by", "on") and "instance" in labels and "cluster" not in labels
    ]
    return found
