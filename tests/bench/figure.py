"""One measured figure, and the line that shows it."""

import dataclasses


@dataclasses.dataclass
class Figure:
    """A value, what it is, which command made it, and the target where there is one."""

    title: str
    value: float
    command: str
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    unit: str = ""

    def target(self) -> str:
        """The bound and whether it is kept."""
        checks = (
            ("<=", self.at_most, lambda bound: self.value <= bound),
            (">", self.above, lambda bound: self.value > bound),
            ("<", self.below, lambda bound: self.value < bound),
        )
        for sign, bound, kept in checks:
            if bound is not None:
                return f"{sign} {bound:g} {'met' if kept(bound) else 'MISSED'}"
        return "-"


def show_heading() -> None:
    print(_line("flows", "figure", "measured", "target", "measured by"), flush=True)


def show(flows: int, figure: Figure) -> None:
    value = f"{figure.value:.2f}{figure.unit}"
    print(_line(f"{flows:,}", figure.title, value, figure.target(), figure.command), flush=True)


def show_missing(flows: int, title: str, reason: str) -> None:
    """A figure that could not be measured is named, with the reason."""
    print(_line(f"{flows:,}", title, "NOT MEASURED", "-", reason), flush=True)


def _line(flows: str, title: str, value: str, target: str, command: str) -> str:
    return f"{flows:>9}  {title:<68} {value:>12}  {target:<14} {command}"
