"""Runs all checks in the machine. `suite.py REGEX`: those whose name has it."""

import os
import pathlib
import signal
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "live"))
os.environ.setdefault("CONNTRACK_LAB", "1")  # the whole machine is a laboratory
os.environ.setdefault("CONNTRACK_EXPORTER", "/usr/bin/conntrack_exporter")
os.environ.setdefault("CONNTRACK_FILL", "/usr/bin/conntrack_fill")

# pylint: disable=wrong-import-position,unused-import
import checks
import absent
import coming
import counts
import counters
import full
import settings
import service
import privileges


def limit() -> int:
    """The seconds that the runner gives us."""
    with open("/proc/cmdline", encoding="ascii") as line:
        words = dict(word.partition("=")[::2] for word in line.read().split())
    return int(words["limit"])


def out_of_time(*_) -> None:
    raise TimeoutError("the machine's time is over")


def main() -> None:
    signal.signal(signal.SIGALRM, out_of_time)
    signal.alarm(limit())
    about = {"release": os.uname().release, "version": os.uname().version}
    checks.run(sys.argv[1] if len(sys.argv) > 1 else "", about)


if __name__ == "__main__":
    main()
