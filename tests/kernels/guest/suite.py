"""Runs all checks in the machine. `suite.py REGEX`: those whose name matches."""

import importlib
import os
import pathlib
import signal
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "live"))
os.environ.setdefault("CONNTRACK_LAB", "1")  # the whole machine is a laboratory
os.environ.setdefault("CONNTRACK_EXPORTER", "/usr/bin/conntrack_exporter")
os.environ.setdefault("CONNTRACK_FILL", "/usr/bin/conntrack_fill")
os.environ.setdefault("CONNTRACK_PROBE", "/usr/bin/confined_probe")

# pylint: disable=wrong-import-position
import checks

# Each registers its checks, which run in this order. Those before `counts` unload the module; the last cannot be undone.
GROUPS = ("absent", "coming", "boots", "counts", "counters", "full", "settings", "service", "confined", "privileges")


def hangs(*_) -> None:
    raise checks.Hangs


def main() -> None:
    signal.signal(signal.SIGALRM, hangs)
    checks.say("the suite begins")
    for name in GROUPS:
        importlib.import_module(name)
    about = {"release": os.uname().release, "version": os.uname().version}
    checks.run(sys.argv[1] if len(sys.argv) > 1 else "", about)


if __name__ == "__main__":
    main()
