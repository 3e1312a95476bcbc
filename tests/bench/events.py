#!/usr/bin/env python3
"""What it costs to hear of every flow, and how many a second are heard without a loss.

Usage: events.py BUILD_DIR   (as root, after a build with tests; `make bench` runs it with all else)

conntrack_fill makes flows as fast as one CPU can, `conntrack -F` destroys them, over and over, in a namespace of the
run's own; nf_conntrack_max stays as it is. The exporter listens, then `conntrack -E > /dev/null` with the same buffer.
"""

import contextlib
import dataclasses
import os
import pathlib
import resource
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

# pylint: disable=wrong-import-position
import effort
import lab
import processes
from exporter_process import Exporter
from figure import Figure, show, show_heading, show_missing
from lab import Namespace

FLOWS = 200_000
ROUNDS = effort.rounds(5)
BUFFER = 32 << 20  # bytes; the default of the exporter
PATIENCE = 60  # seconds
FLAGS = ("--collector.disable-defaults", "--collector.events", f"--collector.events.buffer-bytes={BUFFER}")


class Impossible(Exception):
    """Why nothing could be measured."""


@dataclasses.dataclass
class Burst:
    """Flows made, or destroyed, and what that cost."""

    seconds: float  # that it took
    work_cpu: float  # seconds of CPU of the one who made or destroyed them
    cpu: float  # seconds of CPU of the listener's thread


def busiest_thread(pid: int) -> float:
    """CPU seconds, user and system, of the thread that used most."""
    return max(int(text.split()[0]) for text in processes.of_threads(pid, "schedstat")) / 1e9


def netlink_sockets(namespace: Namespace, pid: int) -> list[dict[str, str]]:
    """What the kernel says of the process's netlink sockets. Told by inode: the column Pid is a name that another may have got first."""
    own = set()
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            own.add(os.readlink(link).removeprefix("socket:[").removesuffix("]"))
    names, *rows = (row.split() for row in namespace.run("cat", "/proc/net/netlink").stdout.splitlines())
    return [socket for row in rows if (socket := dict(zip(names, row)))["Inode"] in own]


def dropped(namespace: Namespace, pid: int) -> int:
    """Messages that the kernel could not deliver to the process."""
    return sum(int(socket["Drops"]) for socket in netlink_sockets(namespace, pid))


def listens(namespace: Namespace, pid: int) -> bool:
    """Whether the process has joined a group of netlink."""
    return any(int(socket["Groups"], 16) != 0 for socket in netlink_sockets(namespace, pid))


