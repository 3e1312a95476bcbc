"""The rules of Grafana's dashboard-linter about queries, and what is stricter of ours. They look at annotations, too."""

import re

import dashboard as dashboards
import promql

# An increase may be that of the whole time shown: how many, instead of how many a second.
_WINDOWS = {"rate": {"$__rate_interval"}, "irate": {"$__rate_interval"}, "increase": {"$__rate_interval", "$__range"}}
_OF_COUNTERS = {*_WINDOWS, "resets", "changes"}
_COUNTER = re.compile(r".+_(total|bucket|count|sum)")
_WITHOUT = ("ALERTS", "job")  # the alert of a machine is that of all jobs that scrape it
# Histograms that count what there is now, and no events (docs/metrics.md): the rule is the other way round.
_STATE = re.compile(r"conntrack_hash_chain_length_(bucket|count|sum)")


def read(expressions: list[dashboards.Expression]) -> list[tuple[dashboards.Expression, promql.Query]]:
    """Those that can be read; grammar() complains of the others."""
    found = []
    for expression in expressions:
        try:
            found.append((expression, promql.read(expression.expr)))
        except ValueError:
            pass
    return found


def _read(dashboard: dict) -> list[tuple[dashboards.Expression, promql.Query]]:
    return read(dashboards.expressions(dashboard))


def grammar(dashboard: dict) -> list[str]:
    """What is not even made of words of PromQL. The rest is for promtool to say: parsing.py."""
    complaints = []
    for expression in dashboards.expressions(dashboard):
        try:
            if not promql.tokens(expression.expr):
                complaints.append(f"{expression.where}: an empty query")
        except ValueError as error:
            complaints.append(f"{expression.where}: {error}")
    return complaints


def rate_interval(dashboard: dict) -> list[str]:
    """A window that is written down is too short for one who scrapes every minute, and coarse for one who does so each second."""
    complaints = []
    for expression, query in _read(dashboard):
        for selector in query.selectors:
            around = selector.calls[-1] if selector.calls else ""
            if selector.window is None:
                continue
            if not around:
                complaints.append(f"{expression.where}: {selector.metric}[{selector.window}] is not in a function")
            elif around in _WINDOWS and selector.window not in _WINDOWS[around]:
                called = f"{around}({selector.metric}[{selector.window}])"
                complaints.append(f"{expression.where}: {called} is not over $__rate_interval")
    return complaints


def unmatched(expressions: list[dashboards.Expression], label: str) -> list[str]:
    """Selectors that do not ask for the variable of that label."""
    return [
        f'{expression.where}: {selector.metric} without {label}=~"${label}"'
        for expression, query in read(expressions)
        for selector in query.selectors
        if (selector.metric, label) != _WITHOUT
        and not {(label, "=~", f"${label}"), (label, "=~", f"${{{label}}}")} & set(selector.matchers)
    ]


def job(dashboard: dict) -> list[str]:
    """Of alerts the other way round: the linter would have a job there too, and none of a machine would be found."""
    metric, label = _WITHOUT
    return unmatched(dashboards.expressions(dashboard), label) + [
        f"{expression.where}: {metric} with the label {label}, which alerts of a machine have not"
        for expression, query in _read(dashboard)
        for selector in query.selectors
        if selector.metric == metric and any(name == label for name, _, _ in selector.matchers)
    ]


def instance(dashboard: dict) -> list[str]:
    return unmatched(dashboards.expressions(dashboard), "instance")


def counters(dashboard: dict) -> list[str]:
    """The linter only sees selectors without matchers, and knows no histograms."""
    found = []
    for expression, query in _read(dashboard):
        for selector in query.selectors:
            as_counter = bool(selector.calls) and selector.calls[-1] in _OF_COUNTERS
            if _STATE.fullmatch(selector.metric):
                if as_counter:
                    found.append(f"{expression.where}: {selector.metric} is a state and no counter, and in {selector.calls[-1]}")
            elif _COUNTER.fullmatch(selector.metric) and not as_counter:
                words = ", ".join(sorted(_OF_COUNTERS))
                found.append(f"{expression.where}: {selector.metric} is a counter, and not in one of {words}")
    return found


def only_prometheus(dashboard: dict) -> list[str]:
    """Nothing here asks Loki, so that there is no LogQL to look at."""
    asking = [(dashboards.name(panel), panel) for panel in dashboards.panels(dashboard)]
    asking += [(expression.where, expression.target) for expression in dashboards.expressions(dashboard)]
    asking += [(f"variable {variable.get('name')!r}", variable) for variable in dashboards.variables(dashboard)]
    types = [(where, (thing.get("datasource") or {}).get("type", "prometheus")) for where, thing in asking]
    return [f"{where} asks {kind!r}, not 'prometheus'" for where, kind in types if kind != "prometheus"]
