#!/usr/bin/env python3
"""make pictures: a story of some minutes in the laboratory, and pictures of the dashboards that show it.

Usage: tests/lab/pictures.py FOLDER. Needs root, what scripts/render-dashboards needs, and its page built beforehand
(scripts/render-dashboards --build); lowers nf_conntrack_max of the host meanwhile, as the drill does. The exit code is 1
where an incident did not come, or anything is not drawn as Grafana would.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live")]

# pylint: disable=wrong-import-position
import binaries
import enclosure
import incidents
import monitoring
from exercise import SPEED, Exercise
from incident import Incident
from laboratory import Laboratory

# What happens, and for how many seconds each goes on once its harm is there. Between them, and before, all is well.
STORY = (
    ("syn-flood", 20),
    ("clash", 20),
    ("leak", 25),
    ("table-full", 25),
    ("limit-lowered", 15),
    ("snat-running-out", 20),
)
# It goes on while the pictures are taken, for the figures of this moment to say something.
LAST, LAST_HELD = "greedy-source", 20
CALM = 30  # seconds
VALLEY, PEAK = 0.2, 0.4  # of the limit: the traffic that is always there goes up and down between them
PERIOD = 150  # seconds
PATIENCE = 180  # seconds until the harm is there
TALKERS = "Talkers"  # a row that is collapsed, as its collector is off by default; here it is on


def incident_of(name: str) -> Incident:
    return next(incident for incident in incidents.ALL if incident.name == name)


class Story:
    """What happens in the laboratory, one thing after the other."""

    def __init__(self, lab: Laboratory, say):
        self._lab, self._say = lab, say

    def tell(self) -> None:
        lab = self._lab
        lab.load(int(PEAK * lab.LIMIT), f"--valley={VALLEY * lab.LIMIT}", f"--period={PERIOD}", "--bursts")
        self._live(CALM)
        for name, seconds in STORY:
            incident = incident_of(name)
            impossible = incident.impossible(lab)
            if impossible:
                self._say(f"{name}: not here: {impossible}")
                continue
            try:
                self._begin(incident)
                self._live(seconds)
            finally:
                lab.end(incident)
            self._live(CALM)
        self._begin(incident_of(LAST))
        self._live(LAST_HELD)

    def _begin(self, incident: Incident) -> None:
        self._say(f"{incident.name}: {incident.title}")
        incident.begin(self._lab)
        end = time.monotonic() + PATIENCE
        while not incident.reached(self._lab):
            if time.monotonic() > end:
                raise AssertionError(f"{incident.name}: the harm is not there within {PATIENCE} s")
            time.sleep(0.5)

    def _live(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._lab.check()
            time.sleep(0.5)


def render(lab: Laboratory, since: float, folder: pathlib.Path) -> int:
    """Runs in the namespace of Prometheus, where the browser reaches it and nothing else."""
    words = (
        str(binaries.ROOT / "scripts/render-dashboards"),
        f"--prometheus=http://127.0.0.1:{monitoring.PROMETHEUS}",
        f"--output={folder}",
        f"--from={since:.0f}",
        f"--to={time.time():.0f}",
        "--scrape-interval=1s",
        "--annotation-step=1s",
        f"--expand={TALKERS}",
    )
    with lab.monitor.entered():
        return subprocess.run(words, check=False).returncode


def take(folder: pathlib.Path) -> int:
    private = enclosure.private_folder()
    os.environ["TMPDIR"] = str(private)  # the browser's files go with the laboratory too
    lab = Laboratory(private, SPEED)
    try:
        exercise = Exercise(lab)
        exercise.await_healthy()
        since = time.time()
        Story(lab, exercise.say).tell()
        exercise.say("taking the pictures")
        return render(lab, since, folder)
    finally:
        lab.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path, help="for the pictures: docs/images")
    folder = parser.parse_args().folder
    if enclosure.inside():
        return take(folder)
    impossible = enclosure.why_impossible()
    if impossible:
        print(f"pictures: {impossible}", file=sys.stderr)
        return 2
    return enclosure.run()


if __name__ == "__main__":
    sys.exit(main())
