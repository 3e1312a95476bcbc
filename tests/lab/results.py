"""What the drill has found, and the table of it."""

import dataclasses


@dataclasses.dataclass
class Result:
    """Of one incident, or of the healthy time."""

    title: str
    alert: str
    fired: float | None = None  # seconds from the harm to the notification
    resolved: float | None = None  # seconds from the end of the incident to that notification
    beside: list[str] = dataclasses.field(default_factory=list)  # alerts that were true as well, and told
    held_back: list[str] = dataclasses.field(default_factory=list)  # that Alertmanager kept to itself (inhibition)
    false_alarms: list[str] = dataclasses.field(default_factory=list)
    not_here: str | None = None  # why this kernel cannot have it
    failure: str | None = None

    @property
    def good(self) -> bool:
        return self.failure is None and not self.false_alarms


_HEADINGS = ("incident", "alert", "fires after", "resolves after", "other true alerts", "held back", "false alarms")
_FIRES = 2
_NOT_HERE = "not here: "


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{round(value)} s"


def _names(alerts: list[str]) -> str:
    """Without the word that all of them begin with."""
    return ", ".join(alert.removeprefix("Conntrack") for alert in alerts)


def _cells(result: Result) -> tuple[str, ...]:
    if result.not_here:
        return (result.title, result.alert, _NOT_HERE + result.not_here, "", "", "", "")
    fired = "**failed**" if result.failure else _seconds(result.fired)
    false = str(len(result.false_alarms)) + (": " + "; ".join(result.false_alarms) if result.false_alarms else "")
    return (
        result.title,
        result.alert,
        fired,
        _seconds(result.resolved),
        _names(result.beside),
        _names(result.held_back),
        false,
    )


def markdown(results: list[Result]) -> str:
    """The table, for the documentation."""
    rows = [_HEADINGS, ("---",) * len(_HEADINGS), *map(_cells, results)]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)


def text(results: list[Result]) -> str:
    """The table, for a terminal."""
    rows = [_HEADINGS, *(tuple(cell.replace("**", "") for cell in _cells(result)) for result in results)]
    # Long reasons for missing incidents do not decide the width of a column.
    usual = [row for row in rows if not row[_FIRES].startswith(_NOT_HERE)]
    widths = [max(len(row[column]) for row in usual) for column in range(len(_HEADINGS))]
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() + "\n" for row in rows
    )
