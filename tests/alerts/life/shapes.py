"""Loads and counters of a machine, as functions of the seconds since the situation began. Times are strings: 90s, 1h30m."""

import dataclasses
import math
from collections.abc import Callable

import rule_pack

FOREVER = "1000d"


def seconds(time: str | int) -> int:
    return time if isinstance(time, int) else rule_pack.seconds(time)


@dataclasses.dataclass(frozen=True)
class Shape:
    at: Callable[[int], float]

    def __add__(self, other: "Shape") -> "Shape":
        return Shape(lambda now: self.at(now) + other.at(now))


# Levels: mostly percentages of the table.


def steady(level: float) -> Shape:
    return Shape(lambda now: level)


def steps(level: float, *changes) -> Shape:
    """steps(20, "30m", 97, "36m", 20): 20, from minute 30 on 97, from minute 36 on 20."""
    levels = [(seconds(time), later) for time, later in zip(changes[::2], changes[1::2], strict=True)]
    return Shape(lambda now: next((later for time, later in reversed(levels) if now >= time), level))


def ramp(low: float, high: float, start: str, end: str) -> Shape:
    begins, ends = seconds(start), seconds(end)
    return Shape(lambda now: low + (high - low) * min(max(now - begins, 0), ends - begins) / (ends - begins))


def saw(low: float, high: float, period: str) -> Shape:
    """Rises for nine tenths of its period, and falls."""
    length = seconds(period)

    def at(now: int) -> float:
        phase = now % length / length
        return low + (high - low) * (phase / 0.9 if phase < 0.9 else (1 - phase) / 0.1)

    return Shape(at)


def sine(low: float, high: float, period: str) -> Shape:
    length = seconds(period)
    return Shape(lambda now: low + (high - low) * (1 - math.cos(2 * math.pi * now / length)) / 2)


def batch(low: float, high: float, start: str, rise: str, every: str = "1d") -> Shape:
    """Rises for `rise`, falls within a quarter of that, and repeats every `every`."""
    begins, length, period = seconds(start), seconds(rise), seconds(every)

    def at(now: int) -> float:
        since = (now - begins) % period if now >= begins else period
        return low + (high - low) * max(0, min(since / length, 1 - (since - length) / (length / 4)))

    return Shape(at)


def pulses(height: float, length: str, start: str, every: str = FOREVER, end: str = FOREVER) -> Shape:
    """To add to a level. A single pulse without `every`."""
    begins, lasts, period, ends = (seconds(time) for time in (start, length, every, end))
    return Shape(lambda now: height if begins <= now < ends and (now - begins) % period < lasts else 0)


def levelling_off(low: float, high: float, tau: str, start: str) -> Shape:
    begins, length = seconds(start), seconds(tau)
    return Shape(lambda now: low + (high - low) * (1 - math.exp(-max(now - begins, 0) / length)))


def hover(level: float, noise: float, each: str = "15s") -> Shape:
    """Noise that is the same in every run."""
    length = seconds(each)
    return Shape(lambda now: level + noise * (2 * (math.sin(now // length * 12.9898) * 43758.5453 % 1) - 1))


# Counters: the total so far.


def rate(per_second: float, start: str = "0s", end: str = FOREVER) -> Shape:
    begins, ends = seconds(start), seconds(end)
    return Shape(lambda now: per_second * max(min(now, ends) - begins, 0))


def lost(count: float, start: str, end: str) -> Shape:
    return rate(count / (seconds(end) - seconds(start)), start, end)


def each(count: float, every: str, start: str, end: str = FOREVER) -> Shape:
    """`count` at once, every `every`."""
    begins, ends, period = seconds(start), seconds(end), seconds(every)
    return Shape(lambda now: count * ((min(now, ends) - begins) // period + 1) if now >= begins else 0)


NONE = steady(0)


def spans(text: str) -> list[tuple[int, int]]:
    """"20m-25m 1h-1h5m"."""
    return [(seconds(start), seconds(end)) for start, end in (span.split("-") for span in text.split())]


def within(now: int, times: list[tuple[int, int]]) -> bool:
    return any(start <= now < end for start, end in times)


def again(length: str, every: str, start: str, end: str) -> str:
    """Spans of this length, every `every`."""
    begins = range(seconds(start), seconds(end), seconds(every))
    return " ".join(f"{begin}s-{begin + seconds(length)}s" for begin in begins)
