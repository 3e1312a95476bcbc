"""Where panels stand: on a grid 24 wide, not over one another, each with an id of its own."""

import itertools

import dashboard as dashboards

_WIDTH = 24
_SIDES = ("x", "y", "w", "h")


def complaints(dashboard: dict) -> list[str]:
    open_ones = dashboard.get("panels", [])
    found = _ids(dashboard) + _beside(open_ones)
    for row in dashboards.rows(dashboard):
        found += _row(row)
    return found


def _ids(dashboard: dict) -> list[str]:
    everything = dashboards.panels(dashboard) + dashboards.rows(dashboard)
    ids = [panel.get("id") for panel in everything]
    found = [f"{dashboards.name(panel)}: the id is not a number from 1 on" for panel in everything if not _is_id(panel.get("id"))]
    twice = sorted({one for one in ids if _is_id(one) and ids.count(one) > 1})
    return found + [f"{ids.count(one)} panels have the id {one}" for one in twice]


def _is_id(value) -> bool:
    return isinstance(value, int) and value >= 1


def _beside(panels: list[dict]) -> list[str]:
    """Panels that are seen together."""
    found = [complaint for panel in panels for complaint in _on_grid(panel)]
    placed = [panel for panel in panels if not _on_grid(panel)]
    return found + [
        f"{dashboards.name(one)} and {dashboards.name(other)} overlap"
        for one, other in itertools.combinations(placed, 2)
        if _overlap(one["gridPos"], other["gridPos"])
    ]


def _on_grid(panel: dict) -> list[str]:
    place = panel.get("gridPos") or {}
    if any(not isinstance(place.get(side), int) for side in _SIDES):
        return [f"{dashboards.name(panel)} has no place: {place}"]
    if place["w"] < 1 or place["h"] < 1 or place["x"] < 0 or place["y"] < 0 or place["x"] + place["w"] > _WIDTH:
        return [f"{dashboards.name(panel)} stands beyond the grid: {place}"]
    return []


def _overlap(one: dict, other: dict) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


def _row(row: dict) -> list[str]:
    found = []
    nested = row.get("panels", [])
    place = row.get("gridPos") or {}
    if (place.get("x"), place.get("w"), place.get("h")) != (0, _WIDTH, 1):
        found.append(f"{dashboards.name(row)} is no line from edge to edge: {place}")
    if bool(nested) != bool(row.get("collapsed")):
        found.append(f"{dashboards.name(row)}: a row holds its panels where it is collapsed, and nowhere else")
    found += _beside(nested)
    found += [
        f"{dashboards.name(panel)} stands above its row"
        for panel in nested
        if not _on_grid(panel) and not _on_grid(row) and panel["gridPos"]["y"] <= place["y"]
    ]
    return found
