"""The files of deploy/prometheus for a fleet, run: an agent and its central store, a site and its centre. docs/fleet.md."""

import pathlib
import tempfile

import binaries
import yaml
from exporter_process import HELD_BACK_LATE
from lab import skip
from live import LiveTest
from prometheus_server import PrometheusServer

SHIPPED = binaries.ROOT / "deploy/prometheus"
FLOWS = 700
RECEIVER = "--web.enable-remote-write-receiver"
CENTRE, SITE = 9090, 9091  # ports


def shipped(name: str) -> dict:
    """A configuration as it is shipped, at the pace of a test."""
    config = yaml.safe_load((SHIPPED / name).read_text(encoding="utf-8"))
    config["global"]["scrape_interval"] = "1s"
    config["rule_files"] = [str(SHIPPED / file) for file in config.get("rule_files", [])]
    if config["rule_files"]:
        config["global"]["evaluation_interval"] = "1s"
    else:
        del config["rule_files"]
    for write in config.get("remote_write", []):
        write["url"] = f"http://127.0.0.1:{CENTRE}/api/v1/write"
    return config


class Fleet(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not binaries.tool("prometheus"):
            skip("prometheus is neither in build/tools/usr/bin nor in PATH: scripts/install-dependencies puts it there")
        cls.fill("--count", str(FLOWS))

    def prometheus(self, config: dict, *flags: str, port: int) -> PrometheusServer:
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        server = PrometheusServer(self.namespace, folder, config, *flags, port=port)
        self.addCleanup(server.close)
        return server

    def scrape_ours(self, config: dict) -> dict:
        """With the exporter of the test for a target, in whichever shard its address is."""
        (job,) = config["scrape_configs"]
        job["static_configs"] = [{"targets": [f"127.0.0.1:{self.start(HELD_BACK_LATE).port}"]}]
        if "relabel_configs" in job:
            choose, keep = job["relabel_configs"]
            choose["modulus"], keep["regex"] = 1, "0"
        return config

    def test_an_agent_sends_what_the_rules_need_to_a_centre_that_evaluates_them(self):
        rules = {"global": {"evaluation_interval": "1s"}, "rule_files": [str(binaries.ROOT / "alerts/conntrack.rules.yml")]}
        centre = self.prometheus(rules, RECEIVER, port=CENTRE)
        self.prometheus(self.scrape_ours(shipped("agent.yml")), "--enable-feature=agent", port=SITE)
        centre.wait_for('instance:conntrack_entries_per_limit:ratio{cluster="site-a"}')
        centre.wait_for('job:conntrack_entries:sum{cluster="site-a"} > 0')
        self.assertEqual(FLOWS, centre.query('conntrack_entries{cluster="site-a",job="conntrack"}'))
        self.assertEqual(FLOWS, centre.query('sum(conntrack_flows{cluster="site-a"})'))
        for name in ("conntrack_memory_bytes", "process_open_fds", "scrape_duration_seconds"):
            self.assertIsNone(centre.query(name), name)

    def test_a_site_writes_its_sums_to_a_centre_and_no_machine(self):
        config = shipped("global.yml")
        config["scrape_configs"] = []  # as global.yml says where the sites write to it
        centre = self.prometheus(config, RECEIVER, port=CENTRE)
        self.prometheus(self.scrape_ours(shipped("site.yml")), port=SITE)
        self.check_centre(centre)

    def test_a_centre_federates_the_sums_of_a_site_and_no_machine(self):
        site = shipped("site.yml")
        del site["remote_write"]
        self.prometheus(self.scrape_ours(site), port=SITE)
        config = shipped("global.yml")
        config["scrape_configs"][0]["static_configs"] = [{"targets": [f"127.0.0.1:{SITE}"]}]
        self.check_centre(self.prometheus(config, port=CENTRE))

    def check_centre(self, centre: PrometheusServer) -> None:
        centre.wait_for('cluster:conntrack_entries_per_limit:max{cluster="site-a"}')
        ((labels, entries),) = centre.series("cluster:conntrack_entries:sum")
        self.assertEqual(FLOWS, entries)
        self.assertEqual({"cluster": "site-a", "job": "conntrack"}, {k: v for k, v in labels.items() if k != "__name__"})
        self.assertEqual("0", centre.series("job:conntrack_entries:sum")[0][0]["shard"])
        self.assertEqual([], centre.series('{__name__=~"conntrack_.+|instance:.+"}'))
