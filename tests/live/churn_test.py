"""Scrapes while flows come and go all the time: each is whole and can be read."""

import threading

import binaries
from exporter_process import FRESH
from live import LiveTest

SCRAPES = 30
BATCH = 2000
ENOUGH = 50_000


class Churn(LiveTest):
    def setUp(self):
        self.stop_churn = threading.Event()
        self.failure = None
        self.first = threading.Event()
        worker = threading.Thread(target=self.churn)
        worker.start()
        self.addCleanup(worker.join)
        self.addCleanup(self.stop_churn.set)

    def churn(self):
        """Thousands of flows that live for a second, again and again."""
        first = 0
        try:
            while not self.stop_churn.wait(0.01):
                if self.namespace.sysctl("nf_conntrack_count") > ENOUGH:
                    continue  # the expired ones are still there: dumps and the kernel's collector remove them
                self.namespace.run(
                    binaries.conntrack_fill(),
                    *("--profile=mixed", f"--count={BATCH}", f"--first={first}", "--timeout=1"),
                )
                first += BATCH
                self.first.set()
        except Exception as failure:  # pylint: disable=broad-except  # shown by the test, which is another thread
            self.failure = failure
            self.first.set()

    def test_every_scrape_is_whole(self):
        exporter = self.start(*FRESH)
        self.first.wait(60)
        for _ in range(SCRAPES):
            scrape = exporter.scrape()
            self.assert_success(scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)
            sample = scrape.value("conntrack_flows_sample_flows")
            self.assertEqual(sample, scrape.total("conntrack_flows"))
            self.assertEqual(sample, scrape.total("conntrack_flows_by_zone"))
        self.assertIsNone(self.failure)
