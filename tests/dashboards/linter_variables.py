"""The rules of Grafana's dashboard-linter about variables and the dashboard itself. None is only a warning here."""

import dashboard as dashboards
import promql

DATASOURCE = ("$datasource", "${datasource}")


def _named(dashboard: dict, name: str) -> dict | None:
    found = [variable for variable in dashboards.variables(dashboard) if variable.get("name") == name]
    return found[0] if found else None


def _queries(dashboard: dict) -> list[dict]:
    return [variable for variable in dashboards.variables(dashboard) if variable.get("type") == "query"]


def datasource(dashboard: dict) -> list[str]:
    found = [variable for variable in dashboards.variables(dashboard) if variable.get("type") == "datasource"]
    if len(found) != 1:
        return [f"{len(found)} data source variables instead of one"]
    (variable,) = found
    complaints = []
    if variable.get("name") != "datasource":
        complaints.append(f"the data source variable is called {variable.get('name')!r}, not 'datasource'")
    if variable.get("query") != "prometheus":
        complaints.append(f"variable 'datasource' offers {variable.get('query')!r}, not 'prometheus'")
    if variable.get("label") != "Data source":
        complaints.append(f"variable 'datasource' has the label {variable.get('label')!r}, not 'Data source'")
    return complaints


def _of_targets(dashboard: dict, name: str, label: str) -> list[str]:
    variable = _named(dashboard, name)
    if variable is None:
        return [f"no variable {name!r}"]
    expected = {"type": "query", "multi": True, "allValue": ".+", "label": label}
    complaints = [
        f"variable {name!r}: {key} is {variable.get(key)!r}, not {value!r}"
        for key, value in expected.items()
        if variable.get(key) != value
    ]
    if (variable.get("datasource") or {}).get("uid") not in DATASOURCE:
        complaints.append(f"variable {name!r} does not ask the chosen data source")
    return complaints


def job(dashboard: dict) -> list[str]:
    return _of_targets(dashboard, "job", "Job")


def instance(dashboard: dict) -> list[str]:
    return _of_targets(dashboard, "instance", "Instance")


def label_promql(dashboard: dict) -> list[str]:
    """Whether their series are PromQL is for promtool to say: parsing.py."""
    complaints = []
    for variable in _queries(dashboard):
        query = dashboards.variable_query(variable)
        if not query:
            complaints.append(f"variable {variable.get('name')!r}: {variable.get('query')!r} is no query of a variable")
            continue
        try:
            promql.tokens(dashboards.series_of(*query))
        except ValueError as error:
            complaints.append(f"variable {variable.get('name')!r}: {error}")
    return complaints


def reload_on_time_change(dashboard: dict) -> list[str]:
    return [
        f"variable {variable.get('name')!r}: refresh is {variable.get('refresh')!r}, not 2 (when the time range changes)"
        for variable in _queries(dashboard)
        if variable.get("refresh") != 2
    ]


def uneditable(dashboard: dict) -> list[str]:
    return [] if dashboard.get("editable") is False else ["can be edited in Grafana: editable is not false"]
