#!/usr/bin/env python3
"""make drill: provokes incidents in the laboratory, for real, and checks what the alerts make of them.

Each has to raise its own alert and no other page, and that alert has to resolve when the incident ends. What only looks like an
incident must not raise any alert. At the end every query of the dashboards is run, and must have data by then.
Needs root; lowers nf_conntrack_max of the host meanwhile. The exit code is 1 if an alert did not fire or resolve, a false alarm
came, or a query has no data.
"""

import argparse
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live")]

# pylint: disable=wrong-import-position
import dashboards
import enclosure
import incidents
import results
from exercise import SPEED, Exercise
from incident import Incident
from laboratory import Laboratory

DASHBOARDS = "dashboards"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("only", nargs="*", metavar="INCIDENT", help="only these (default: all); dashboards: only their queries")
    parser.add_argument("--list", action="store_true", help="list the incidents")
    parser.add_argument("--speed", type=int, default=SPEED, help="divides the durations of the alerts (default %(default)s)")
    parser.add_argument("--real", action="store_true", help="speed 1, only incidents whose alert comes within a minute or so")
    parser.add_argument("--healthy", type=float, metavar="SECONDS", help="length of the healthy day (default 150)")
    parser.add_argument("--markdown", type=pathlib.Path, metavar="FILE", help="write the table there as well")
    arguments = parser.parse_args()
    unknown = set(arguments.only) - {incident.name for incident in incidents.ALL} - {DASHBOARDS}
    if unknown:
        parser.error(f"no such incident: {', '.join(sorted(unknown))}; see --list")
    if arguments.real:
        arguments.speed = 1
    if arguments.healthy:
        incidents.HEALTHY.live_for(arguments.healthy)
    return arguments


def chosen(arguments: argparse.Namespace) -> list[Incident]:
    named = [incident for incident in incidents.ALL if not arguments.only or incident.name in arguments.only]
    return [incident for incident in named if incident.real_fires_within] if arguments.real else named


def drill(arguments: argparse.Namespace) -> tuple[list[results.Result], dashboards.Verdict | None]:
    began = time.time()
    lab = Laboratory(enclosure.private_folder(), arguments.speed)
    try:
        exercise = Exercise(lab)
        exercise.await_healthy()
        found = [exercise.provoke(incident) for incident in chosen(arguments)]
        asked = None
        if not arguments.real and (not arguments.only or DASHBOARDS in arguments.only):
            asked = dashboards.interrogate(lab.monitoring.ask_archive, began, time.time(), all_happened=not arguments.only)
        return found, asked
    finally:
        lab.close()


def main() -> int:
    arguments = parse()
    if arguments.list:
        for incident in incidents.ALL:
            print(f"{incident.name:22} {incident.alert:32} {incident.title}")
        return 0
    if not enclosure.inside():
        impossible = enclosure.why_impossible()
        if impossible:
            print(f"drill: {impossible}", file=sys.stderr)
            return 2
        return enclosure.run()
    found, asked = drill(arguments)
    print(results.text(found))
    for result in found:
        if result.failure:
            print(f"FAILED: {result.title}: {result.failure}")
    if asked:
        print(asked.text() + "".join(f"FAILED: dashboards: {fault}\n" for fault in asked.faults), end="")
    if arguments.markdown:
        arguments.markdown.write_text(results.markdown(found), encoding="utf-8")
    return 0 if all(result.good for result in found) and (asked is None or asked.good) else 1


if __name__ == "__main__":
    sys.exit(main())
