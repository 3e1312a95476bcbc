"""Walks while the hash table of the host is replaced by larger and smaller ones: each is whole, or begun again.

The table is the host's, so this runs only where it may be changed: CONNTRACK_CHANGE_LIMITS=1, as root.
"""

import threading
import time

import limits

limits.keep_for_this_program()  # before anything else: below, this process goes to namespaces of its own

# pylint: disable=wrong-import-position
from exporter_process import BPF, FRESH, NETLINK
from lab import OpenNamespace
from live import BpfTest, LiveTest

FLOWS = 5000
# Each has room for these flows. No size repeats for 10 s: a netlink dump that ends with the number of buckets it began with
# counts as whole, so a size that came back during a slow dump would hide the changes between.
SIZES = tuple(size for step in range(100) for size in (16_384 + 512 * step, 131_072 + 512 * step))
SCRAPES = 100  # at least
CHANGES = 6  # at least
PAUSE = 0.05  # seconds between two changes
PATIENCE = 300  # seconds for all of them


class Resized:
    """For classes that are a LiveTest as well."""

    FLAGS: tuple[str, ...]

    @classmethod
    def setUpClass(cls):
        cls.require_changes_of_the_host()
        super().setUpClass()
        cls.fill("--profile=mixed", f"--count={FLOWS}", "--timeout=86400")

    def resize(self, host: OpenNamespace, stop: threading.Event) -> None:
        """In the namespace of the host: no other may."""
        while not stop.wait(PAUSE):
            with host.entered():
                limits.write_buckets(SIZES[self.changes % len(SIZES)])
            self.changes += 1

    def test_every_walk_has_every_flow(self):
        exporter = self.start(*FRESH, *self.FLAGS)
        self.assertEqual(FLOWS, exporter.scrape().value("conntrack_flows_sample_flows"))
        self.changes = 0
        stop = threading.Event()
        host = OpenNamespace(limits.host_network())
        self.addCleanup(host.close)
        worker = threading.Thread(target=self.resize, args=(host, stop))
        worker.start()
        scrapes, walks, interruptions = 0, 0, 0
        end = time.monotonic() + PATIENCE
        try:
            while (scrapes < SCRAPES or self.changes < CHANGES) and time.monotonic() < end:
                scrape = exporter.scrape()
                scrapes += 1
                # After three walks that were interrupted it has nothing to show, and says so.
                if not scrape.by("conntrack_scrape_collector_success", "collector")["flows"]:
                    continue
                walks += 1
                interruptions = scrape.value("conntrack_flows_sample_interruptions_total")
                self.see(scrape)
        finally:
            stop.set()
            worker.join()
        self.assertGreaterEqual(self.changes, CHANGES)
        self.assertGreater(walks, scrapes // 2, exporter.log())
        self.assertNotIn("kind=malformed", exporter.log())  # nobody is to report a resize
        print(f"{self.FLAGS}: {walks} of {scrapes} walks, {self.changes} changes, {interruptions:.0f} interruptions")
        scrape = exporter.scrape_sampled()
        self.assertEqual(FLOWS, scrape.value("conntrack_flows_sample_flows"))
        self.see(scrape)

    def see(self, scrape) -> None:
        self.assertEqual(FLOWS, scrape.value("conntrack_flows_sample_flows"))
        self.assertEqual(FLOWS, scrape.total("conntrack_flows"))


class ByNetlink(Resized, LiveTest):
    FLAGS = (NETLINK,)


class ByBpf(Resized, BpfTest):
    FLAGS = (BPF,)

    def see(self, scrape) -> None:
        super().see(scrape)
        self.assertIn(scrape.value("conntrack_hash_chain_length_count"), {*SIZES, limits.buckets_before()})
        self.assertGreaterEqual(scrape.value("conntrack_hash_chain_length_sum"), 2 * FLOWS)


class ByTwoThreads(ByBpf):
    FLAGS = (BPF, "--collector.flows.threads=2")
