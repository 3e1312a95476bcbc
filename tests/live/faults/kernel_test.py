"""What a running kernel does to a process that watches it: events that come too fast, a clock that jumps, a namespace that goes."""

import mmap
import os
import pathlib
import signal
import struct
import subprocess
import tempfile
import time

import binaries
from exporter_process import FRESH, NETLINK, Exporter
from faulty import FaultTest, Tree, netfilter, warm
from lab import OpenNamespace, skip
from namespaces import NAMES, HostNamespace, private_names

DAY = 86_400  # seconds
LIBRARY = "CONNTRACK_CLOCK_JUMP"  # the variable that names it


class Clock(FaultTest):
    def jumping(self) -> tuple[Exporter, mmap.mmap]:
        if LIBRARY not in os.environ:
            skip(f"the library that moves the clock is named by {LIBRARY}, as ctest does")
        if binaries.sanitized():
            skip("a sanitizer wants to be the first library")
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "offset"
        path.write_bytes(bytes(8))
        with path.open("r+b") as file:
            offset = self.enterContext(mmap.mmap(file.fileno(), 8))
        environment = {**os.environ, "CONNTRACK_CLOCK_OFFSET": str(path)}
        program = ("env", f"LD_PRELOAD={os.environ[LIBRARY]}", binaries.exporter())
        self.tree = Tree(self)
        flags = ("--collector.events", "--collector.talkers", "--collector.disable-defaults", "--collector.table",
                 "--collector.stat", "--collector.settings", "--collector.flows", "--collector.kernel_log")  # fmt: skip
        return self.start_on(self.tree, NETLINK, *FRESH, *flags, program=program, env=environment), offset

    def test_the_time_of_day_jumps(self):
        exporter, offset = self.jumping()
        before = warm(exporter)
        failing = [name for name, value in exporter.scrape().by("conntrack_scrape_collector_success", "collector").items()
                   if value != 1]  # fmt: skip
        for seconds in (DAY, -DAY, 20 * 365 * DAY, -int(time.time()), 1, 0):
            with self.subTest(seconds):
                offset[:] = struct.pack("q", seconds)
                for _ in range(2):
                    scrape = self.assert_answers(exporter, *failing)
                    for family in ("conntrack_scrape_collector_reading_age_seconds", "conntrack_flows_sample_age_seconds",
                                   "conntrack_scrape_collector_duration_seconds"):  # fmt: skip
                        self.assertGreaterEqual(min(scrape.values(family)), 0, family)
                        self.assertLess(max(scrape.values(family)), 60, family)
        self.assertEqual([], self.lines(exporter, "hang"))
        year = time.gmtime().tm_year
        self.assertTrue(self.lines(exporter, f"time={year}-"))
        # A deadline is none of the time of day.
        hung = self.tree.hang(netfilter("acct"))
        offset[:] = struct.pack("q", -DAY)
        began = time.monotonic()
        self.assertEqual(200, exporter.get(X_Prometheus_Scrape_Timeout_Seconds="2").status)
        self.assertLess(time.monotonic() - began, 60)
        hung.release()
        self.assert_nothing_left(exporter, before)
        self.assert_stops(exporter)

    def test_the_machine_sleeps(self):
        """No thread runs for a while: all that was to happen meanwhile is late at once."""
        exporter = self.start(*FRESH)
        before = warm(exporter)
        for _ in range(2):
            exporter.hold()
            time.sleep(1.5)
            exporter.process.send_signal(signal.SIGCONT)
            self.assert_answers(exporter)
        self.assertEqual([], self.lines(exporter, "hang"))
        self.assert_nothing_left(exporter, before)


class Overruns(FaultTest):
    """`events_test` has what is counted."""

    def test_events_that_come_too_fast_harm_no_other_collector(self):
        exporter = self.start("--collector.events", "--collector.events.buffer-bytes=4096")
        before = warm(exporter)
        self.addCleanup(self.namespace.drop_flows)
        first = 1_000_000
        for _ in range(5):
            self.namespace.run(binaries.conntrack_fill(), "--count", "4000", "--first", str(first))
            first += 4000
            self.assert_answers(exporter)
        scrape = exporter.scrape()
        self.assertEqual(20_000, scrape.total("conntrack_events_total") + scrape.value("conntrack_events_lost_total"))
        self.assertLessEqual(len(self.lines(exporter, "collector=events")), 2, exporter.log())
        self.assert_nothing_left(exporter, before)


class OwnNamespace(FaultTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.isdir(NAMES) or not os.path.ismount("/run"):
            private_names()

    def test_its_name_is_deleted_while_it_runs(self):
        """`ip netns del`: the namespace lives on with the process."""
        own = HostNamespace().bind("own")
        self.addCleanup(own.close)
        exporter = Exporter(own, "--collector.netns")
        self.addCleanup(exporter.close)
        own.fill(100)
        self.assertEqual(100, exporter.scrape().value("conntrack_entries"))
        before = warm(exporter)
        subprocess.run(["ip", "netns", "del", "own"], check=True)
        own._name = None  # pylint: disable=protected-access
        exporter.namespace = OpenNamespace(f"/proc/{exporter.process.pid}/ns/net")
        self.addCleanup(exporter.namespace.close)
        scrape = self.assert_answers(exporter)
        self.assertEqual(100, scrape.value("conntrack_entries"))
        self.assert_nothing_left(exporter, before)
        self.assert_stops(exporter)
