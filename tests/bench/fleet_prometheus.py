"""One Prometheus with the shipped rules, and what it says of itself."""

import http.client
import json
import pathlib
import re
import subprocess
import time
import urllib.parse

import binaries
import yaml
from lab import Namespace

PORT = 9090
PATIENCE = 60  # seconds until it answers
_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


class FleetPrometheus:
    """Scrapes `targets`, instance to address, each `interval` seconds. `folder` is for its files; the caller removes it."""

    def __init__(self, namespace: Namespace, folder: pathlib.Path, targets: dict[str, str], interval: int):
        self._namespace = namespace
        self.data = folder / "data"
        config = {
            "global": {"scrape_interval": f"{interval}s", "evaluation_interval": f"{interval}s"},
            "rule_files": [str(binaries.ROOT / "alerts/conntrack.rules.yml")],
            "scrape_configs": [
                {
                    "job_name": "conntrack",
                    "static_configs": [
                        {"targets": [address], "labels": {"instance": name}} for name, address in targets.items()
                    ],
                }
            ],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        words = binaries.monitoring_daemon("prometheus")
        if not words:
            raise AssertionError("no prometheus: scripts/install-dependencies test unpacks it into build/tools")
        flags = (
            f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={self.data}",
            f"--web.listen-address=127.0.0.1:{PORT}",
            "--web.enable-admin-api",
        )
        self._log = folder / "prometheus.log"
        with self._log.open("wb") as log, namespace.entered():
            self.process = subprocess.Popen([*words, *flags], stdout=log, stderr=log, cwd=folder)
        self._wait()

    def _wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self.process.poll() is None:
            try:
                self._ask("GET", "/-/ready")
                return
            except (OSError, AssertionError):
                time.sleep(0.2)
        raise AssertionError(f"Prometheus does not answer:\n{self._log.read_text(errors='replace')[-2000:]}")

    def _ask(self, method: str, path: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
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

    def query(self, expression: str) -> float:
        """The one value of an expression, 0 where it has none."""
        body = self._ask("GET", "/api/v1/query?" + urllib.parse.urlencode({"query": expression}))
        result = json.loads(body)["data"]["result"]
        return float(result[0]["value"][1]) if result else 0.0

    def snapshot(self) -> dict[str, float]:
        """Has the head written as a block. Its samples and series, and bytes of its chunks and of its index."""
        name = json.loads(self._ask("POST", "/api/v1/admin/tsdb/snapshot"))["data"]["name"]
        blocks = list((self.data / "snapshots" / name).glob("*/meta.json"))
        stats = [json.loads(meta.read_text(encoding="utf-8"))["stats"] for meta in blocks]
        return {
            "samples": sum(found["numSamples"] for found in stats),
            "series": sum(found["numSeries"] for found in stats),
            "chunks": sum(size(meta.parent / "chunks") for meta in blocks),
            "index": sum((meta.parent / "index").stat().st_size for meta in blocks),
        }

    def wal_bytes(self) -> int:
        return size(self.data / "wal")

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


def size(folder: pathlib.Path) -> int:
    """Bytes in the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
