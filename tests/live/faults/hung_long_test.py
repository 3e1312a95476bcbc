"""A file of the kernel that does not answer for minutes: what is told, when, and to whom."""

import os
import pathlib
import socket
import tempfile
import threading
import time

import binaries
import processes
from exporter_process import NETLINK, Exporter
from exposition import Exposition
from faulty import PATIENCE, FaultTest, Tree, warm

SAID = 10  # seconds until the log names it
KEPT = 60  # seconds for which the last value is shown
STUCK = 120  # seconds until health is bad
STARTS_WITHIN = 60  # seconds, or not at all
AGE = "conntrack_scrape_collector_reading_age_seconds"


class Long(FaultTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tree = Tree(cls)
        cls.tree.hang("proc/sys/kernel/osrelease", opens=False)
        cls.start_log = cls.enterClassContext(processes.log_file())
        words = (binaries.exporter(), *cls.tree.flags, NETLINK, "--web.listen-address=127.0.0.1:0")
        with cls.namespace.entered():
            hanging = processes.start_for(cls, words, stderr=cls.start_log)
        began = time.monotonic()
        # While the other test waits.
        cls.start_ended = []
        cls.watcher = threading.Thread(target=lambda: cls.start_ended.append((hanging.wait(), time.monotonic() - began)))
        cls.watcher.start()
        cls.addClassCleanup(cls.watcher.join)
        cls.addClassCleanup(hanging.kill)

    def setUp(self):
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "notify"
        self.systemd = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.systemd.bind(str(path))
        self.systemd.setblocking(False)
        self.environment = {**os.environ, "NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "500000"}

    def told(self) -> list[bytes]:
        """To systemd, since the last time."""
        messages = []
        while True:
            try:
                messages.append(self.systemd.recv(1024))
            except BlockingIOError:
                return messages

    def scrape_now(self, exporter: Exporter) -> Exposition:
        answer = exporter.get("/metrics", X_Prometheus_Scrape_Timeout_Seconds="1")
        self.assertEqual(200, answer.status)
        return Exposition(answer.text)

    def test_two_minutes_of_a_reading(self):
        tree = Tree(self)
        exporter = self.start_on(tree, NETLINK, env=self.environment)
        before = warm(exporter)
        good = exporter.scrape()
        hung = tree.hang("proc/slabinfo")
        self.eventually("it is read", lambda: self.scrape_now(exporter) and hung.readers(exporter))
        began = time.monotonic()

        scrapes = whole = 0
        said_after = gone_after = unwell_after = silent_since = None
        while unwell_after is None:
            elapsed = time.monotonic() - began
            self.assertLess(elapsed, STUCK + PATIENCE)
            scrape = self.scrape_now(exporter)
            scrapes += 1
            whole += self.failing(scrape) <= {"memory"}
            if said_after is None and self.lines(exporter, "collector hangs"):
                said_after = elapsed
            if "conntrack_entry_size_bytes" in scrape.names():
                self.assertEqual(good.total("conntrack_entry_size_bytes"), scrape.total("conntrack_entry_size_bytes"))
                self.assertLessEqual(scrape.value(AGE, collector="memory"), KEPT)
                self.assert_success(scrape, memory=1)
                self.assertIsNone(gone_after)
            else:
                self.assert_success(scrape, memory=0)
                gone_after = gone_after or elapsed
            if self.told():
                silent_since = time.monotonic()
            if exporter.get("/-/healthy").status == 503:
                unwell_after = time.monotonic() - began
            time.sleep(0.2)

        self.assertGreater(whole, scrapes / 2)  # a busy machine may make another late
        self.assertGreaterEqual(said_after, SAID - 1)
        self.assertLess(said_after, gone_after)
        self.assertGreaterEqual(gone_after, KEPT - 5)
        self.assertGreaterEqual(unwell_after, STUCK - 5)
        self.assert_said_once(exporter, 'msg="collector hangs"', "level=warn", "collector=memory")
        self.assertEqual(1, hung.readers(exporter))
        # A message may have been on its way.
        self.told()
        time.sleep(2)
        self.assertEqual([], self.told())
        self.assertLess(silent_since - began, unwell_after + 2)
        self.scrape_now(exporter)
        self.assert_status_page(exporter)

        hung.release()
        self.eventually("it is well again", lambda: exporter.get("/-/healthy").status == 200)
        self.eventually("systemd is told so", lambda: b"WATCHDOG=1" in self.told())
        self.eventually("memory is read", lambda: exporter.scrape().value(
            "conntrack_scrape_collector_success", collector="memory"))  # fmt: skip
        self.assert_said_once(exporter, 'msg="collector answers again"', "collector=memory")
        self.assert_nothing_left(exporter, before)

    def test_unfinished_start_ends_after_a_minute(self):
        self.watcher.join(STARTS_WITHIN + PATIENCE)
        self.start_log.seek(0)
        text = self.start_log.read()
        [(code, after)] = self.start_ended
        self.assertEqual(1, code, text)
        self.assertGreaterEqual(after, STARTS_WITHIN - 5)
        self.assertIn("not finished after one minute", text)
        self.assertNotIn('msg="listening"', text)
