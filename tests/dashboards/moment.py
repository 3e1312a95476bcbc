"""Times as Grafana writes them: now, now-15m; and seconds since 1970, or a date with its time zone."""

import datetime
import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_RELATIVE = re.compile(r"now(?:-(\d+)([smhdw]))?")


def seconds(text: str, now: float) -> float:
    """ValueError, with what is wrong, where it is no time."""
    relative = _RELATIVE.fullmatch(text)
    if relative:
        count, unit = relative.groups()
        return now - int(count or 0) * _UNITS[unit or "s"]
    try:
        return float(text)
    except ValueError:
        pass
    try:
        when = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text} is no time: now-15m, 1700000000 or 2024-01-01T00:00:00Z are") from None
    if when.tzinfo is None:
        raise ValueError(f"{text} has no time zone: add Z for UTC")
    return when.timestamp()
