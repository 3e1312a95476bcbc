#!/usr/bin/env python3
"""make bench: the figures of the README, as ratios measured in one run.

Usage: run.py BUILD_DIR   (as root, after a build with tests)

All tables and all traffic are in namespaces of the run's own (measure.py). One thing is of the whole host:
nf_conntrack_max is raised for as long as the run takes, and put back however it ends. The buckets are left as they are.
"""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

import lab  # pylint: disable=wrong-import-position

LIMIT = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")
WANTED_LIMIT = 1_200_000
PROGRAMS = ("conntrack_exporter", "tests/bench/dump_bench", "tests/support/conntrack_fill")


@contextlib.contextmanager
def raised_limit():
    """Room for a million flows in a table; afterwards as much as before."""
    before = LIMIT.read_text(encoding="ascii").strip()
    if int(before) >= WANTED_LIMIT:
        yield
        return
    try:
        LIMIT.write_text(str(WANTED_LIMIT), encoding="ascii")
    except OSError as error:
        print(f"nf_conntrack_max stays at {before} ({error}): larger tables are not measured", file=sys.stderr)
        yield
        return
    try:
        yield
    finally:
        LIMIT.write_text(before, encoding="ascii")


def refuse(reason: str) -> None:
    print(f"bench: {reason}", file=sys.stderr)
    sys.exit(2)


def stop(number, _frame):
    """A signal ends the run by the same way as everything else: through the `finally` above."""
    raise SystemExit(128 + number)


def main() -> int:
    if len(sys.argv) != 2:
        refuse("usage: run.py BUILD_DIR")
    if os.geteuid() != 0:
        refuse("must run as root: it fills a table with a million flows, and raises nf_conntrack_max meanwhile")
    build = pathlib.Path(sys.argv[1]).resolve()
    missing = [name for name in PROGRAMS if not os.access(build / name, os.X_OK)]
    if missing:
        refuse(f"not built: {', '.join(missing)} in {build}")
    impossible = lab.why_impossible()
    if impossible:
        refuse(impossible)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, stop)
    with raised_limit():
        measure = [*lab.unshare_command(), sys.executable, str(HERE / "measure.py"), str(build)]
        with subprocess.Popen(measure, start_new_session=True) as child:
            try:
                return child.wait()
            finally:
                child.kill()  # and with it, by --kill-child, all that it started


if __name__ == "__main__":
    sys.exit(main())
