"""From exec to the first answered scrape: the static program beside the one with shared libraries, and node_exporter."""

import http.client
import pathlib
import statistics
import subprocess
import time

import binaries
import effort
from exporter_process import NETLINK
from figure import Figure
from http_load import NODE_FLAGS, NODE_PORT
from lab import Namespace

FLAGS = ("--web.listen-address=127.0.0.1:10318",)
ROUNDS = effort.rounds(21)
PATIENCE = 30  # seconds


def milliseconds(namespace: Namespace, port: int, words: list[str]) -> float:
    """One start."""
    with namespace.entered():
        began = time.perf_counter()
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        try:
            while True:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
                    connection.request("GET", "/metrics")
                    if connection.getresponse().status == 200:
                        return 1000 * (time.perf_counter() - began)
                except ConnectionError:
                    pass
                finally:
                    connection.close()
                if time.perf_counter() - began > PATIENCE:
                    raise AssertionError(f"{' '.join(words)} answers nothing")
                time.sleep(0.0002)
        finally:
            process.kill()
            process.wait()


def figures(namespace: Namespace, static: pathlib.Path, shared: pathlib.Path):
    """Yields the figures one by one. Loading the BPF programs takes many times as long as all else."""
    for how, flags in (("flows by netlink", (NETLINK,)), ("default flags", ())):
        programs = {"static": (10318, [str(static), *FLAGS, *flags]), "shared": (10318, [str(shared), *FLAGS, *flags])}
        node = binaries.tool("prometheus-node-exporter")
        if node:
            programs["node_exporter"] = (NODE_PORT, [node, *NODE_FLAGS])
        times: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(ROUNDS):
            for name, program in programs.items():
                times[name].append(milliseconds(namespace, *program))
        took = {name: statistics.median(values) for name, values in times.items()}
        for other in list(took)[1:]:
            yield Figure(
                f"exec to the first answered scrape, {how}, static / {other}",
                took["static"] / took[other],
                f"median of {ROUNDS} starts ({took['static']:.1f} ms, {took[other]:.1f} ms)",
                at_most=1,
            )