def wait_until(condition, what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            raise Impossible(f"{what}: not after {PATIENCE} s")
        time.sleep(0.05)


class NoListener:
    """The cost of the flows themselves."""

    def cpu(self) -> float:
        return 0

    def catch_up(self) -> None:
        pass


class OurListener:
    """The exporter."""

    def __init__(self, exporter: Exporter):
        self._exporter = exporter

    def cpu(self) -> float:
        return busiest_thread(self._exporter.process.pid)

    def catch_up(self) -> None:
        self._exporter.scrape()  # which receives what is there

    def figures(self) -> tuple[int, int]:
        """Events heard, and lost."""
        scrape = self._exporter.scrape()
        return int(scrape.total("conntrack_events_total")), int(scrape.value("conntrack_events_lost_total"))


class TheirListener:
    """conntrack -E, which prints each event."""

    def __init__(self, process: subprocess.Popen):
        self._pid = process.pid

    def cpu(self) -> float:
        return busiest_thread(self._pid)

    def catch_up(self) -> None:
        last = -1.0
        while (now := self.cpu()) != last:
            last = now
            time.sleep(0.2)


def fill(build: pathlib.Path, namespace: Namespace) -> None:
    """Makes the flows."""
    words = (str(build / "tests/support/conntrack_fill"), f"--count={FLOWS}", "--timeout=86400")
    done = namespace.run(*words, check=False)
    if done.returncode != 0:
        raise Impossible(done.stderr.strip())


def children_cpu() -> float:
    """Seconds of CPU, user and system, of all programs that were run and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def measure_bursts(build: pathlib.Path, namespace: Namespace, listener) -> tuple[list[Burst], list[Burst]]:
    """The flows made, and destroyed, in each round."""
    bursts: tuple[list[Burst], list[Burst]] = ([], [])
    for _ in range(ROUNDS):
        for found, work in zip(bursts, (lambda: fill(build, namespace), lambda: namespace.run("conntrack", "-F"))):
            before, work_before, began = listener.cpu(), children_cpu(), time.monotonic()
            work()
            seconds, work_cpu = time.monotonic() - began, children_cpu() - work_before
            listener.catch_up()
            found.append(Burst(seconds, work_cpu, listener.cpu() - before))
    return bursts


@contextlib.contextmanager
def private_namespace():
    namespace = Namespace()
    try:
        yield namespace
    finally:
        namespace.run("conntrack", "-F", check=False)
        namespace.close()


def total(bursts: list[Burst]) -> Burst:
    columns = zip(*map(dataclasses.astuple, bursts))
    return Burst(*map(sum, columns))


def measure_ours(build: pathlib.Path) -> tuple[Burst, Burst]:
    with private_namespace() as namespace, Exporter(namespace, *FLAGS) as exporter:
        listener = OurListener(exporter)
        made, gone = map(total, measure_bursts(build, namespace, listener))
        heard, lost = listener.figures()
    events = 2 * ROUNDS * FLOWS
    if heard + lost != events:
        raise Impossible(f"of {events} events {heard} were heard and {lost} lost")
    command = f"{ROUNDS} x conntrack_fill --count={FLOWS}, conntrack -F; {lost} of {events} lost"
    rate = ROUNDS * FLOWS / made.seconds
    show(FLOWS, Figure("events a second heard while flows are made", rate, command, unit="/s"))
    rate = ROUNDS * FLOWS / gone.seconds
    show(FLOWS, Figure("events a second heard while they are destroyed", rate, command, unit="/s"))
    show(FLOWS, Figure("events lost", lost, command, at_most=0))
    share = 100 * made.cpu / made.seconds
    show(FLOWS, Figure("share of one CPU that the reading thread uses meanwhile", share, "schedstat", unit=" %"))
    return made, gone


def measure_theirs(build: pathlib.Path) -> tuple[float, int]:
    """Seconds of CPU of conntrack -E, and the events that were too many for it."""
    with private_namespace() as namespace:
        words = ["conntrack", "-E", "--buffer-size", str(BUFFER)]
        with namespace.entered():
            process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: listens(namespace, process.pid), "conntrack -E listens")
            bursts = measure_bursts(build, namespace, TheirListener(process))
            lost = dropped(namespace, process.pid)
        finally:
            process.kill()
            process.wait()
    return sum(total(burst).cpu for burst in bursts), lost


def measure(build: pathlib.Path) -> None:
    """Shows the figures."""
    try:
        with private_namespace() as namespace:
            made_unheard, _ = map(total, measure_bursts(build, namespace, NoListener()))
        made, gone = measure_ours(build)
    except Impossible as reason:
        show_missing(FLOWS, "events", str(reason))
        return
    events = 2 * ROUNDS * FLOWS
    ours = (made.cpu + gone.cpu) / events * 1e6
    show(FLOWS, Figure("CPU of an event, reading thread", ours, "schedstat, user and system", unit=" us"))
    show(FLOWS, Figure("events a second that would fill one CPU of the reader", 1e6 / ours, "from that", unit="/s"))
    listening = (made.work_cpu - made_unheard.work_cpu) / (ROUNDS * FLOWS) * 1e6
    command = "CPU of conntrack_fill, heard and unheard"
    show(FLOWS, Figure("CPU of an event, who makes the flow", listening, command, unit=" us"))
    title = "CPU of an event, conntrack -E > /dev/null / our reading thread"
    try:
        their_cpu, lost = measure_theirs(build)
        command = f"the same flows, with the same buffer; of {events}"
        show(FLOWS, Figure("events lost by conntrack -E > /dev/null", lost, command))
        if lost:
            raise Impossible("conntrack -E lost events, and what that costs it is not what an event costs")
    except Impossible as reason:
        show_missing(FLOWS, title, str(reason))
        return
    theirs = their_cpu / events * 1e6
    show(FLOWS, Figure(title, theirs / ours, f"the same flows ({theirs:.2f} us, {ours:.2f} us)", above=1))


def main() -> int:
    if len(sys.argv) != 2 or os.geteuid() != 0:
        print("bench: must run as root: events.py BUILD_DIR", file=sys.stderr)
        return 2
    lab.enter()
    if not lab.inside():
        print(f"bench: {lab.why_impossible()}", file=sys.stderr)
        return 2
    build = pathlib.Path(sys.argv[1]).resolve()
    os.environ["CONNTRACK_EXPORTER"] = str(build / "conntrack_exporter")
    show_heading()
    measure(build)
    return 0


if __name__ == "__main__":
    sys.exit(main())
