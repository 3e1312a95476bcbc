#!/usr/bin/env python3
"""make bench-fleet: what a fleet costs one Prometheus. Prints the table of docs/fleet.md.

Usage: fleet.py [--nodes 300] [--cpus 2] [--bare] [--seconds 300] [--window 120]
  (as root, or as a user who may make user namespaces; after `make test`, or with CONNTRACK_EXPORTER and CONNTRACK_FILL)

Hundreds of the real exporter, each on a capture root of its own, and Debian's Prometheus with alerts/conntrack.rules.yml, on
127.0.0.1 of a network namespace of its own. Files are in memory. All of it goes when this ends, however it ends.
"""

import argparse
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

# pylint: disable=wrong-import-position
import binaries
import lab
from fleet_nodes import Nodes
from memory import resident_megabytes, resident_own_megabytes
from prometheus_server import PrometheusServer

SCRATCH = pathlib.Path("/mnt")  # of this process's own mount namespace
INTERVAL = 15  # seconds
APPENDED, CPU = "prometheus_tsdb_head_samples_appended_total", "process_cpu_seconds_total"
SERIES, MEMORY = "prometheus_tsdb_head_series", "process_resident_memory_bytes"
RULES, MISSED = "prometheus_rule_group_last_duration_seconds", "prometheus_rule_group_iterations_missed_total"
FAILED = "prometheus_rule_evaluation_failures_total"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What a fleet costs one Prometheus.")
    parser.add_argument("--nodes", type=int, default=300)
    parser.add_argument("--cpus", type=int, default=2, help="of each node; has an effect with --bare")
    parser.add_argument("--bare", action="store_true", help="without CAP_NET_ADMIN: no flows, counters of the capture root")
    parser.add_argument("--seconds", type=int, default=300, help="how long they are scraped, more than half of it with the rules")
    parser.add_argument("--window", type=int, default=120, help="of these, how long without the rules and, at the end, with them")
    options = parser.parse_args()
    if options.nodes < 1 or options.cpus < 1 or options.window < 2 * INTERVAL:
        parser.error(f"--nodes and --cpus are at least 1, --window at least {2 * INTERVAL}")
    if options.seconds < 2 * (options.window + INTERVAL):
        parser.error(f"--seconds is at least {2 * (options.window + INTERVAL)} with that --window")
    return options


def config(targets: dict[str, str], rules: bool) -> dict:
    """Targets are instance to address."""
    static = [{"targets": [address], "labels": {"instance": name}} for name, address in targets.items()]
    return {
        "global": {"scrape_interval": f"{INTERVAL}s", "evaluation_interval": f"{INTERVAL}s"},
        "rule_files": [str(binaries.ROOT / "alerts/conntrack.rules.yml")] if rules else [],
        "scrape_configs": [{"job_name": "conntrack", "static_configs": static}],
    }


def machine() -> str:
    info = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    model = re.search(r"^model name\s*: (.*)", info, re.MULTILINE)
    memory = int(pathlib.Path("/proc/meminfo").read_text(encoding="ascii").split()[1]) / 1024**2
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{os.cpu_count()} CPUs ({model[1] if model else platform.machine()}), {memory:.1f} GiB, Linux {kernel}"


def cpu_without_rules(prometheus: PrometheusServer, window: int) -> float:
    """CPU seconds a second, while Prometheus scrapes and does nothing else."""
    time.sleep(INTERVAL)
    began, before = time.monotonic(), prometheus.own(CPU)[CPU]
    time.sleep(window)
    return (prometheus.own(CPU)[CPU] - before) / (time.monotonic() - began)


