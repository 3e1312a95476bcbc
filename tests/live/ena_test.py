"""Where no interface has the driver ena, which is on all machines but those of EC2; and the tasks of flowtables."""

from exporter_process import FRESH
from live import LiveTest
from report_command import report

ENA = ("conntrack_ena_allowance_available", "conntrack_ena_allowance_exceeded_total")
SUCCESS = "conntrack_scrape_collector_success"
NONE = "no interface of this network namespace has the driver ena"
TASKS = "conntrack_flowtable_pending_tasks"


class Ena(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.namespace.run("ip", "link", "add", "here", "type", "veth", "peer", "name", "there")

    def test_it_is_off_where_no_interface_has_the_driver(self):
        exporter = self.start("--log.level=debug", *FRESH)
        scrape = exporter.scrape()
        self.assertFalse(scrape.names() & set(ENA))
        self.assertNotIn("ena", scrape.by(SUCCESS, "collector"))
        self.assertRegex(exporter.log(), rf"level=debug .*collector=ena .*{NONE}")

    def test_a_confined_process_can_ask_drivers(self):
        # It fails for want of such a driver, which it has learned from the drivers that there are.
        exporter = self.start("--collector.ena", *FRESH)
        self.assert_success(exporter.scrape(), ena=0, table=1)
        self.assertRegex(exporter.log(), rf"{NONE}.*remove --collector.ena")
        self.assertNotIn("asking the driver", exporter.log())

    def test_report_misses_nothing_without_it(self):
        found = report(self.namespace)
        self.assertIsNone(found["ena"])
        self.assertEqual([], [missing for missing in found["missing"] if "EC2" in missing["part"] or missing["part"] == "ena"])

    def test_tasks_of_flowtables_are_there_where_the_kernel_has_them(self):
        here = self.namespace.run("cat", "/proc/net/stat/nf_flowtable", check=False).returncode == 0
        scrape = self.start(*FRESH).scrape()
        self.assert_success(scrape, stat=1)
        self.assertEqual({"add", "del", "stats"} if here else set(), set(scrape.by(TASKS, "task")))
