"""The configuration that we ship for Prometheus and Alertmanager, as the laboratory runs it.

Only what has to differ does: where the exporter and Alertmanager are, how often things happen, and where notifications
go. Routing and inhibition stay as they are shipped. At speed 1 things happen as often as shipped. Pure functions on what
yaml.safe_load() yields.
"""

import copy

_DISCOVERY = ("_sd_configs", "static_configs")
_AT_ONCE = {"group_wait": "0s", "group_interval": "1s"}


def interval(shipped: dict, speed: int) -> int:
    """Seconds from one scrape to the next: as shipped, but for the speed, and one at least."""
    return max(1, int(shipped["global"]["scrape_interval"].removesuffix("s")) // speed)


def prometheus(shipped: dict, speed: int, exporter: str, alertmanager: str, archive: str, rule_files: list[str]) -> dict:
    """Scrapes `exporter` by the first job of the shipped configuration that scrapes one of ours. What it has it writes to
    `archive` too."""
    seconds = f"{interval(shipped, speed)}s"
    job = copy.deepcopy(_exporter_job(shipped))
    for key in [key for key in job if key.endswith(_DISCOVERY) or key in ("scrape_interval", "scrape_timeout")]:
        del job[key]
    job["static_configs"] = [{"targets": [exporter]}]
    return {
        "global": {"scrape_interval": seconds, "scrape_timeout": seconds, "evaluation_interval": seconds},
        "rule_files": rule_files,
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [alertmanager]}]}]},
        "scrape_configs": [job],
        "remote_write": [{"url": f"http://{archive}/api/v1/write", "queue_config": {"batch_send_deadline": "1s"}}],
    }


def _exporter_job(shipped: dict) -> dict:
    jobs = shipped["scrape_configs"]
    for job in jobs:
        targets = [target for group in job.get("static_configs", []) for target in group.get("targets", [])]
        if any(target.endswith(":10318") for target in targets):
            return job
    raise ValueError(f"none of the jobs {[job['job_name'] for job in jobs]} scrapes port 10318")


def alertmanager(shipped: dict, speed: int, recorder: str) -> dict:
    """Tells the recorder, at RECORDER/NAME, what receiver NAME would be told; those included that tell nobody."""
    route = copy.deepcopy(shipped["route"])
    return {
        # What the others do not have of their own they inherit from the first.
        "route": route if speed == 1 else {**_without_pace(route), **_AT_ONCE},
        "inhibit_rules": copy.deepcopy(shipped.get("inhibit_rules", [])),
        "receivers": [
            {"name": name, "webhook_configs": [{"url": f"{recorder}/{name}", "send_resolved": True}]}
            for name in (receiver["name"] for receiver in shipped["receivers"])
        ],
    }


def _without_pace(route: dict) -> dict:
    """Without how long it waits, and so are the routes below it."""
    kept = {key: value for key, value in route.items() if key not in _AT_ONCE and key != "routes"}
    return kept | {"routes": [_without_pace(child) for child in route.get("routes", [])]}
