"""Prometheus with the shipped rules and Alertmanager with the shipped inhibition, as processes in a namespace."""

import contextlib
import datetime
import http.client
import json
import pathlib
import shutil
import signal
import subprocess
import time
import urllib.parse

import binaries
import monitoring_config
import processes
import waiting
import yaml
from lab import Namespace
from recorder import Recorder

PROMETHEUS, ARCHIVE, ALERTMANAGER, RECORDER = 9090, 9091, 9093, 9099  # ports of 127.0.0.1 in the namespace
SHIPPED = binaries.ROOT / "deploy/prometheus"
_RULES = "conntrack.rules.yml"
_SHORTENED = pathlib.Path(__file__).resolve().parent / "shortened.libsonnet"
_LOOKBACK = 300  # seconds that Prometheus takes a sample for the present by default
# Seconds after which it sends an alert to Alertmanager again. Alertmanager drops an alert that it has not received for four times as
# long, and at any speed Prometheus needs five seconds after its start to find its targets.
_RESEND, _LEAST_RESEND = 60, 3


class Monitoring:
    """Runs all alerts at `speed` times their speed. `folder` is for its files; the caller removes it.

    Prometheus and Alertmanager may restart without data. The archive, a third process, keeps the series of every Prometheus.
    """

    def __init__(self, namespace: Namespace, exporter: str, folder: pathlib.Path, speed: int):
        self.namespace, self.speed = namespace, speed
        self._folder = folder
        self._running: dict[str, subprocess.Popen] = {}
        self.recorder = Recorder(namespace, RECORDER)
        self._make_rules()
        self._write("alertmanager.yml", monitoring_config.alertmanager(_shipped("alertmanager.yml"), speed, self.recorder.url))
        alertmanager, archive = (f"127.0.0.1:{port}" for port in (ALERTMANAGER, ARCHIVE))
        shipped = _shipped("prometheus.yml")
        self.interval = monitoring_config.interval(shipped, speed)
        self._prometheus = monitoring_config.prometheus(shipped, speed, exporter, alertmanager, archive, [_RULES])
        self._write("prometheus.yml", self._prometheus)
        self._write("archive.yml", {})

    def start(self) -> None:
        self._start_prometheus("archive", ARCHIVE, "--web.enable-remote-write-receiver")
        self._start_daemons()

    def _start_daemons(self) -> None:
        self._start_alertmanager()
        self._start_prometheus("prometheus", PROMETHEUS)

    def begin_anew(self) -> None:
        """Restarts Prometheus and Alertmanager without their data."""
        for name in ("prometheus", "alertmanager"):
            processes.end(self._running.pop(name))
            shutil.rmtree(self._folder / name)
        self._start_daemons()

    def _make_rules(self) -> None:
        words = [str(binaries.ROOT / "scripts/generate-rules"), "--speed", str(self.speed), "--output", str(self._folder)]
        if self.speed != 1:
            words += ["--config", str(_SHORTENED)]
        done = subprocess.run([*words, "--only", _RULES], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stderr}")

    def _write(self, name: str, config: dict) -> None:
        (self._folder / name).write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")

    def _start_alertmanager(self) -> None:
        self._start(
            "alertmanager",
            "prometheus-alertmanager",
            f"--config.file={self._folder}/alertmanager.yml",
            f"--storage.path={self._folder}/alertmanager",
            f"--web.listen-address=127.0.0.1:{ALERTMANAGER}",
            f"--web.external-url=http://127.0.0.1:{ALERTMANAGER}/",
            "--cluster.listen-address=",
        )
        self._wait_for("alertmanager", ALERTMANAGER)

    def _start_prometheus(self, name: str, port: int, *flags: str) -> None:
        """Its configuration is NAME.yml, and NAME the folder for its data."""
        self._start(
            name,
            "prometheus",
            f"--config.file={self._folder}/{name}.yml",
            f"--storage.tsdb.path={self._folder}/{name}",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--web.external-url=http://127.0.0.1:{port}/",
            f"--query.lookback-delta={max(3000, 1000 * _LOOKBACK // self.speed)}ms",
            f"--rules.alert.resend-delay={max(_LEAST_RESEND, _RESEND // self.speed)}s",
            *flags,
        )
        self._wait_for(name, port)

    def restart_prometheus(self) -> None:
        """As an operator restarts it: SIGTERM, then a start with its data."""
        running = self._running.pop("prometheus")
        running.terminate()
        running.wait(waiting.PATIENCE)
        self._start_prometheus("prometheus", PROMETHEUS)

    @contextlib.contextmanager
    def paused(self):
        """Holds Prometheus by SIGSTOP: it scrapes nothing within the block."""
        running = self._running["prometheus"]
        running.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            running.send_signal(signal.SIGCONT)

    def watch(self, exporter: bool) -> None:
        """Sets whether Prometheus scrapes the exporter. At first it does."""
        self._write("prometheus.yml", self._prometheus if exporter else {**self._prometheus, "scrape_configs": []})
        self._running["prometheus"].send_signal(signal.SIGHUP)

    def _start(self, name: str, program: str, *flags: str) -> None:
        words = binaries.monitoring_daemon(program)
        if not words:
            raise AssertionError(f"no {program}: scripts/install-dependencies test unpacks it into build/tools")
        with (self._folder / f"{name}.log").open("wb") as log, self.namespace.entered():
            self._running[name] = processes.start([*words, *flags], stdout=log, stderr=log, cwd=self._folder)

    def _wait_for(self, name: str, port: int) -> None:
        end = time.monotonic() + waiting.PATIENCE
        while time.monotonic() < end:
            if self._get(port, "/-/ready") is not None:
                return
            if self._running[name].poll() is not None:
                raise AssertionError(f"it ended with {self._running[name].returncode}:\n{self.logs()}")
            time.sleep(0.1)
        raise AssertionError(f"no answer on port {port} in {waiting.PATIENCE} s:\n{self.logs()}")

    def logs(self) -> str:
        """The last lines of all logs."""
        texts = [(path.name, path.read_text(errors="replace")) for path in sorted(self._folder.glob("*.log"))]
        return "\n".join(f"{name}:\n{text[-2000:]}" for name, text in texts)

    def _get(self, port: int, path: str) -> bytes | None:
        """The body of a good answer, else None."""
        status, body = self._exchange(port, path)
        return body if status == 200 else None

    def _exchange(self, port: int, path: str) -> tuple[int | None, bytes]:
        """The status of an answer and its body; no status where there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            with self.namespace.entered():
                connection.connect()
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except OSError as error:
            return None, str(error).encode()
        finally:
            connection.close()

    def pages(self) -> str:
        """The path of Prometheus's pages: Debian's Prometheus has only the classic ones."""
        return "/classic" if self._get(PROMETHEUS, "/classic/alerts") is not None else ""

    def ask(self, path: str, **parameters: str):
        """The data in an answer of Prometheus's API."""
        return self._ask(PROMETHEUS, path, parameters)

    def ask_archive(self, path: str, **parameters: str):
        """Likewise, of the archive."""
        return self._ask(ARCHIVE, path, parameters)

    def _ask(self, port: int, path: str, parameters: dict[str, str]):
        query = f"?{urllib.parse.urlencode(parameters)}" if parameters else ""
        return self._json(port, f"/api/v1/{path}{query}")["data"]

    def await_scrape(self, after: float = 0) -> None:
        """Returns just after the first scrape that is later than so many seconds from now."""
        moment = time.time() + after
        waiting.until("Prometheus scrapes", lambda: self.scraped_since(moment), after + waiting.PATIENCE)

    def scraped_since(self, moment: float) -> bool:
        """Whether the last scrape of the exporter is later than `moment`, a time.time()."""
        result = self.ask("query", query="timestamp(conntrack_exporter_build_info)")["result"]
        return bool(result) and all(float(series["value"][1]) > moment for series in result)

    def evaluated_since(self, moment: float) -> bool:
        """Whether all groups of rules have been evaluated later than `moment`, a time.time()."""
        groups = self.ask("rules")["groups"]
        return all(datetime.datetime.fromisoformat(group["lastEvaluation"]).timestamp() > moment for group in groups)

    def alerts(self) -> list[dict]:
        """All alerts that Prometheus has pending or firing."""
        return self.ask("alerts")["alerts"]

    def held_back(self) -> list[dict]:
        """All alerts that Alertmanager inhibits."""
        alerts = self._json(ALERTMANAGER, "/api/v2/alerts?active=false&silenced=false&inhibited=true&unprocessed=false")
        return [alert for alert in alerts if alert["status"]["inhibitedBy"]]

    def active(self) -> list[dict]:
        """All alerts that Alertmanager has, inhibited ones too."""
        return self._json(ALERTMANAGER, "/api/v2/alerts")

    def _json(self, port: int, path: str):
        status, body = self._exchange(port, path)
        if status != 200:
            told = " ".join(body.decode(errors="replace").split())
            raise AssertionError(f"{told} ({status}), says port {port} to {path}:\n{self.logs()}")
        return json.loads(body)

    def close(self) -> None:
        for process in self._running.values():
            processes.end(process)
        self.recorder.close()


def _shipped(name: str) -> dict:
    return yaml.safe_load((SHIPPED / name).read_text(encoding="utf-8"))
