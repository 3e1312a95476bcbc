"""Waiting for something to come true."""

import time

PATIENCE = 180  # seconds
_STEP = 0.2


class Overdue(AssertionError):
    """Something has not come in time."""


def until(what: str, holds, patience: float = PATIENCE) -> None:
    """Comes back once holds() does. Overdue where that takes longer than `patience` seconds."""
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise Overdue(f"not within {patience:.0f} s: {what}")
        time.sleep(_STEP)
