#!/usr/bin/env python3
"""make demo: the laboratory of the drill, left running, with Prometheus and Alertmanager to look at.

There is steady traffic; a key begins an incident and ends it. Needs root; lowers nf_conntrack_max of the host meanwhile.
q or Ctrl-C ends it, and everything is gone.
"""

import argparse
import pathlib
import string
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "live")]

# pylint: disable=wrong-import-position
import enclosure
import incidents
import laboratory
import monitoring
import recorder
import terminal
from exercise import SPEED
from forwarder import Forwarder
from incident import Incident
from laboratory import Laboratory

KEYS = string.digits[1:] + string.ascii_letters.replace("q", "")
HERE_AND_NOW = "127.0.0.1"


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [incident.name for incident in incidents.ALL]
    parser.add_argument("--incident", choices=names, metavar="NAME", help=f"begin with one: {', '.join(names)}")
    parser.add_argument("--seconds", type=float, help="end by itself after that long")
    parser.add_argument("--speed", type=int, default=SPEED, help="divides the durations of the alerts (default %(default)s)")
    return parser.parse_args()


class Demo:
    """One incident at a time, and what the alerts make of it, told as it happens."""

    def __init__(self, lab: Laboratory):
        self._lab = lab
        self._current: Incident | None = None
        self._told = time.monotonic()

    def open_ports(self) -> None:
        forwarder, host = Forwarder(), self._lab.host.network
        for port, namespace, address in (
            (monitoring.PROMETHEUS, self._lab.monitor, HERE_AND_NOW),
            (monitoring.ALERTMANAGER, self._lab.monitor, HERE_AND_NOW),
            (monitoring.RECORDER, self._lab.monitor, HERE_AND_NOW),
            (Laboratory.EXPORTER_PORT, self._lab.router, laboratory.MONITOR_GATEWAY),
        ):
            try:
                forwarder.forward((host, HERE_AND_NOW, port), (namespace, address, port))
            except OSError as error:
                raise SystemExit(f"demo: port {port} of {HERE_AND_NOW} is taken ({error.strerror}): free it") from None

    def explain(self) -> None:
        prometheus = f"http://{HERE_AND_NOW}:{monitoring.PROMETHEUS}{self._lab.monitoring.pages()}"
        exporter = f"http://{HERE_AND_NOW}:{Laboratory.EXPORTER_PORT}"
        full = "instance%3Aconntrack_entries_per_limit%3Aratio"
        print(f"Alerts, pending and firing:     {prometheus}/alerts")
        print(f"How full the table is:          {prometheus}/graph?g0.range_input=5m&g0.tab=0&g0.expr={full}")
        print(f"What people would be told:      http://{HERE_AND_NOW}:{monitoring.RECORDER}/")
        # Debian's Alertmanager has no pages.
        print(f"Alertmanager (JSON):            http://{HERE_AND_NOW}:{monitoring.ALERTMANAGER}/api/v2/alerts/groups")
        print(f"The exporter, and its metrics:  {exporter}/  {exporter}/metrics")
        print(f"\nAn hour of the alerts takes {3600 / self._lab.monitoring.speed:.0f} s here. Keys:")
        for key, incident in zip(KEYS, incidents.ALL):
            print(f"  {key}  {incident.title}: {incident.alert}")
        print("  q  the end\n", flush=True)

    def toggle(self, incident: Incident) -> None:
        """Ends the one that is on; begins this one, unless it was that."""
        ended = self._current
        if ended:
            print(f"ended: {ended.title}", flush=True)
            self.end()
        if incident is ended:
            return
        impossible = incident.impossible(self._lab)
        if impossible:
            print(f"not here: {incident.title}: {impossible}", flush=True)
            return
        print(f"begun: {incident.title}; look for {incident.alert}", flush=True)
        self._current = incident
        try:
            incident.begin(self._lab)
        except (AssertionError, OSError) as error:
            print(f"it failed: {error}", flush=True)
            self.end()

    def end(self) -> None:
        if self._current:
            ended, self._current = self._current, None
            self._lab.end(ended)

    def tell(self) -> None:
        """What has been notified since the last time."""
        since, self._told = self._told, time.monotonic()
        for notification in self._lab.monitoring.recorder.since(since):
            print(recorder.in_a_line(notification), flush=True)

    def run(self, end: float) -> None:
        while time.monotonic() < end:
            key = terminal.key(0.5)
            if key == "q":
                return
            if key and key in KEYS[: len(incidents.ALL)]:
                self.toggle(incidents.ALL[KEYS.index(key)])
            self.tell()


def demo(arguments: argparse.Namespace) -> int:
    print("starting the laboratory", flush=True)
    lab = Laboratory(enclosure.private_folder(), arguments.speed)
    try:
        shown = Demo(lab)
        shown.open_ports()
        shown.explain()
        terminal.listen()
        if arguments.incident:
            shown.toggle(next(incident for incident in incidents.ALL if incident.name == arguments.incident))
        shown.run(time.monotonic() + (arguments.seconds or float("inf")))
        shown.end()
        return 0
    finally:
        lab.close()


def main() -> int:
    arguments = parse()
    if enclosure.inside():
        return demo(arguments)
    impossible = enclosure.why_impossible()
    if impossible:
        print(f"demo: {impossible}", file=sys.stderr)
        return 2
    with terminal.kept():
        return enclosure.run()


if __name__ == "__main__":
    sys.exit(main())
