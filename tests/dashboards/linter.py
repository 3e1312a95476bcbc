"""All rules of Grafana's dashboard-linter (github.com/grafana/dashboard-linter) by the names that it gives them.

Each takes a dashboard and yields complaints. What is a warning there is a fault here. There is one exclusion: alerts are asked
for without the label job, which they have not (linter_targets.job). Parsing of
PromQL is in two parts: what needs no program is in these rules, promtool does the rest for all dashboards at once (parsing.py).
"""

import linter_panels
import linter_targets
import linter_variables

RULES = {
    "template-datasource-rule": linter_variables.datasource,
    "template-job-rule": linter_variables.job,
    "template-instance-rule": linter_variables.instance,
    "template-label-promql-rule": linter_variables.label_promql,
    "template-on-time-change-reload-rule": linter_variables.reload_on_time_change,
    "panel-datasource-rule": linter_panels.datasource,
    "panel-title-description-rule": linter_panels.title_and_description,
    "panel-units-rule": linter_panels.units,
    "panel-no-targets-rule": linter_panels.queries,
    "target-promql-rule": linter_targets.grammar,
    "target-rate-interval-rule": linter_targets.rate_interval,
    "target-job-rule": linter_targets.job,
    "target-instance-rule": linter_targets.instance,
    "target-counter-agg-rule": linter_targets.counters,
    "target-logql-rule": linter_targets.only_prometheus,
    "target-logql-auto-rule": linter_targets.only_prometheus,
    "uneditable-dashboard": linter_variables.uneditable,
}


def complaints(dashboard: dict) -> list[str]:
    return [f"{name}: {complaint}" for name, rule in RULES.items() for complaint in rule(dashboard)]
