#!/usr/bin/env python3
"""make soak: whether the exporter answers in time, and needs no more memory, for as long as it runs. Prints a table.

Usage: soak.py [--seconds 1800] BUILD_DIR   (as root, after a build with tests)

8 scrapers ask each second over TLS, half of them with a new connection each time, while 1,600 flows a second come and go; all
collectors are on. Everything is in namespaces of the run's own, and goes when this ends, however it ends.

The exit code is 1 if a scrape took longer than its second, or the last minute has more memory than the tenth.
"""

import argparse
import collections
import contextlib
import dataclasses
import http.client
import os
import pathlib
import signal
import ssl
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

# pylint: disable=wrong-import-position
import binaries
import lab
from certificates import Authority
from exporter_process import Exporter
from exposition import Exposition
from lab import Namespace
from memory import resident_own_megabytes

SCRATCH = pathlib.Path("/mnt")  # of this process's own mount namespace
HOST = SCRATCH / "host"
SCRAPERS = 8
INTERVAL = 1.0  # seconds, and what a scrape may take
RATE = 1600  # new flows a second
LIFETIME = 10  # seconds, of a flow
DIFFERENT = 1_000_000  # flows, until the first one comes again
MINUTE = 60
REFERENCE = 10  # the minute that the last one is compared with, if there are as many
MOST_GROWTH = 1.02
CONFIG = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
ROW = "| {:>6} | {:>7} | {:>8} | {:>6} | {:>8} | {:>8} | {:>9} | {:>7} | {:>5} | {:>7} |"
HEADING = ROW.format("minute", "scrapes", "timeouts", "failed", "p50", "p99", "RssAnon", "threads", "files", "flows")
RULE = ROW.replace("{:>", "{:->").format(*[":"] * 10)


@dataclasses.dataclass
class Minute:
    """What was seen in it. Seconds, megabytes."""

    scrapes: list[float] = dataclasses.field(default_factory=list)
    timeouts: int = 0
    failed: collections.Counter = dataclasses.field(default_factory=collections.Counter)  # collectors, by name
    memory: list[float] = dataclasses.field(default_factory=list)
    flows: float = 0
    threads: int = 0
    files: int = 0

    def row(self, name: str) -> str:
        latencies = sorted(self.scrapes) or [float("nan")]
        p50, p99 = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.99)]
        return ROW.format(
            name, len(self.scrapes), self.timeouts, sum(self.failed.values()), f"{1000 * p50:.1f} ms", f"{1000 * p99:.1f} ms",
            f"{statistics.mean(self.memory):.2f} MB", self.threads, self.files, f"{self.flows:.0f}")  # fmt: skip


class Connection(http.client.HTTPSConnection):
    """Connects, in the namespace, when it is asked to send and is closed."""

    def __init__(self, namespace: Namespace, port: int):
        context = ssl.create_default_context(cafile=str(SCRATCH / "ca.crt"))
        super().__init__("127.0.0.1", port, timeout=INTERVAL, context=context)
        self._namespace = namespace

    def connect(self) -> None:
        with self._namespace.entered():
            super().connect()


def ask(connection: Connection) -> str:
    """The metrics; nothing if there was no good answer."""
    # A connection that was kept may have been closed meanwhile. Then again, as Prometheus does.
    for kept in (connection.sock is not None, False):
        try:
            connection.request("GET", "/metrics", headers={"X-Prometheus-Scrape-Timeout-Seconds": str(INTERVAL)})
            response = connection.getresponse()
            text = response.read().decode()
            return text if response.status == 200 else ""
        except (OSError, http.client.HTTPException):
            connection.close()
            if not kept:
                break
    return ""


