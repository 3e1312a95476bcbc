"""A dashboard without a fault, for tests to break."""

import copy

_ASKED = {"type": "prometheus", "uid": "${datasource}"}
_CHOSEN = '{cluster=~"$cluster", job=~"$job", instance=~"$instance"}'
_RUNBOOK = {
    "title": "Runbook",
    "url": "https://github.com/conntrack-exporter/conntrack_exporter/blob/main/alerts/runbooks/ConntrackTableUtilisationHigh.md",
    "targetBlank": True,
}


def _variable(name: str, label: str, query: str, all_value: str = ".+") -> dict:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "query": query,
        "datasource": _ASKED,
        "multi": True,
        "includeAll": True,
        "allValue": all_value,
        "refresh": 2,
    }


def panel(number: int, title: str, x: int, y: int, **more) -> dict:
    """One that shows how full the table is, by the thresholds of its alert."""
    steps = [{"color": "green", "value": None}, {"color": "orange", "value": 0.8}, {"color": "red", "value": 0.9}]
    return {
        "id": number,
        "type": "timeseries",
        "title": title,
        "description": "How full the table is. Above the limit new connections are refused: raise it.",
        "datasource": _ASKED,
        "gridPos": {"h": 8, "w": 12, "x": x, "y": y},
        "links": [_RUNBOOK],
        "fieldConfig": {
            "defaults": {
                "unit": "percentunit",
                "noValue": "no entries: the table collector is off",
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "options": {},
        "targets": [
            {
                "refId": "A",
                "datasource": _ASKED,
                "expr": f"conntrack_entries{_CHOSEN} / (conntrack_entries_limit{_CHOSEN} > 0)",
                "legendFormat": "{{instance}}",
            }
        ],
        **more,
    }


def row(number: int, title: str, y: int, nested: list[dict] | None = None) -> dict:
    return {
        "id": number,
        "type": "row",
        "title": title,
        "collapsed": nested is not None,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": y},
        "panels": nested or [],
    }


def dashboard() -> dict:
    return copy.deepcopy(
        {
            "id": None,
            "uid": "conntrack-sample",
            "title": "Conntrack / Sample",
            "description": "For tests.",
            "tags": ["conntrack"],
            "editable": False,
            "schemaVersion": 39,
            "version": 1,
            "timezone": "browser",
            "graphTooltip": 1,
            "refresh": "30s",
            "time": {"from": "now-1h", "to": "now"},
            "__requires": [],
            "links": [
                {
                    "type": "dashboards",
                    "tags": ["conntrack"],
                    "title": "Conntrack",
                    "url": "",
                    "icon": "external link",
                    "tooltip": "",
                    "asDropdown": True,
                    "includeVars": True,
                    "keepTime": True,
                    "targetBlank": False,
                }
            ],
            "templating": {
                "list": [
                    {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"},
                    _variable("cluster", "Cluster", "label_values(conntrack_entries, cluster)", ".*"),
                    _variable("job", "Job", 'label_values(conntrack_exporter_build_info{cluster=~"$cluster"}, job)'),
                    _variable(
                        "instance",
                        "Instance",
                        'label_values(conntrack_exporter_build_info{cluster=~"$cluster", job=~"$job"}, instance)',
                    ),
                ]
            },
            "annotations": {
                "list": [
                    {
                        "name": "Alerts",
                        "datasource": _ASKED,
                        "enable": True,
                        "iconColor": "red",
                        "expr": 'ALERTS{cluster=~"$cluster", instance=~"$instance", alertstate="firing"}',
                    }
                ]
            },
            "panels": [
                panel(1, "Left", 0, 0),
                panel(2, "Right", 12, 0),
                row(3, "Open", 8),
                panel(4, "Below", 0, 9),
                row(5, "Closed", 17, [panel(6, "Within", 0, 18)]),
            ],
        }
    )
