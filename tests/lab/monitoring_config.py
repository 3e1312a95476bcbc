"""The configuration that we ship for Prometheus and Alertmanager, as the laboratory runs it.

It differs only in what it must: the addresses of the exporter and of Alertmanager, the intervals, and the receivers of notifications.
Routing and inhibition are the shipped ones, and at speed 1 the intervals are too. Pure functions on what yaml.safe_load() returns.
"""

import copy

_DISCOVERY = ("_sd_configs", "static_configs")
_AT_ONCE = {"group_wait": "0s", "group_interval": "1s"}


def interval(shipped: dict, speed: int) -> int:
    """Seconds between scrapes: the shipped interval divided by the speed, at least one."""
    return max(1, int(shipped["global"]["scrape_interval"].removesuffix("s")) // speed)


def prometheus(shipped: dict, speed: int, exporter: str, alertmanager: str, archive: str, rule_files: list[str]) -> dict:
    """Scrapes `exporter` with the first job of the shipped configuration that scrapes an exporter. Writes all series to `archive`
    too."""
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
    """Sends to RECORDER/NAME what receiver NAME would get; that of a receiver that notifies nobody too."""
    route = copy.deepcopy(shipped["route"])
    return {
        # Routes inherit from this one what they do not set.
        "route": route if speed == 1 else {**_without_pace(route), **_AT_ONCE},
        "inhibit_rules": copy.deepcopy(shipped.get("inhibit_rules", [])),
        "receivers": [
            {"name": name, "webhook_configs": [{"url": f"{recorder}/{name}", "send_resolved": True}]}
            for name in (receiver["name"] for receiver in shipped["receivers"])
        ],
    }


def _without_pace(route: dict) -> dict:
    """The route without its waits, and those below it too."""
    kept = {key: value for key, value in route.items() if key not in _AT_ONCE and key != "routes"}
    return kept | {"routes": [_without_pace(child) for child in route.get("routes", [])]}
