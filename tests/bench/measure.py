"""Measures inside the namespaces that run.py made, and prints one line a figure."""

import dataclasses
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

# pylint: disable=wrong-import-position
import bpf
import effort
import events
import http_load
import latency
import start
from exporter_process import BPF, FRESH, NETLINK, Exporter
from figure import Figure, show, show_heading, show_missing
from lab import Namespace
from memory import peak_megabytes, peak_own_megabytes

SIZES = (10_000, 100_000, 1_000_000)
LARGEST = 2_000_000  # only memory is measured there
BRIEF_SIZES = SIZES[:2]
HTTP_FLOWS = 10_000
TALKERS = ("--collector.talkers", "--collector.nat")
OWNERS = ("--collector.talkers", "--collector.talkers.pairs", "--collector.workloads")
SOURCES = {NETLINK: "dump", BPF: "BPF walk"}
# More sources than are counted exactly, and each flow has a port of NAT: the hardest case for both.
FILL = ("--profile=snat", "--sources=200000", "--assured", "--timeout=86400")


@dataclasses.dataclass
class Rival:
    """Something that our sample of the table is compared with."""

    name: str
    title: str
    rounds: tuple[int, int, int]  # for each of SIZES
    slowdown: bool = False  # the ratio is ours / rival, and not rival / ours
    at_most: float | None = None
    at_most_from: int = 0  # flows: the target is for tables as large as this; in small ones it is the empty buckets that cost
    flags: tuple[str, ...] = ()

    def ratio(self, result: dict) -> float:
        ours, rival = result["ours_seconds"], result["rival_seconds"]
        return ours / rival if self.slowdown else rival / ours


WALK = "sample by the BPF walk / same dump received and thrown away"
RIVALS = (
    Rival("discard", "our sample / same dump thrown away", (41, 21, 9), slowdown=True, at_most=1.05),
    Rival("libnetfilter_conntrack", "libnetfilter_conntrack loop / our sample", (11, 7, 3)),
    Rival("conntrack-awk", "conntrack -L | awk / our sample", (11, 5, 3)),
    Rival(
        "discard",
        "our sample with talkers and nat / same dump thrown away",
        (41, 21, 9),
        slowdown=True,
        flags=("--talkers", "--nat"),
    ),
    *(
        Rival(
            "plain",
            f"{walk} with talkers, pairs and workloads / without",
            (41, 21, 9),
            slowdown=True,
            at_most=at_most,
            at_most_from=SIZES[-1],
            flags=("--pairs", "--workloads", *flags),
        )
        for walk, at_most, flags in (("our sample", 1.25, ()), ("sample by the BPF walk", 2, ("--bpf-threads=1",)))
    ),
    *(
        Rival(
            "discard",
            f"{WALK}, {threads} thread{'s' if threads > 1 else ''}",
            (41, 21, 9),
            slowdown=True,
            at_most=at_most,
            at_most_from=SIZES[-1],
            flags=(f"--bpf-threads={threads}",),
        )
        for threads, at_most in ((1, 0.15), (2, 0.08))
    ),
    Rival(
        "discard",
        f"{WALK}, 1 thread, as on Linux before 6.2",
        (41, 21, 9),
        slowdown=True,
        flags=("--bpf-threads=1", "--bpf-copy"),
    ),
)


def compare_dumps(build: pathlib.Path, namespace: Namespace, flows: int) -> None:
    for rival in RIVALS:
        words = (f"--rival={rival.name}", *rival.flags, f"--rounds={effort.rounds(rival.rounds[SIZES.index(flows)])}")
        done = namespace.run(str(build / "tests/bench/dump_bench"), *words, check=False, patience=1800)
        if done.returncode != 0:
            show_missing(flows, rival.title, done.stderr.strip())
            continue
        result = json.loads(done.stdout)
        seen = {result["flows"], result["rival_flows"] or flows}  # 0: a rival that does not count
        if seen != {flows}:
            show_missing(flows, rival.title, f"of {flows} flows were seen: {sorted(seen)}")
            continue
        at_most = rival.at_most if flows >= rival.at_most_from else None
        command = " ".join(("dump_bench", *words))
        command += f" ({result['ours_seconds']:.4f} s ours, {result['rival_seconds']:.4f} s)"
        show(flows, Figure(rival.title, rival.ratio(result), command, at_most=at_most))


