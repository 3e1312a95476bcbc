"""A scrape while an attack goes on, and what the exporter has left of it afterwards."""

import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import select
import ssl
import subprocess
import sys
import time

import binaries
import processes
from attack import Attack, State
from exporter_process import Exporter
from live import LiveTest
from memory import resident_megabytes

SCRAPES = 5
TRIES = 5  # of each
SCRAPE_TIMEOUT = 10  # seconds; Prometheus's own default
PATIENCE = 180  # seconds, until an attack is on, or nothing is left of it, or a busy machine comes to a scrape
MAY_GROW = 2  # MB from one attack to the next of its kind; the first has filled pools and caches
# What is lost is lost in every round; pools that more of a hundred threads happen to fill at once stay full.
ROUNDS = 4


class Attackers:
    """The process of attack.py. As a context manager it is ended."""

    def __init__(self, exporter: Exporter, attack: Attack):
        self.attack = attack
        self.state = State()
        program = pathlib.Path(__file__).with_name("attack.py")
        with exporter.namespace.entered():
            self.process = processes.start([sys.executable, str(program), exporter.host, str(exporter.port)],
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
        os.set_blocking(self.process.stdout.fileno(), False)
        self._rest = b""
        self.process.stdin.write(json.dumps(dataclasses.asdict(attack)).encode() + b"\n")
        self.process.stdin.flush()

    def report(self) -> State:
        """The next one that it makes: what it did until now."""
        self._read()  # those that are old
        before, end = self.state, time.monotonic() + PATIENCE
        while self.state is before:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the attack has ended: {self.process.poll()}")
            select.select([self.process.stdout], [], [], 1)
            self._read()
        return self.state

    def _read(self) -> None:
        data = self._rest + (self.process.stdout.read() or b"")
        *lines, self._rest = data.split(b"\n")
        if lines:
            self.state = State(**json.loads(lines[-1]))

    def wait_until_on(self) -> None:
        end = time.monotonic() + PATIENCE
        while self.report().opened < self.attack.connections:
            if time.monotonic() > end:
                raise AssertionError(f"the attack does not begin: {self.state}")

    def goes_on_since(self, before: State) -> bool:
        """Whether most are still connected, or always new ones come."""
        now = self.report()
        return now.open >= self.attack.connections / 4 or now.opened > before.opened + 10

    def close(self) -> None:
        processes.end(self.process)
        self.process.stdin.close()
        self.process.stdout.close()

    def __enter__(self) -> "Attackers":
        return self

    def __exit__(self, *_) -> None:
        self.close()


@dataclasses.dataclass(frozen=True)
class Figures:
    threads: int  # but for those that serve connections, which stay for a while: concurrency_test
    descriptors: int

    @classmethod
    def of(cls, exporter: Exporter) -> "Figures":
        descriptors = pathlib.Path(f"/proc/{exporter.process.pid}/fd")
        threads = [name for name in exporter.threads() if name != "civetweb-worker"]
        return cls(len(threads), len(list(descriptors.iterdir())))

    def within(self, other: "Figures") -> bool:
        return self.threads <= other.threads and self.descriptors <= other.descriptors


class AbuseTest(LiveTest):
    """Attacks come from 127.0.1.1 and up, scrapes from 127.0.0.1."""

    headers: dict[str, str] = {}  # of a scrape, beside the usual ones
    tls: ssl.SSLContext | None = None

    def scrape_status(self, exporter: Exporter, timeout: float = PATIENCE) -> int:
        """As Prometheus does it, on a connection of its own. Yields the status; 0 where there is no answer in time."""
        connection = http.client.HTTPConnection(exporter.host, exporter.port, timeout=timeout)
        with contextlib.closing(connection):
            try:
                with exporter.namespace.entered():
                    connection.connect()
                if self.tls:
                    connection.sock = self.tls.wrap_socket(connection.sock, server_hostname="127.0.0.1")
                connection.request("GET", "/metrics", headers={
                    "User-Agent": "Prometheus/3.1.0", "Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                    "Accept-Encoding": "gzip", "X-Prometheus-Scrape-Timeout-Seconds": str(timeout),
                    **self.headers})  # fmt: skip
                answer = connection.getresponse()
                answer.read()
                return answer.status
            except (OSError, http.client.HTTPException) as error:
                print(f"scrape: {error!r}", file=sys.stderr)
                return 0

    def attack(self, exporter: Exporter, attack: Attack, scrapes: int) -> State:
        """Scrapes while the attack is on, and yields what the attackers have seen."""
        with Attackers(exporter, attack) as attackers:
            attackers.wait_until_on()
            before = attackers.report()
            # Whose SYN is dropped sends it again after 1, 3, 7, 15 and 31 seconds, and may be late again each time.
            times = [self.time_scrape(exporter, attackers) for _ in range(scrapes)]
            # Other programs may hold up some of them.
            self.assertLess(min(times), SCRAPE_TIMEOUT, attackers.report())
            self.assertTrue(attackers.goes_on_since(before), attackers.state)
            return attackers.state

    def time_scrape(self, exporter: Exporter, attackers: Attackers) -> float:
        """Seconds until the whole answer is there. A scraper that a busy machine holds up may be cut off as a slow client while
        thousands wait; it comes again, as Prometheus does."""
        began = time.monotonic()
        statuses = []
        while 200 not in statuses:
            self.assertLess(len(statuses), TRIES, f"{statuses}; {attackers.report()}")
            statuses.append(self.scrape_status(exporter))
        return time.monotonic() - began

    def settled(self, exporter: Exporter, wanted: Figures | None = None) -> Figures:
        """Its figures when they are no more than wanted, or stay as they are."""
        end, last = time.monotonic() + PATIENCE, None
        while True:
            now = Figures.of(exporter)
            if now.within(wanted) if wanted else now == last:
                return now
            self.assertLess(time.monotonic(), end, f"{now} and not {wanted}")
            last = now
            time.sleep(0.3)

    def withstands(self, exporter: Exporter, attack: Attack) -> State:
        """Scrapes succeed, and afterwards no thread, no descriptor and no memory is lost."""
        idle = self.settled(exporter)
        if binaries.sanitized():  # looks for errors of memory and races alone: what an attack costs is seen without
            attack = dataclasses.replace(attack, connections=min(attack.connections, 1000))
            seen = self.attack(exporter, attack, 1)
            self.settled(exporter, idle)
            return seen
        self.attack(exporter, attack, 1)
        idle = self.settled(exporter, idle)  # less than before where it was still about to begin
        for _ in range(ROUNDS):
            before = resident_megabytes(exporter.process.pid)
            seen = self.attack(exporter, attack, SCRAPES)
            self.settled(exporter, idle)
            after = resident_megabytes(exporter.process.pid)
            print(f"{self.id()}: {seen}; {idle}, {before:.1f} and {after:.1f} MB", file=sys.stderr)
            if after < before + MAY_GROW:
                return seen
        self.fail(f"{ROUNDS} attacks in a row have each cost {MAY_GROW} MB and more")
