"""Waits for a condition."""

import time

PATIENCE = 180  # seconds
_STEP = 0.2


class Overdue(AssertionError):
    """A condition has not come true in time."""


def until(what: str, holds, patience: float = PATIENCE) -> None:
    """Returns once holds() is true. Raises Overdue after `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise Overdue(f"not within {patience:.0f} s: {what}")
        time.sleep(_STEP)
