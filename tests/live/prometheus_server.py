"""A real Prometheus, server or agent, as a process in a network namespace."""

import http.client
import json
import pathlib
import re
import signal
import time
import urllib.parse

import binaries
import processes
import yaml
from lab import Namespace

_PATIENCE = 120  # seconds until it answers
_RELOADED = "prometheus_config_last_reload_success_timestamp_seconds"
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


class PrometheusServer:
    """Runs with `config` on a port of 127.0.0.1. `folder`, which must be there, is for its files; the caller removes it."""

    def __init__(self, namespace: Namespace, folder: pathlib.Path, config: dict, *flags: str, port: int = 9090):
        self._namespace, self.port, self.data = namespace, port, folder / "data"
        self._log, self._config = folder / "prometheus.log", folder / "prometheus.yml"
        self._write(config)
        words = binaries.monitoring_daemon("prometheus")
        if not words:
            raise AssertionError("no prometheus: scripts/install-dependencies test unpacks it into build/tools")
        storage = "storage.agent.path" if "--enable-feature=agent" in flags else "storage.tsdb.path"
        words += [f"--config.file={self._config}", f"--{storage}={self.data}", *flags]
        with self._log.open("wb") as log, namespace.entered():
            self.process = processes.start(
                [*words, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log, cwd=folder
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.close()
            raise

    def _write(self, config: dict) -> None:
        self._config.write_text(yaml.safe_dump(config), encoding="utf-8")

    def reload(self, config: dict) -> None:
        """Goes on with another configuration; what is scraped already stays."""
        before = self.own(_RELOADED)[_RELOADED]
        self._write(config)
        self.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + _PATIENCE
        while self.own(_RELOADED)[_RELOADED] == before:
            if time.monotonic() > end:
                raise AssertionError(f"Prometheus does not take its new configuration:\n{self.log()}")
            time.sleep(0.2)

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + _PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self._ask("GET", "/-/ready")
                return
            except (OSError, AssertionError):
                time.sleep(0.2)
        raise AssertionError(f"Prometheus does not answer:\n{self.log()}")

    def log(self) -> str:
        """The end of what it has logged."""
        return self._log.read_text(errors="replace")[-2000:]

    def _ask(self, method: str, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            with self._namespace.entered():
                connection.connect()
            connection.request(method, path)
            response = connection.getresponse()
            body = response.read().decode()
            if response.status != 200:
                raise AssertionError(f"{method} {path}: {response.status} {body}")
            return body
        finally:
            connection.close()

    def own(self, *names: str) -> dict[str, float]:
        """Metrics of Prometheus itself, summed over their labels."""
        sums = {name: 0.0 for name in names}
        for name, value in _SAMPLE.findall(self._ask("GET", "/metrics")):
            if name in sums:
                sums[name] += float(value)
        return sums

    def series(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """Labels and value of each series that an expression has now."""
        body = self._ask("GET", "/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        return [(found["metric"], float(found["value"][1])) for found in json.loads(body)["data"]["result"]]

    def query(self, expression: str) -> float | None:
        """The first value of an expression, None where it has none."""
        return next((value for _, value in self.series(expression)), None)

    def wait_for(self, expression: str) -> None:
        """Until an expression has a value."""
        end = time.monotonic() + _PATIENCE
        while self.query(expression) is None:
            if time.monotonic() > end:
                raise AssertionError(f"not within {_PATIENCE} s: {expression}\n{self.log()}")
            time.sleep(0.3)

    def snapshot(self) -> dict[str, float]:
        """Has the head written as a block. Its samples and series, and bytes of its chunks and of its index."""
        name = json.loads(self._ask("POST", "/api/v1/admin/tsdb/snapshot"))["data"]["name"]
        blocks = list((self.data / "snapshots" / name).glob("*/meta.json"))
        stats = [json.loads(meta.read_text(encoding="utf-8"))["stats"] for meta in blocks]
        return {
            "samples": sum(found["numSamples"] for found in stats),
            "series": sum(found["numSeries"] for found in stats),
            "chunks": sum(_size(meta.parent / "chunks") for meta in blocks),
            "index": sum((meta.parent / "index").stat().st_size for meta in blocks),
        }

    def wal_bytes(self) -> int:
        return _size(self.data / "wal")

    def close(self) -> None:
        processes.end(self.process)


def _size(folder: pathlib.Path) -> int:
    """Bytes in the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
