"""The base of all live tests."""

import signal
import time
import unittest

import binaries
import bpf
import lab
import limits
from exporter_process import Exporter

STOPS_WITHIN = 2  # seconds

lab.enter()  # when the first test module is loaded, before any test has run


class LiveTest(unittest.TestCase):
    """Gives each class a network namespace of its own, in `namespace`."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not lab.inside():
            lab.skip(lab.why_impossible() or "not run inside namespaces")
        cls.namespace = lab.Namespace()
        cls.addClassCleanup(cls.namespace.close)

    @classmethod
    def fill(cls, *flags: str) -> None:
        """Puts flows into the table of the class, until its end."""
        cls.addClassCleanup(cls.namespace.drop_flows)
        cls.namespace.run(binaries.conntrack_fill(), *flags)

    def start(self, *flags: str, **how) -> Exporter:
        """An exporter in the namespace of the class, which ends with the test, and has to end well."""
        exporter = Exporter(self.namespace, *flags, **how)
        self.addCleanup(exporter.close)
        return exporter

    @staticmethod
    def require_changes_of_the_host() -> None:
        """For files that call raise_for_this_program() or keep_for_this_program() of limits."""
        why_not = limits.why_not_raised()
        if why_not:
            lab.skip(why_not)

    @staticmethod
    def require_bpf() -> None:
        why_not = bpf.why_impossible()
        if why_not:
            lab.skip(f"flows cannot be read by BPF here: {why_not}")

    def assert_stops_at_once(self, start, with_signal: int = signal.SIGTERM) -> None:
        """Whatever `start` yields ends well, and does not wait for anything first: the fastest of some tries takes less than the
        shortest time-out of the exporter's own. A busy machine may hold up the others."""
        times = []
        while not times or min(times) > STOPS_WITHIN:
            self.assertLess(len(times), 10, f"the fastest took {min(times, default=0)} s")
            exporter = start()
            began = time.monotonic()
            self.assertEqual(0, exporter.stop(with_signal), exporter.log())
            times.append(time.monotonic() - began)

    def assert_success(self, scrape, **collectors: int) -> None:
        """Compares conntrack_scrape_collector_success of the collectors named."""
        found = scrape.by("conntrack_scrape_collector_success", "collector")
        self.assertEqual(collectors, {name: found.get(name) for name in collectors})


class BpfTest(LiveTest):
    """For tests of flows that are read by BPF."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.require_bpf()
