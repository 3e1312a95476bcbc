"""Scrapes while flows come and go all the time: each is whole and can be read."""

import threading
import time

import binaries
from exporter_process import BPF, FRESH, NETLINK
from live import BpfTest, LiveTest

SCRAPES = 30
BATCH = 2000
ENOUGH = 12_000  # entries; some limits have room for no more
PATIENCE = 240  # seconds


class Churn:
    """For classes that are a LiveTest as well."""

    FLAGS: tuple[str, ...]

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
                    self.make_room()
                    continue
                self.namespace.run(
                    binaries.conntrack_fill(),
                    *("--profile=mixed", f"--count={BATCH}", f"--first={first}", "--timeout=1"),
                )
                first += BATCH
                self.first.set()
        except Exception as failure:  # pylint: disable=broad-except  # shown by the test, which is another thread
            self.failure = failure
            self.first.set()

    def make_room(self) -> None:
        """The expired ones are still there."""

    def test_every_scrape_is_whole(self):
        self.exporter = self.start(*FRESH, *self.FLAGS)
        self.first.wait(PATIENCE)
        for _ in range(SCRAPES):
            scrape = self.exporter.scrape()
            self.assert_success(scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)
            sample = scrape.value("conntrack_flows_sample_flows")
            self.assertEqual(sample, scrape.total("conntrack_flows"))
            self.assertEqual(sample, scrape.total("conntrack_flows_by_zone"))
            self.see(scrape)
        self.assertIsNone(self.failure)

    def see(self, scrape) -> None:
        pass


class ByNetlink(Churn, LiveTest):
    """Dumps remove the expired ones that they meet, and so does the kernel's collector."""

    FLAGS = (NETLINK,)


class ByBpf(Churn, BpfTest):
    """A walk removes nothing, and the kernel's collector may take a minute to come."""

    FLAGS = (BPF, "--collector.flows.threads=2")
    expired = 0

    def make_room(self) -> None:
        time.sleep(1.2)
        self.namespace.drop_flows()

    def see(self, scrape) -> None:
        self.assertEqual({"bpf": 1}, scrape.by("conntrack_flows_source_info", "via"))
        if "conntrack_flows_expired" not in scrape.names():  # no flow was there yet, by which to find the table
            self.assertEqual(0, scrape.value("conntrack_flows_sample_flows"))
            return
        self.expired = max(self.expired, scrape.value("conntrack_flows_expired"))
        buckets = self.namespace.sysctl("nf_conntrack_buckets")
        self.assertEqual(buckets, scrape.value("conntrack_hash_chain_length_count"))
        time.sleep(0.1)

    def test_every_scrape_is_whole(self):
        super().test_every_scrape_is_whole()
        # Some walk met some, unless dumps of other tests have removed them all meanwhile: a dump does, of any namespace.
        end = time.monotonic() + PATIENCE
        while not self.expired and time.monotonic() < end:
            self.see(self.exporter.scrape())
        self.assertGreater(self.expired, 0)
