"""The configuration that we ship for Prometheus and Alertmanager, as the laboratory runs it.

Only what has to differ does: where the exporter and Alertmanager are, how often things happen, and where notifications
go. Routing and inhibition stay as they are shipped. Pure functions on what yaml.safe_load() yields.
"""

import copy

_DISCOVERY = ("_sd_configs", "static_configs")
_PACE = {"group_wait": "0s", "group_interval": "1s"}


def prometheus(shipped: dict, exporter: str, alertmanager: str, rule_files: list[str]) -> dict:
    """Scrapes `exporter` each second, by the first job of the shipped configuration that scrapes one of ours."""
    job = copy.deepcopy(_exporter_job(shipped))
    for key in [key for key in job if key.endswith(_DISCOVERY) or key in ("scrape_interval", "scrape_timeout")]:
        del job[key]
    job["static_configs"] = [{"targets": [exporter]}]
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": rule_files,
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [job],
    }


def _exporter_job(shipped: dict) -> dict:
    jobs = shipped["scrape_configs"]
    for job in jobs:
        targets = [target for group in job.get("static_configs", []) for target in group.get("targets", [])]
        if any(target.endswith(":10318") for target in targets):
            return job
    raise ValueError(f"none of the jobs {[job['job_name'] for job in jobs]} scrapes port 10318")


def alertmanager(shipped: dict, recorder: str) -> dict:
    """Tells the recorder, at RECORDER/NAME, what receiver NAME would be told; those included that tell nobody."""
    return {
        # What the others do not have of their own they inherit from the first.
        "route": {**_without_pace(shipped["route"]), **_PACE},
        "inhibit_rules": copy.deepcopy(shipped.get("inhibit_rules", [])),
        "receivers": [
            {"name": name, "webhook_configs": [{"url": f"{recorder}/{name}", "send_resolved": True}]}
            for name in (receiver["name"] for receiver in shipped["receivers"])
        ],
    }


def _without_pace(route: dict) -> dict:
    """Without how long it waits, and so are the routes below it."""
    kept = {key: copy.deepcopy(value) for key, value in route.items() if key not in _PACE and key != "routes"}
    return kept | {"routes": [_without_pace(child) for child in route.get("routes", [])]}