class Soak:
    """One exporter, who scrapes it, and who makes flows."""

    def __init__(self, namespace: Namespace, exporter: Exporter):
        self._namespace, self._exporter = namespace, exporter
        self._stop = threading.Event()
        self._mutex = threading.Lock()
        self._minute = Minute()  # guarded by the mutex
        self.failure: Exception | None = None

    def _guarded(self, work, *arguments) -> None:
        try:
            work(*arguments)
        except Exception as failure:  # pylint: disable=broad-except  # shown by the main thread
            self.failure = failure
            self._stop.set()

    def _beats(self, offset: float):
        """Comes back each second, at once if that is over already."""
        due = time.monotonic() + offset
        while not self._stop.wait(max(0, due - time.monotonic())):
            yield
            due = max(due + INTERVAL, time.monotonic() - INTERVAL)

    def _make_flows(self) -> None:
        first = 0
        for _ in self._beats(0):
            words = ("--profile=mixed", f"--count={RATE}", f"--first={first}", f"--timeout={LIFETIME}")
            self._namespace.run(binaries.conntrack_fill(), *words)
            first = (first + RATE) % DIFFERENT

    def _scrape(self, index: int) -> None:
        connection = Connection(self._namespace, self._exporter.port)
        for _ in self._beats(index * INTERVAL / SCRAPERS):
            began = time.monotonic()
            text = ask(connection)
            self._note(time.monotonic() - began, text)
            if index % 2 == 0:
                connection.close()
        connection.close()

    def _note(self, seconds: float, text: str) -> None:
        failed, flows = [], None
        if text:
            scrape = Exposition(text)
            failed = [name for name, good in scrape.by("conntrack_scrape_collector_success", "collector").items() if not good]
            if "conntrack_flows_sample_flows" in scrape.names():
                flows = scrape.value("conntrack_flows_sample_flows")
        with self._mutex:
            self._minute.scrapes.append(seconds)
            self._minute.timeouts += not text or seconds > INTERVAL
            self._minute.failed.update(failed)
            self._minute.flows = flows if flows is not None else self._minute.flows

    def _watch(self, seconds: float) -> Minute:
        """The next minute, or what there is of it."""
        end = time.monotonic() + seconds
        pid = self._exporter.process.pid
        while time.monotonic() < end and not self._stop.wait(1):
            megabytes = resident_own_megabytes(pid)
            with self._mutex:
                self._minute.memory.append(megabytes)
        with self._mutex:
            minute, self._minute = self._minute, Minute()
        minute.threads = len(os.listdir(f"/proc/{pid}/task"))
        minute.files = len(os.listdir(f"/proc/{pid}/fd"))
        return minute

    def run(self, seconds: int) -> list[Minute]:
        """What each minute was like, shown as it ends."""
        workers = [threading.Thread(target=self._guarded, args=(self._make_flows,))]
        workers += [threading.Thread(target=self._guarded, args=(self._scrape, index)) for index in range(SCRAPERS)]
        print(HEADING, RULE, sep="\n", flush=True)
        minutes = []
        try:
            for worker in workers:
                worker.start()
            while not self.failure and len(minutes) * MINUTE < seconds:
                minutes.append(self._watch(min(MINUTE, seconds - len(minutes) * MINUTE)))
                print(minutes[-1].row(str(len(minutes))), flush=True)
        finally:
            self._stop.set()
            for worker in workers:
                worker.join()
        if self.failure:
            raise self.failure
        return minutes


def judge(minutes: list[Minute]) -> bool:
    """Prints the sum, and what was promised and is not so."""
    whole = Minute(memory=[megabytes for minute in minutes for megabytes in minute.memory])
    for minute in minutes:
        whole.scrapes += minute.scrapes
        whole.timeouts += minute.timeouts
        whole.failed.update(minute.failed)
    whole.threads, whole.files = (max(getattr(minute, name) for minute in minutes) for name in ("threads", "files"))
    whole.flows = max(minute.flows for minute in minutes)
    print(whole.row("all"))
    reference = REFERENCE if len(minutes) > REFERENCE else (len(minutes) + 1) // 2
    growth = statistics.mean(minutes[-1].memory) / statistics.mean(minutes[reference - 1].memory)
    print(f"\nmemory of minute {len(minutes)} / minute {reference}: {growth:.3f}, at most {MOST_GROWTH}")
    if whole.failed:
        print("collectors that failed:", ", ".join(f"{name} {times}" for name, times in whole.failed.most_common()))
    if whole.timeouts:
        print(f"soak: {whole.timeouts} scrapes were not answered well within {INTERVAL:g} s", file=sys.stderr)
    if growth > MOST_GROWTH:
        print("soak: memory grows", file=sys.stderr)
    return not whole.timeouts and growth <= MOST_GROWTH


def stop(number: int, _frame) -> None:
    """Ends by the same way as everything else."""
    raise SystemExit(128 + number)


def run(seconds: int) -> int:
    subprocess.run(["mount", "-t", "tmpfs", "soak", str(SCRATCH)], check=True)
    SCRATCH.chmod(0o755)
    HOST.mkdir()  # a container, as this is one for persistence, has it as a mount
    subprocess.run(["mount", "--rbind", "/", str(HOST)], check=True)
    Authority(SCRATCH, "ca").issue("server", "IP:127.0.0.1")
    (SCRATCH / "web.yml").write_text(CONFIG)
    namespace = lab.FirstNamespace()  # boot files are for this one alone
    with contextlib.ExitStack() as after:
        after.callback(namespace.close)
        after.callback(namespace.drop_flows)
        flags = [f"--path.rootfs={HOST}", *(f"--collector.{name}" for name in binaries.collectors() if name != "ena")]
        exporter = after.enter_context(Exporter(namespace, f"--web.config.file={SCRATCH / 'web.yml'}", *flags))
        return 0 if judge(Soak(namespace, exporter).run(seconds)) else 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", metavar="BUILD_DIR", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=1800, help="how long (%(default)s); not less than 120 tells much")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or arguments.seconds < 2:
        parser.error("must run as root, for at least 2 s")
    os.environ["CONNTRACK_EXPORTER"] = str(arguments.build.resolve() / "conntrack_exporter")
    lab.enter()
    if not lab.inside():
        print(f"soak: {lab.why_impossible()}", file=sys.stderr)
        return 2
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    return run(arguments.seconds)


if __name__ == "__main__":
    sys.exit(main())
