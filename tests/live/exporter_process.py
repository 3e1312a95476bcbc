"""The real exporter, as a process in a network namespace."""

import dataclasses
import http.client
import re
import signal
import subprocess
import time

import binaries
import processes
from exposition import Exposition
from lab import Namespace

# logfmt: ... msg="listening" address="127.0.0.1:1234"; JSON: ... "msg":"listening","address":"127.0.0.1:1234"
_LISTENING = re.compile(r'msg"?[=:]"?listening"?[ ,]"?address"?[=:]"?([0-9.]+):([0-9]+)')
# The last line about an address; they come one by one, while the first is served already.
_ALL_SAID = re.compile(r"TLS is (?:en|dis)abled")
# Dumps the table although somebody else on this machine has filled one: then the exporter would rightly spare the host the
# dump of a small one.
HELD_BACK_LATE = "--collector.flows.max-softirq-hold=60000"
# Likewise, and with a dump for each scrape that comes a moment after the last.
FRESH = ("--collector.flows.cpu-share=1", HELD_BACK_LATE)
# Where flows are read from; without either, by BPF where that can be, as it can for root.
NETLINK = "--collector.flows.source=netlink"
BPF = "--collector.flows.source=bpf"
_PATIENCE = 120  # seconds; a sanitizer build on a busy machine starts slowly


@dataclasses.dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Exporter:
    """Starts `conntrack_exporter` with `flags` and waits until it listens. As a context manager it stops it again.

    `program` are the words that start it, where they are not just its name: with setpriv or strace before it.
    """

    def __init__(self, namespace: Namespace, *flags: str, program: tuple[str, ...] = (), env: dict | None = None):
        self.namespace = namespace
        self._stderr = processes.log_file()
        words = [*(program or (binaries.exporter(),)), "--web.listen-address=127.0.0.1:0", *flags]
        with namespace.entered():
            self.process = processes.start(words, stderr=self._stderr, stdout=subprocess.DEVNULL, env=env)
        try:
            addresses = sum(word.startswith("--web.listen-address=") for word in words)
            self.host, self.port = self._wait_until_listening(addresses)
        except BaseException:
            self.kill()
            raise

    def _wait_until_listening(self, addresses: int) -> tuple[str, int]:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            log = self.log()
            match = _LISTENING.search(log)
            if match and len(_ALL_SAID.findall(log)) >= addresses:
                return match[1], int(match[2])
            if self.process.poll() is not None:
                raise AssertionError(f"the exporter ended with {self.process.returncode}:\n{self.log()}")
            time.sleep(0.02)
        raise AssertionError(f"the exporter does not listen after {_PATIENCE} s:\n{self.log()}")

    def log(self) -> str:
        """All that it has written to standard error."""
        self._stderr.seek(0)
        return self._stderr.read()

    def connect(self, timeout: float = _PATIENCE) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        with self.namespace.entered():
            connection.connect()
        return connection

    def threads(self) -> list[str]:
        """Their names."""
        return [name.strip() for name in processes.of_threads(self.process.pid, "comm")]

    def request(self, method: str, path: str, headers: dict[str, str] | None = None) -> Answer:
        connection = self.connect()
        try:
            connection.request(method, path, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str = "/metrics", **headers: str) -> Answer:
        return self.request("GET", path, {name.replace("_", "-"): value for name, value in headers.items()})

    def get_patiently(self, path: str = "/metrics") -> Answer:
        """As a patient scraper: on a busy machine a walk takes its time."""
        return self.get(path, X_Prometheus_Scrape_Timeout_Seconds=str(_PATIENCE))

    def scrape(self, path: str = "/metrics") -> Exposition:
        answer = self.get_patiently(path)
        if answer.status != 200:
            raise AssertionError(f"GET {path}: {answer.status}\n{answer.text}\n{self.log()}")
        return Exposition(answer.text)

    def scrape_sampled(self, path: str = "/metrics") -> Exposition:
        """A scrape that has flows: the first walk of a large table may take longer than one scrape waits."""
        end = time.monotonic() + 10 * _PATIENCE
        while time.monotonic() < end:
            scrape = self.scrape(path)
            if "conntrack_flows_sample_flows" in scrape.names():
                return scrape
        raise AssertionError(f"no walk was done in {10 * _PATIENCE} s:\n{self.log()}")

    def hold(self) -> None:
        """Stops all its threads where they are; SIGCONT lets them go on."""
        self.process.send_signal(signal.SIGSTOP)
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end:
            stats = processes.of_threads(self.process.pid, "stat")
            if all(stat.rpartition(")")[2].split()[0] == "T" for stat in stats):
                return
            time.sleep(0.01)
        raise AssertionError(f"the exporter was not stopped in {_PATIENCE} s")

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        """Asks it to end and yields its exit code."""
        self.process.send_signal(with_signal)
        return self.process.wait(_PATIENCE)

    def kill(self) -> None:
        """Ends it in any case, and forgets its log."""
        processes.end(self.process)
        self._stderr.close()

    def close(self) -> None:
        """Ends it, and fails where it does not end well: then a sanitizer has found something, or it has crashed."""
        try:
            code = self.stop() if self.process.poll() is None else self.process.returncode
            if code != 0:
                raise AssertionError(f"the exporter ended with {code}:\n{self.log()}")
        finally:
            self.kill()

    def __enter__(self) -> "Exporter":
        return self

    def __exit__(self, *_) -> None:
        self.close()
