"""A kernel that tracks, but lacks the files of connection tracking: families are absent, nothing crashes."""

import pathlib
import tempfile

import binaries
from lab import without_net_admin
from live import LiveTest


class AbsentFiles(LiveTest):
    def setUp(self):
        host = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        host.chmod(0o755)
        (host / "proc").mkdir()
        (host / "sys/module/nf_conntrack").mkdir(parents=True)
        flags = (f"--path.procfs={host / 'proc'}", f"--path.sysfs={host / 'sys'}")
        self.exporter = self.start(*flags, program=without_net_admin(binaries.exporter()))

    def test_families_are_absent_and_success_is_zero(self):
        scrape = self.exporter.scrape()
        self.assert_success(scrape, table=0, stat=0, flows=0, timeouts=0, settings=0, memory=0)
        ours = {name for name in scrape.names() if name.startswith("conntrack_")}
        always = {name for name in ours if name.startswith(("conntrack_scrape_", "conntrack_exporter_")) or name.endswith("_present")}
        health = {name for name in ours if name.startswith("conntrack_flows_sample_")}
        self.assertEqual(set(), ours - always - health)

    def test_the_second_scrape_logs_nothing_new(self):
        self.exporter.scrape()
        after_one = self.exporter.log()
        self.exporter.scrape()
        self.assertEqual(after_one, self.exporter.log())
