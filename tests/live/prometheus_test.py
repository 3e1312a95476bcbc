"""A real Prometheus scrapes the exporter; promtool finds nothing to complain about."""

import http.client
import json
import tempfile
import time
import urllib.parse

import binaries
import processes
from exporter_process import HELD_BACK_LATE
from lab import skip
from live import LiveTest

PATIENCE = 120  # seconds
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs: [{{job_name: conntrack, static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}]
"""


def required(name: str) -> str:
    found = binaries.tool(name)
    if not found:
        skip(f"{name} is neither in build/tools/usr/bin nor in PATH: scripts/install-dependencies puts it there")
    return found


class RealPrometheus(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", "1000")

    def start_prometheus(self, target_port: int) -> None:
        folder = self.enterContext(tempfile.TemporaryDirectory())
        config = f"{folder}/prometheus.yml"
        with open(config, "w", encoding="utf-8") as file:
            file.write(CONFIG.format(port=target_port))
        words = [required("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/data"]
        log = self.enterContext(tempfile.TemporaryFile())
        with self.namespace.entered():
            processes.start_for(self, [*words, "--web.listen-address=127.0.0.1:9090"], stderr=log, stdout=log)

    def ask(self, path: str, **parameters: str):
        """The data in an answer of Prometheus. Empty where it does not answer yet."""
        connection = http.client.HTTPConnection("127.0.0.1", 9090, timeout=10)
        try:
            with self.namespace.entered():
                connection.connect()
            connection.request("GET", f"/api/v1/{path}?" + urllib.parse.urlencode(parameters))
            return json.load(connection.getresponse()).get("data", {})
        except (OSError, ValueError):
            return {}
        finally:
            connection.close()

    def query(self, expression: str) -> float | None:
        """The one value that Prometheus has for an expression. None where it has none."""
        result = self.ask("query", query=expression).get("result", [])
        return float(result[0]["value"][1]) if result else None

    def metadata(self, name: str) -> list[dict[str, str]]:
        """What it has been told of a family."""
        return self.ask("metadata", metric=name).get(name, [])

    def wait_for(self, expression: str) -> None:
        end = time.monotonic() + PATIENCE
        while self.query(expression) is None and time.monotonic() < end:
            time.sleep(0.5)

    def test_prometheus_scrapes_it(self):
        exporter = self.start(HELD_BACK_LATE)
        self.start_prometheus(exporter.port)
        self.wait_for("sum(conntrack_flows)")
        self.assertEqual(1, self.query("up"))
        self.assertGreater(self.query("scrape_samples_scraped"), 0)
        self.assertEqual(1000, self.query("sum(conntrack_flows)"))
        self.assertEqual(1000, self.query("conntrack_entries"))

    def test_it_takes_openmetrics_from_us(self):
        """Prometheus asks for it by itself. Were the answer not what it says it is, the target would be down."""
        exporter = self.start(HELD_BACK_LATE)
        self.start_prometheus(exporter.port)
        self.wait_for("sum(conntrack_flows)")
        self.wait_for("up == 1")  # on a busy machine a scrape may miss its second
        self.assertEqual(1, self.query("max_over_time(up[1m])"))
        # Only OpenMetrics has units, and names families of counters so.
        self.assertEqual({"seconds"}, {entry["unit"] for entry in self.metadata("process_start_time_seconds")})
        self.assertEqual({"counter"}, {entry["type"] for entry in self.metadata("conntrack_stat_drop")})
        cpus = len(exporter.scrape("/metrics?collect[]=stat").by("conntrack_stat_drop_total", "cpu"))
        self.assertEqual(cpus, self.query("count(conntrack_stat_drop_total)"))
        self.assertIsNone(self.query("conntrack_stat_drop"))

    def test_promtool_finds_nothing(self):
        body = self.start().get().text
        done = self.namespace.run(required("promtool"), "check", "metrics", stdin=body, check=False)
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))
