"""Whether promtool takes every query for PromQL: all of them are rules of one file, which it reads once."""

import json
import pathlib
import re
import tempfile

import dashboard as dashboards
import rule_pack


def expressions(dashboard: dict) -> list[dashboards.Expression]:
    """The queries of panels and annotations, and the series that variables ask for."""
    found = dashboards.expressions(dashboard)
    for variable in dashboards.variables(dashboard):
        query = dashboards.variable_query(variable) if variable.get("type") == "query" else None
        series = dashboards.series_of(*query) if query else ""
        if series:
            found.append(dashboards.Expression(f"variable {variable.get('name')!r}", series, variable))
    return found


def complaints(found: list[dashboards.Expression]) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="conntrack-dashboards-") as folder:
        rules = pathlib.Path(folder) / "queries.json"
        listed = [{"record": f"query:{n}", "expr": dashboards.filled_in(each.expr)} for n, each in enumerate(found)]
        rules.write_text(json.dumps({"groups": [{"name": "queries", "rules": listed}]}), encoding="utf-8")  # JSON is YAML
        try:
            rule_pack.run("promtool", "check", "rules", str(rules))
        except AssertionError as error:
            told = re.findall(r'"query:(\d+)":? (.*)', str(error))
            return [f"{found[int(n)].where}: {words}" for n, words in told] or [str(error)]
    return []
