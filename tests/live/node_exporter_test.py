"""Our rules give node_exporter's names, and node_exporter beside us on the same table says the same: docs/migration.md."""

import pathlib
import socket
import tempfile
import time

import binaries
from lab import skip
from live import LiveTest
from node_exporter_process import node_exporter
from prometheus_server import PrometheusServer

RULES = binaries.ROOT / "deploy/prometheus/node-exporter-names.rules.yml"
PATIENCE = 120  # seconds
RECORDED = (
    "entries",
    "entries_limit",
    *(f"stat_{name}" for name in ("found", "invalid", "insert", "insert_failed", "drop", "early_drop", "search_restart")),
)
# Two clients with the same port behind one address: NAT finds it taken (found). A SYN with FIN is no TCP (invalid). Scrapes are
# not tracked: the table keeps still.
RULESET = """
table ip test {
  chain enter { type filter hook prerouting priority raw; ip daddr 127.0.0.1 notrack; }
  chain send { type filter hook output priority raw; ip daddr 127.0.0.1 notrack; }
  chain leave { type nat hook postrouting priority srcnat; ip saddr 127.1.0.0/16 snat to 127.3.0.1; }
}
"""


class SideBySide(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for program in ("prometheus", "prometheus-node-exporter"):
            if not binaries.tool(program):
                skip(f"{program} is neither in build/tools/usr/bin nor in PATH: scripts/install-dependencies puts it there")
        if not pathlib.Path("/proc/net/stat/nf_conntrack").exists():
            skip("no /proc/net/stat/nf_conntrack on this kernel: node_exporter has no counters to compare")
        cls.namespace.nft(RULESET)
        cls.fill("--count", "500")  # insert
        with cls.namespace.entered():
            for client in (1, 2):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                    sender.bind((f"127.1.0.{client}", 5000))
                    sender.sendto(b"?", ("127.2.0.1", 6000))
        cls.namespace.run("hping3", "--fast", "-c", "3", "-S", "-F", "-p", "9", "127.2.0.1", check=False)

    def test_the_recorded_names_have_node_exporters_values(self):
        exporter = self.start()
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        with self.namespace.entered():
            port = self.enterContext(node_exporter())
        jobs = {"conntrack": (f"127.0.0.1:{exporter.port}", "gw:10318"), "theirs": (f"127.0.0.1:{port}", "gw:9100")}
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(RULES)],
            "scrape_configs": [
                {"job_name": job, "static_configs": [{"targets": [address], "labels": {"instance": instance}}]}
                for job, (address, instance) in jobs.items()
            ],
        }
        prometheus = PrometheusServer(self.namespace, folder, config)
        self.addCleanup(prometheus.close)
        for name in RECORDED:
            prometheus.wait_for(f'node_nf_conntrack_{name}{{job="node"}}')
            prometheus.wait_for(f'node_nf_conntrack_{name}{{job="theirs"}}')
        ours, theirs = self.equal_figures(prometheus)
        self.assertEqual(theirs, ours)
        self.assertGreaterEqual(ours["entries"], 500)
        for counted in ("found", "invalid", "insert"):
            self.assertGreater(ours[f"stat_{counted}"], 0, counted)
        self.assertEqual(0, prometheus.own("prometheus_rule_evaluation_failures_total").popitem()[1])

    def equal_figures(self, prometheus: PrometheusServer) -> list[dict[str, float]]:
        """What is recorded and what node_exporter says, once they are equal: two scrapes and a rule are some seconds apart, in
        which a flow may have expired. The last ones where they never are."""
        end = time.monotonic() + PATIENCE
        while True:
            figures = [
                {name: prometheus.query(f'node_nf_conntrack_{name}{{job="{job}",instance="gw:9100"}}') for name in RECORDED}
                for job in ("node", "theirs")
            ]
            if figures[0] == figures[1] or time.monotonic() > end:
                return figures
            time.sleep(0.5)
