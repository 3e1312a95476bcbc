"""/metrics without a new dump, under load from wrk: ours beside node_exporter with only its conntrack collector."""

import contextlib
import dataclasses
import re
import socket
import statistics
import subprocess
import time

import binaries
import effort
from exporter_process import Exporter
from figure import Figure
from lab import Namespace
from memory import resident_megabytes

ROUNDS = effort.rounds(3)
SECONDS = 3
CLIENTS = (1, 8)
# The first scrape makes a dump, and the next may start only after ten thousand times as long.
NO_NEW_DUMP = "--collector.flows.cpu-share=0.0001"
# Neither shows its own process: the metrics of the table are compared.
ONLY_COLLECTORS = "--web.disable-exporter-metrics"
NODE_PORT = 9100
NODE_FLAGS = (
    "--collector.disable-defaults",
    "--collector.conntrack",
    ONLY_COLLECTORS,
    f"--web.listen-address=127.0.0.1:{NODE_PORT}",
)
_MICROSECONDS = {"us": 1.0, "ms": 1e3, "s": 1e6}


class Impossible(Exception):
    """Why nothing could be measured."""


@dataclasses.dataclass
class Load:
    """What one run of wrk found."""

    per_second: float
    p50: float  # microseconds
    p99: float


def parse_wrk(text: str) -> Load:
    if "Non-2xx" in text or "Socket errors" in text:
        raise Impossible(f"wrk met errors:\n{text}")
    percentiles = {
        percent: float(value) * _MICROSECONDS[unit]
        for percent, value, unit in re.findall(r"^\s+(\d+)%\s+([\d.]+)(us|ms|s)$", text, re.MULTILINE)
    }
    per_second = float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1])
    return Load(per_second, percentiles["50"], percentiles["99"])


def run_wrk(namespace: Namespace, port: int, clients: int) -> Load:
    words = ("wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--latency", f"http://127.0.0.1:{port}/metrics")
    done = namespace.run(*words)
    return parse_wrk(done.stdout)


def median(loads: list[Load]) -> Load:
    """Field by field."""
    return Load(*(statistics.median(values) for values in zip(*map(dataclasses.astuple, loads))))


def wait_for(namespace: Namespace, port: int) -> None:
    for _ in range(200):
        try:
            with namespace.entered(), socket.create_connection(("127.0.0.1", port)):
                return
        except ConnectionRefusedError:
            time.sleep(0.05)
    raise Impossible(f"nothing listens on port {port} after 10 s")


@contextlib.contextmanager
def node_exporter(namespace: Namespace):
    program = binaries.tool("prometheus-node-exporter")
    if not program:
        raise Impossible("prometheus-node-exporter is neither in build/tools/usr/bin nor in PATH")
    with namespace.entered():
        process = subprocess.Popen([program, *NODE_FLAGS], stderr=subprocess.DEVNULL)
    try:
        wait_for(namespace, NODE_PORT)
        yield process
    finally:
        process.kill()
        process.wait()


def figures(namespace: Namespace):
    """Yields the figures one by one."""
    if not binaries.tool("wrk"):
        raise Impossible("wrk is not installed")
    with Exporter(namespace, NO_NEW_DUMP, ONLY_COLLECTORS) as ours, Exporter(namespace) as defaults, node_exporter(namespace) as node:
        ours.scrape()
        ports = {"ours": ours.port, "node": NODE_PORT, "defaults": defaults.port}
        for clients in CLIENTS:
            loads = {name: [] for name in ports}
            for _ in range(ROUNDS):
                for name, port in ports.items():
                    loads[name].append(run_wrk(namespace, port, clients))
            yield from compare(clients, {name: median(found) for name, found in loads.items()})
        memory, node_memory = resident_megabytes(ours.process.pid), resident_megabytes(node.pid)
        yield Figure(
            "resident memory after the load, ours / node_exporter",
            memory / node_memory,
            f"VmRSS ({memory:.1f} MB ours, {node_memory:.1f} MB)",
            below=1,
        )


def compare(clients: int, loads: dict[str, Load]):
    """The figures of one number of clients. The design has targets for one client."""
    one = 1 if clients == 1 else None
    who = f"{clients} client{'' if one else 's'}"
    command = f"wrk -t1 -c{clients} -d{SECONDS}s --latency"
    ours, node, defaults = loads["ours"], loads["node"], loads["defaults"]
    yield Figure(
        f"requests a second, {who}, ours / node_exporter",
        ours.per_second / node.per_second,
        f"{command}, {NO_NEW_DUMP} ({ours.per_second:.0f}/s ours, {node.per_second:.0f}/s)",
        above=one,
    )
    yield Figure(
        f"p50 latency, {who}, ours / node_exporter",
        ours.p50 / node.p50,
        f"{command}, {NO_NEW_DUMP} ({ours.p50:.0f} us ours, {node.p50:.0f} us)",
    )
    yield Figure(
        f"p99 latency, {who}, ours / node_exporter",
        ours.p99 / node.p99,
        f"{command}, {NO_NEW_DUMP} ({ours.p99:.0f} us ours, {node.p99:.0f} us)",
        below=one,
    )
    yield Figure(
        f"requests a second, {who}, ours with default flags / node_exporter",
        defaults.per_second / node.per_second,
        f"{command}, dumps go on ({defaults.per_second:.0f}/s, p99 {defaults.p99:.0f} us)",
    )
