"""Keys from the terminal as they are pressed."""

import contextlib
import os
import select
import sys
import termios
import tty


@contextlib.contextmanager
def kept():
    """Afterwards the terminal is as it was, whatever has become of those who read keys."""
    if not sys.stdin.isatty():
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def listen() -> None:
    """From now on a key needs no Enter behind it. Ctrl-C still is a signal."""
    if sys.stdin.isatty():
        tty.setcbreak(sys.stdin)


def key(seconds: float) -> str | None:
    """The key that is pressed within that time, if any. Where there is no terminal nobody presses one."""
    if not sys.stdin.isatty():
        select.select([], [], [], seconds)
        return None
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return os.read(sys.stdin.fileno(), 1).decode(errors="replace") if ready else None