class Measurement:
    """What is read in the last seconds."""

    def __init__(self, prometheus: PrometheusServer, nodes: Nodes, count: int, cpu_before: float):
        self.count, self._prometheus, self._nodes, self._cpu_before = count, prometheus, nodes, cpu_before
        self._began, self._before = time.monotonic(), prometheus.own(APPENDED, CPU)
        self._rules: list[float] = []

    def watch(self, window: int) -> None:
        while time.monotonic() < self._began + window:
            time.sleep(INTERVAL)
            self._rules.append(self._prometheus.own(RULES)[RULES])
        self._after = self._prometheus.own(APPENDED, CPU, SERIES, MEMORY, MISSED, FAILED)
        self._seconds = time.monotonic() - self._began

    def _each_second(self, name: str) -> float:
        return (self._after[name] - self._before[name]) / self._seconds

    def _number(self, expression: str) -> float:
        return self._prometheus.query(expression) or 0

    def rows(self) -> list[tuple[str, str, str]]:
        ask, n, after = self._number, self.count, self._after
        series, samples = after[SERIES], self._each_second(APPENDED)
        scraped = ask("sum(scrape_samples_scraped)")
        own = ask('count({__name__=~"(instance|job):conntrack.+"})')
        rules, cpu = statistics.median(self._rules), self._each_second(CPU)
        rules_cpu = cpu - self._cpu_before
        quantile = [1000 * ask(f"quantile({q}, scrape_duration_seconds)") for q in (0.5, 0.99)]
        exporter_cpu = 1000 * INTERVAL * ask("avg(rate(process_cpu_seconds_total[1m]))")
        memory = [statistics.median(map(read, self._nodes.pids())) for read in (resident_megabytes, resident_own_megabytes)]
        wal, appended = self._prometheus.wal_bytes(), after[APPENDED]
        block = self._prometheus.snapshot()
        return [
            ("series scraped", f"{scraped:,.0f}", f"{scraped / n:.1f}"),
            ("series that the rules record", f"{own:,.0f}", f"{own / n:.1f}"),
            ("series in the head", f"{series:,.0f}", f"{series / n:.1f}"),
            ("samples a second", f"{samples:,.0f}", f"{samples / n:.2f}"),
            ("CPU of the rules, evaluated once", f"{INTERVAL * rules_cpu:.2f} s", f"{1000 * INTERVAL * rules_cpu / n:.2f} ms"),
            ("time that this took, all groups: median, least", f"{rules:.2f} s, {min(self._rules):.2f} s", ""),
            ("CPU of Prometheus, scrapes and rules", f"{cpu:.3f} of one", f"{1000 * cpu / n:.2f} ms a second"),
            ("memory of Prometheus, resident", f"{after[MEMORY] / 1e6:.0f} MB", f"{after[MEMORY] / 1e6 / n:.2f} MB"),
            ("the same, a series in the head", f"{after[MEMORY] / series / 1e3:.1f} kB", ""),
            ("a scrape, median and 99 % quantile", "", f"{quantile[0]:.1f} ms, {quantile[1]:.1f} ms"),
            ("CPU of an exporter", "", f"{exporter_cpu:.2f} ms a scrape"),
            ("memory of an exporter, resident", "", f"{memory[0]:.1f} MB, of it its own {memory[1]:.1f} MB"),
            ("write-ahead log, a sample", f"{wal / appended:.2f} bytes", ""),
            ("block from the head: chunks, a sample", f"{block['chunks'] / block['samples']:.2f} bytes", ""),
            ("block from the head: index, a series", f"{block['index'] / block['series']:.0f} bytes", ""),
        ]

    def faults(self) -> list[str]:
        """What must not be in a measurement that counts."""
        up = self._number("sum(min_over_time(up[5m]))")
        found = {f"{self.count - up:.0f} of {self.count} exporters were not scraped": up != self.count}
        for name in (MISSED, FAILED):
            found[f"{name} is {self._after[name]:.0f}"] = self._after[name] != 0
        collectors = self._number("count(conntrack_scrape_collector_success == 0)")
        found[f"{collectors:.0f} collectors failed"] = collectors != 0
        return [fault for fault, holds in found.items() if holds]


def run(options: argparse.Namespace) -> int:
    subprocess.run(["mount", "-t", "tmpfs", "fleet", str(SCRATCH)], check=True)
    SCRATCH.chmod(0o755)
    namespace = lab.Namespace()
    began = time.monotonic()
    nodes = Nodes(namespace, SCRATCH, options.nodes, options.cpus, options.bare)
    print(f"{options.nodes} exporters started in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    targets = nodes.targets()
    prometheus = PrometheusServer(namespace, SCRATCH, config(targets, rules=False), "--web.enable-admin-api")
    try:
        cpu_before = cpu_without_rules(prometheus, options.window)
        prometheus.reload(config(targets, rules=True))
        time.sleep(options.seconds - INTERVAL - 2 * options.window)
        measurement = Measurement(prometheus, nodes, options.nodes, cpu_before)
        measurement.watch(options.window)
        faults = measurement.faults()
        load = os.getloadavg()
        heading = (f"{options.nodes} nodes, scraped and judged each {INTERVAL} s", "in all", "a node")
        for row in (heading, ("---",) * 3, *measurement.rows()):
            print("| " + " | ".join(row) + " |")
    finally:
        prometheus.close()
        nodes.close()
    print(f"\n{machine()}; load average {load[1]:.1f} in five minutes. `{' '.join(['tests/bench/fleet.py', *sys.argv[1:]])}`")
    for fault in faults:
        print(f"fleet: {fault}", file=sys.stderr)
    return 1 if faults else 0


def main() -> int:
    options = arguments()
    lab.enter()
    if not lab.inside():
        print(f"fleet: {lab.why_impossible()}", file=sys.stderr)
        return 2
    return run(options)


if __name__ == "__main__":
    sys.exit(main())
