#!/usr/bin/env python3
"""How many series a machine has: the table of docs/fleet.md, which a test compares with this.

Usage: cardinality.py   (as root, or as a user who may make user namespaces; after `make test`, or with CONNTRACK_EXPORTER and
                        CONNTRACK_FILL in the environment)

The real exporter is asked for one collector after the other, on a capture of a machine with 2 CPUs, and on the same with 128.
What needs CAP_NET_ADMIN reads a table that is filled for it, in a namespace of its own.
"""

import dataclasses
import itertools
import os
import pathlib
import socket
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / part) for part in ("live", "alerts", "fleet")]

# pylint: disable=wrong-import-position
import binaries
import bpf
import lab
import shipped
from capture_root import CaptureRoot
from exporter_process import BPF, FRESH, NETLINK, Exporter
from exposition import Exposition
from lab import Namespace

CPUS = (2, 128)
KMSG = "/dev/kmsg"
TOTAL = "**on by default, in all**"
# Of the exporter itself, or of every collector beside its own.
PRESENCE = ("conntrack_table_present", "conntrack_ctnetlink_present")
COMMON = ("process_", "conntrack_exporter_", *PRESENCE, "conntrack_scrape_collector_")
# Series that come with a line in the kernel log, and those of the host that this runs on have some or none.
LATER = ("conntrack_kernel_log_last_seen_", "conntrack_kernel_log_netns_")
# More than ten of everything that has a top ten.
MANY = range(1, 13)
TRANSLATED = """
table ip test {
  chain send { type nat hook output priority -100; ip daddr 127.2.0.1 dnat to 127.4.0.1; }
  chain leave { type nat hook postrouting priority srcnat; ip saddr 127.1.0.0/16 snat to 127.3.0.1; }
}
"""


@dataclasses.dataclass(frozen=True)
class Case:
    """One row: what it is, the collector, and what that reads. Cases that read the same share an exporter."""

    title: str
    collector: str
    filled: tuple[str, ...] | None = None  # of conntrack_fill; None: no flows
    capable: bool = True  # with CAP_NET_ADMIN; without it the capture's own counters are read
    captured: bool = True  # on the capture; else on the running machine, which has no CPUs in these figures
    translated: bool = False  # flows from many to many, through source NAT, and to one of them through DNAT
    timestamps: bool = False
    namespaces: int = 1
    bpf: bool = False  # flows are read by BPF, and not by netlink
    flags: tuple[str, ...] = ()
    default: bool = True

    def surroundings(self) -> tuple:
        return (self.filled, self.capable, self.captured, self.translated, self.timestamps, self.namespaces, self.bpf, self.flags)

    def name(self) -> str:
        return f"{self.collector}{', ' if self.title else ''}{self.title}"


_CASES = (
    Case("", "table", capable=False),
    Case("", "stat", capable=False),
    Case("TCP, UDP, ICMP", "flows", filled=("--count=1000",)),
    Case("", "timeouts"),
    Case("", "settings"),
    Case("", "memory"),
    Case("", "sizing"),
    Case("", "persistence"),
    Case("no line yet", "kernel_log", captured=False),
    Case("with SCTP, GRE, one without a name, zones", "flows", filled=("--count=5000", "--profile=mixed"), default=False),
    Case("the same, read by BPF", "flows", filled=("--count=5000", "--profile=mixed"), captured=False, bpf=True, default=False),
    Case("top 10, full", "talkers", translated=True, default=False),
    Case("the same with pairs", "talkers", translated=True, flags=("--collector.talkers.pairs",), default=False),
    Case("top 10, full", "nat", translated=True, default=False),
    Case("", "events", captured=False, default=False),
    Case("with nf_conntrack_timestamp=1", "events", captured=False, timestamps=True, default=False),
    Case("64 namespaces", "netns", namespaces=64, default=False),
    Case("200 namespaces", "netns", namespaces=200, default=False),
    Case("one interface", "ena", default=False),  # on where there is one
)
# A collector that is in none of them reads the capture, and has a row of its own.
CASES = (
    *_CASES,
    *(Case("", name, default=on) for name, on in binaries.collectors().items() if name not in {case.collector for case in _CASES}),
)


@dataclasses.dataclass
class Row:
    """Series on a machine with few and with many CPUs, and how many of them agent.yml sends."""

    name: str
    series: tuple[int, ...]
    sent: tuple[int, ...]


