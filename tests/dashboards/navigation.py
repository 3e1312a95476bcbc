"""Links lead somewhere: to a dashboard that there is, with variables that it has; from alerts, too."""

import re

import dashboard as dashboards
import thresholds

_DASHBOARD = re.compile(r"(?:^|/)d/([\w-]+)[^\s\"?]*(?:\?([^\s\"]*))?")
_VARIABLE = re.compile(r"(?:^|&)var-(\w+)=")
_ALERT_LINKS = ("dashboardUrl", "fleetDashboardUrl")


def _urls(thing) -> list[str]:
    """Everything called url, however deep."""
    if isinstance(thing, dict):
        own = [value for key, value in thing.items() if key == "url" and isinstance(value, str) and value]
        return own + [url for value in thing.values() for url in _urls(value)]
    return [url for value in thing for url in _urls(value)] if isinstance(thing, list) else []


def complaints(known: dict[str, dict]) -> list[str]:
    """`known` are all dashboards by file name: what they say of each other."""
    by_uid = {dashboard.get("uid"): dashboard for dashboard in known.values()}
    found = []
    for file, dashboard in known.items():
        places = [("the dashboard", dashboard.get("links", []))]
        for panel in dashboards.panels(dashboard):
            places.append((dashboards.name(panel), [panel.get("links"), panel.get("fieldConfig")]))
        for where, links in places:
            found += [f"{file}: {where}: {complaint}" for url in _urls(links) for complaint in _url(url, by_uid)]
        found += [f"{file}: {complaint}" for complaint in _tags(dashboard, known)]
    found += _twice(known, "uid") + _twice(known, "title")
    return found


def of_alerts(known: dict[str, dict]) -> list[str]:
    """The links that the alerts carry, where they carry any."""
    by_uid = {dashboard.get("uid"): dashboard for dashboard in known.values()}
    found = []
    for key in _ALERT_LINKS:
        url = thresholds.config().get(key, "").replace(" ", "")  # {{ $labels.instance }}
        if not url:
            continue
        if not _DASHBOARD.search(url):
            found.append(f"alerts/config.libsonnet: {key} {url} leads to no dashboard")
        found += [f"alerts/config.libsonnet: {key}: {complaint}" for complaint in _url(url, by_uid)]
    return found


def _url(url: str, by_uid: dict[str, dict]) -> list[str]:
    match = _DASHBOARD.search(url)
    if not match:
        return _elsewhere(url)
    uid, query = match[1], match[2] or ""
    if uid not in by_uid:
        return [f"{url} leads to {uid}, which is none of {', '.join(sorted(by_uid))}"]
    has = {variable.get("name") for variable in dashboards.variables(by_uid[uid])}
    return [f"{url} sets {name}, which {uid} has not" for name in _VARIABLE.findall(query) if name not in has]


def _elsewhere(url: str) -> list[str]:
    """Pages of this repository are there."""
    before = re.match(r"https://github\.com/conntrack-exporter/conntrack_exporter/(?:blob|tree)/main/([^#?]+)", url)
    if before and not (dashboards.ROOT / before[1]).exists():
        return [f"{url}: no such file"]
    return [] if before or re.match(r"https?://", url) else [f"{url} leads nowhere"]


def _tags(dashboard: dict, known: dict[str, dict]) -> list[str]:
    found = []
    for link in dashboard.get("links", []):
        if link.get("type") == "dashboards":
            tags = set(link.get("tags", []))
            found += [
                f"the link {link.get('title')!r} lists dashboards with the tags {sorted(tags)}, which {file} has not"
                for file, other in known.items()
                if not tags <= set(other.get("tags", []))
            ]
    return found


def _twice(known: dict[str, dict], key: str) -> list[str]:
    values = [dashboard.get(key) for dashboard in known.values()]
    twice = sorted({value for value in values if values.count(value) > 1}, key=str)
    return [f"{values.count(value)} dashboards have the {key} {value!r}" for value in twice]
