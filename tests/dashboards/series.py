"""No query about a series or a label that there is not, and none that needs the recording rules but for names from Kubernetes.

What the exporter puts out is in docs/metrics.md and in tests/golden; what Prometheus adds of its own is listed here.
"""

import functools
import re

import dashboard as dashboards
import promql
import rule_pack

_OF_TARGETS = {"cluster", "job", "instance"}
_PROMETHEUS = {
    "up": set(),
    "scrape_duration_seconds": set(),
    "scrape_samples_scraped": set(),
    "scrape_samples_post_metric_relabeling": set(),
    "scrape_series_added": set(),
    "scrape_timeout_seconds": set(),  # with the feature extra-scrape-metrics
    "ALERTS": {"alertname", "alertstate", "severity"},
    "ALERTS_FOR_STATE": {"alertname", "severity"},
}
# Labels whose values are the exporter's own words, so that a value that no golden file has is mistyped.
_VOCABULARY = {"family", "protocol", "flow_state", "status", "message", "basis", "collector", "kind", "within_seconds", "ratio", "event"}
_ROW = re.compile(r"^\| `([a-z_]+)` \| (\w+) \|([^|]*)\|", re.M)
_LEGEND = re.compile(r"\{\{\s*(\w+)\s*\}\}")


@functools.cache
def documented() -> dict[str, set[str]]:
    """Metric and labels, of docs/metrics.md, which a test compares with the exporter. Histograms by each of their series."""
    found: dict[str, set[str]] = {}
    for metric, kind, labels in _ROW.findall((dashboards.ROOT / "docs/metrics.md").read_text(encoding="utf-8")):
        own = set(re.findall(r"`(\w+)`", labels))
        if kind == "histogram":
            found |= {f"{metric}_bucket": own | {"le"}, f"{metric}_sum": own, f"{metric}_count": own}
        else:
            found[metric] = own
    return found


@functools.cache
def known() -> dict[str, set[str]]:
    """All that a query may name, and the labels of each beside those of its target."""
    golden = {metric: set(labels) for metric, labels in rule_pack.golden().items()}
    named = {metric: set(labels) for metric, labels in rule_pack.with_recorded(rule_pack.golden()).items() if metric.endswith(":named")}
    own = {metric for metric in documented() if metric in golden or metric.startswith(("process_", "conntrack_exporter_"))}
    return _PROMETHEUS | named | {metric: documented()[metric] | golden.get(metric, set()) for metric in own}


def complaints(dashboard: dict) -> list[str]:
    return [complaint for each in dashboards.expressions(dashboard) for complaint in _expression(each)]


def _expression(expression: dashboards.Expression) -> list[str]:
    try:
        query = promql.read(expression.expr)
    except ValueError:
        return []  # linter_targets.grammar() says so
    found = [complaint for selector in query.selectors for complaint in _selector(selector)]
    labels = _OF_TARGETS | query.made
    for selector in query.selectors:
        labels |= known().get(selector.metric, set())
    if query.selectors:
        used = query.grouping | set(_LEGEND.findall(expression.target.get("legendFormat") or ""))
        found += [f"no series of it has the label {label}" for label in sorted(used - labels)]
    return [f"{expression.where}: {complaint}" for complaint in found]


def _selector(selector: promql.Selector) -> list[str]:
    if ":" in selector.metric and not selector.metric.endswith(":named"):
        return [f"{selector.metric} is a recording rule, which not everybody has"]
    if selector.metric not in known():
        return [f"{selector.metric or 'a selector without a name'}: no such series"]
    labels = known()[selector.metric] | _OF_TARGETS
    found = [f"{selector.metric} has no label {label}" for label, _, _ in selector.matchers if label not in labels]
    for label, operator, value in selector.matchers:
        if label in _VOCABULARY & labels and "$" not in value:
            there = rule_pack.golden().get(selector.metric, {}).get(label, set())
            found += [
                f"{selector.metric} has no {label}={word!r}"
                for word in ([value] if operator in ("=", "!=") else value.split("|"))
                if there and re.fullmatch(r"\w*", word) and word not in there
            ]
    return found