def own(scrape: Exposition, collector: str) -> list[str]:
    """The series that come with a collector, its three about itself included."""
    if scrape.by("conntrack_scrape_collector_success", "collector") != {collector: 1}:
        raise AssertionError(f"{collector} could not be read")
    series = [name for name in scrape.series() if not name.startswith((*COMMON, *LATER))]
    return [*series, *(f"conntrack_scrape_collector_{about}" for about in ("success", "duration_seconds", "reading_age_seconds"))]


def talk(namespace: Namespace) -> None:
    """One datagram from each of many addresses to each of many others, at each of many ports."""
    with namespace.entered():
        for source in MANY:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind((f"127.1.0.{source}", 0))
                for destination, port in itertools.product(MANY, MANY):
                    sender.sendto(b"?", (f"127.2.0.{destination}", 10_000 + port))


def scrape(cases: list[Case], cpus: int, folder: pathlib.Path) -> dict[Case, Exposition]:
    """What cases with the same surroundings yield, each collector asked for by itself."""
    case = cases[0]
    root = CaptureRoot(folder).set_cpus(cpus).persist_settings().add_namespaces(case.namespaces)
    namespace = Namespace()
    try:
        if case.filled:
            namespace.run(binaries.conntrack_fill(), *case.filled)
        if case.translated:
            namespace.nft(TRANSLATED)
            talk(namespace)
        if case.timestamps:
            namespace.run("sh", "-c", "echo 1 > /proc/sys/net/netfilter/nf_conntrack_timestamp")
        flags = [f"--collector.{each.collector}" for each in cases]
        flags += ["--collector.disable-defaults", *case.flags, *(root.flags() if case.captured else ()), *FRESH, BPF if case.bpf else NETLINK]
        program = () if case.capable else lab.without_net_admin(binaries.exporter())
        with Exporter(namespace, *flags, program=program) as exporter:
            return {each: exporter.scrape(f"/metrics?collect[]={each.collector}") for each in cases}
    finally:
        namespace.drop_flows()
        namespace.close()


def scrape_all(cases: list[Case]) -> dict[Case, list[Exposition]]:
    """What each case yields with each number of CPUs."""
    found: dict[Case, list[Exposition]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        os.chmod(scratch, 0o755)  # another user reads it
        for _, shared in itertools.groupby(sorted(cases, key=lambda case: repr(case.surroundings())), Case.surroundings):
            together = list(shared)
            for cpus in CPUS:
                folder = pathlib.Path(scratch) / f"{len(found)}-{cpus}"
                for case, exposition in scrape(together, cpus, folder).items():
                    found.setdefault(case, []).append(exposition)
    return found


def measure(name: str, scrapes: list[list[str]]) -> Row:
    sends = shipped.sends("agent.yml")
    return Row(name, tuple(map(len, scrapes)), tuple(sum(map(sends, series)) for series in scrapes))


def readable(case: Case) -> bool:
    if case.bpf:
        return bpf.why_impossible() is None
    if case.collector == "ena":
        return False  # no namespace of a test has such an interface
    if case.collector != "kernel_log":
        return True
    try:  # the mode of the device does not tell: a capability may be missing
        os.close(os.open(KMSG, os.O_RDONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def rows() -> list[Row]:
    """All rows, with the sum of what is on by default in its place. Without kernel_log, and so without the sum, where the log
    cannot be read."""
    cases = list(filter(readable, CASES))
    scrapes = scrape_all(cases)
    measured = {case: measure(case.name(), [own(found, case.collector) for found in scrapes[case]]) for case in cases}
    exporter = [[name for name in found.series() if name.startswith(COMMON[:-1])] for found in scrapes[cases[0]]]
    defaults = [row for case, row in measured.items() if case.default] + [measure("the exporter itself", exporter)]
    series = tuple(map(sum, zip(*(row.series for row in defaults))))
    sent = tuple(map(sum, zip(*(row.sent for row in defaults))))
    total = [Row(TOTAL, series, sent)] if all(readable(case) for case in CASES if case.default) else []
    return [*defaults, *total, *(row for case, row in measured.items() if not case.default)]


def table(found: list[Row]) -> str:
    lines = ["| collector | series, 2 CPUs | 128 CPUs | of these `agent.yml` sends | 128 CPUs |", "|---|---|---|---|---|"]
    lines += [f"| {row.name} | {row.series[0]} | {row.series[1]} | {row.sent[0]} | {row.sent[1]} |" for row in found]
    return "\n".join(lines) + "\n"


def main() -> int:
    lab.enter()
    if not lab.inside():
        print(f"cardinality: {lab.why_impossible()}", file=sys.stderr)
        return 2
    for case in CASES:
        if not readable(case):
            print(f"cardinality: no row here for {case.name()}{', and no sum' if case.default else ''}", file=sys.stderr)
    print(table(rows()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
