#!/usr/bin/env python3
"""make bench: the figures of the README, as ratios measured in one run.

Usage: run.py [--brief] [--exporter FILE] BUILD_DIR   (as root, after a build with tests)

--exporter: the exporter that is measured, if not that of BUILD_DIR; make bench takes the static one, which most people run.

--brief: one round of each and no table above 100,000 flows, to see that it runs; its figures are worth little.

All tables and all traffic are in namespaces of the run's own (measure.py). One thing is of the whole host:
nf_conntrack_max is raised for as long as the run takes, and put back however it ends. The buckets are left as they are.
"""

import argparse
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

# pylint: disable=wrong-import-position
import effort
import lab
import limits

WANTED_LIMIT = 2_200_000
PROGRAMS = ("conntrack_exporter", "tests/bench/dump_bench", "tests/support/conntrack_fill")


def refuse(reason: str) -> None:
    print(f"bench: {reason}", file=sys.stderr)
    sys.exit(2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", metavar="BUILD_DIR", type=pathlib.Path)
    parser.add_argument("--brief", action="store_true", help="one round, small tables: only to see that it runs")
    parser.add_argument("--exporter", type=pathlib.Path, help="measure this one instead of that in BUILD_DIR")
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        refuse("must run as root: it fills a table with two million flows, and raises nf_conntrack_max meanwhile")
    build = arguments.build.resolve()
    missing = [name for name in PROGRAMS if not os.access(build / name, os.X_OK)]
    if missing:
        refuse(f"not built: {', '.join(missing)} in {build}")
    impossible = lab.why_impossible()
    if impossible:
        refuse(impossible)
    if arguments.brief:
        os.environ[effort.VARIABLE] = "1"
    exporter = (arguments.exporter or build / "conntrack_exporter").resolve()
    if not os.access(exporter, os.X_OK):
        refuse(f"not built: {exporter}")
    measure = [*lab.unshare_command(), sys.executable, str(HERE / "measure.py"), str(build), str(exporter)]
    return limits.run_raised(WANTED_LIMIT, measure)


if __name__ == "__main__":
    sys.exit(main())