def measure_memory(namespace: Namespace, flows: int, source: str, flags: tuple[str, ...] = ()) -> None:
    title = f"peak memory of the exporter, 6 scrapes with a {SOURCES[source]} each"
    title += {TALKERS: ", talkers and nat on", OWNERS: ", talkers, pairs and workloads on"}.get(flags, "")
    why_not = bpf.why_impossible() if source == BPF else None
    if why_not:
        show_missing(flows, title, why_not)
        return
    flags = (source, *flags)
    with Exporter(namespace, *FRESH, *flags) as exporter:
        for _ in range(5):
            exporter.scrape_sampled()
        sampled = exporter.scrape_sampled().value("conntrack_flows_sample_flows")
        megabytes, own = peak_megabytes(exporter.process.pid), peak_own_megabytes(exporter.process.pid)
    if sampled != flows:
        show_missing(flows, title, f"the exporter sampled {sampled:.0f} flows")
        return
    command = " ".join(("VmHWM of conntrack_exporter", FRESH[0], *flags))
    show(flows, Figure(title, megabytes, command, at_most=8, unit=" MB"))
    show(flows, Figure(f"{title}, without program and libraries", own, "the same, less RssFile", unit=" MB"))


def fill(build: pathlib.Path, namespace: Namespace, first: int, flows: int) -> bool:
    """Fills the table from `first` up to `flows` flows; what does not fit is said."""
    words = (*FILL, f"--first={first}", f"--count={flows - first}")
    filled = namespace.run(str(build / "tests/support/conntrack_fill"), *words, check=False)
    if filled.returncode != 0:
        show_missing(flows, "everything", filled.stderr.strip())
    return filled.returncode == 0


def measure_size(build: pathlib.Path, flows: int) -> None:
    namespace = Namespace()
    try:
        if not fill(build, namespace, 0, flows):
            return
        compare_dumps(build, namespace, flows)
        for source in SOURCES:
            measure_memory(namespace, flows, source)
            measure_memory(namespace, flows, source, TALKERS)
            measure_memory(namespace, flows, source, OWNERS)
        latency.measure(build, namespace, flows)
        if flows == SIZES[-1] and fill(build, namespace, flows, LARGEST):
            for source in SOURCES:
                measure_memory(namespace, LARGEST, source, TALKERS)
    finally:
        namespace.drop_flows()
        namespace.close()


def measure_http(build: pathlib.Path, exporter: pathlib.Path) -> None:
    namespace = Namespace()
    try:
        for figure in start.figures(namespace, exporter, build / "conntrack_exporter"):
            show(0, figure)
        namespace.run(str(build / "tests/support/conntrack_fill"), f"--count={HTTP_FLOWS}", "--profile=mixed")
        for figure in http_load.figures(namespace):
            show(HTTP_FLOWS, figure)
    except http_load.Impossible as reason:
        show_missing(HTTP_FLOWS, "HTTP beside node_exporter", str(reason))
    finally:
        namespace.close()


def read_anew(file: pathlib.Path) -> None:
    """A file that was just written lies in the page cache in pieces of up to 2 MB, and the kernel maps a piece as a whole. Programs are read
    from the disk in small pieces, as the next start of this one is then."""
    descriptor = os.open(file, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def main() -> None:
    build = pathlib.Path(sys.argv[1])
    exporter = pathlib.Path(sys.argv[2])
    os.environ["CONNTRACK_EXPORTER"] = str(exporter)
    read_anew(exporter)
    show_heading()
    measure_http(build, exporter)
    events.measure(build)
    for flows in BRIEF_SIZES if effort.BRIEF else SIZES:
        measure_size(build, flows)


if __name__ == "__main__":
    main()
