"""Whether every query has an answer where there are several machines, jobs and clusters: series that match in one of them may be
too many in two. promtool computes all queries of a dashboard at once, of the series in tests/golden.
"""

import functools
import json
import pathlib
import re
import tempfile

import dashboard as dashboards
import rule_pack
import series

# Cluster, job and instance. Not every target has a cluster.
_TARGETS = (
    ("", "conntrack", "10.0.0.1:10318"),
    ("", "conntrack", "10.0.0.2:10318"),
    ("", "gateways", "10.0.0.1:10318"),
    ("east", "conntrack", "10.0.0.1:10318"),
    ("west", "conntrack", "10.0.0.1:10318"),
)
_GOLDEN = "6.18-2cpu*.prom"  # all that there is: with and without the privilege, and the namespaces
_SAMPLE = re.compile(r"([a-z_]\w*)(?:\{(.*)\})? (\S+)")
_STEPS = 12  # of 15 s
_FAILED = re.compile(r'expr: "((?:[^"\\]|\\.)*)", time: [^,]*, err: (.*)')


@functools.cache
def _exported() -> dict[str, str]:
    """One machine: the name and labels of each series, and its value."""
    found = {}
    for path in sorted((dashboards.ROOT / "tests/golden").glob(_GOLDEN)):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = _SAMPLE.fullmatch(line)
            if match:
                found[f"{match[1]}{{{match[2] or ''}"] = match[3]
    # What no golden file has, since it is never twice the same.
    for metric, labels in series.known().items():
        if metric.startswith(("process_", "conntrack_exporter_", "up", "scrape_")):
            found[f"{metric}{{" + ",".join(f'{label}="x"' for label in sorted(labels))] = "1"
    # Recorded: the names of two pods.
    for figure, label in (("talkers_source_flows", "source_address"), ("talkers_destination_flows", "destination_address"), ("netns_entries", "netns")):
        for pod in "ab":
            found[f'instance:conntrack_{figure}:named{{{label}="{pod}",kube_namespace="shop",kube_pod="{pod}"'] = "1"
    for alert, severity in (("ConntrackTableFull", "critical"), ("ConntrackSynFlood", "warning")):
        found[f'ALERTS{{alertname="{alert}",alertstate="firing",severity="{severity}"'] = "1"
    return found


def _input() -> list[dict]:
    """For each target, counters growing; alerts for each machine, whatever its jobs are."""
    listed = {}
    for name, value in _exported().items():
        grows = re.match(r"\w+_(total|bucket|sum|count)\{", name)
        values = f"{value}{'+1' if grows else '+0'}x{_STEPS}"
        start = name if name.endswith("{") else name + ","
        for cluster, job, instance in _TARGETS:
            of_target = "" if name.startswith("ALERTS{") else f'job="{job}",'
            listed[f'{start}cluster="{cluster}",{of_target}instance="{instance}"}}'] = values
    return [{"series": series, "values": values} for series, values in listed.items()]


def complaints(found: list[dashboards.Expression]) -> list[str]:
    """Of queries that promtool cannot compute. What comes out of the others is nothing to it."""
    by_expr = {dashboards.filled_in(each.expr): each.where for each in found}
    asked = [{"expr": expr, "eval_time": "3m"} for expr in by_expr]
    case = {"interval": "15s", "input_series": _input(), "promql_expr_test": asked}
    with tempfile.TemporaryDirectory(prefix="conntrack-dashboards-") as folder:
        tests = pathlib.Path(folder) / "queries.json"
        tests.write_text(json.dumps({"evaluation_interval": "15s", "tests": [case]}), encoding="utf-8")
        try:
            rule_pack.run("promtool", "test", "rules", str(tests))
        except AssertionError as error:
            told = str(error)
            if "got:" not in told and not _FAILED.search(told):
                return [told]
            return [f"{by_expr[json.loads(f'{chr(34)}{expr}{chr(34)}')]}: {words}" for expr, words in _FAILED.findall(told)]
    return ["none of the queries has an answer"] if asked else []
