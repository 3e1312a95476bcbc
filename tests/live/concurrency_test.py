"""Fifty scrapers at once: each gets a whole answer, or is told that there are too many."""

import collections
import concurrent.futures
import threading
import time

import binaries
from exporter_process import BPF, HELD_BACK_LATE, NETLINK, Answer, Exporter
from exposition import Exposition
from live import BpfTest, LiveTest

SCRAPERS = 50
AT_REST = 16 + binaries.sanitized()  # one more is the sanitizer's
PATIENCE = 120  # seconds


class Concurrency(LiveTest):
    SOURCE = NETLINK

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.fill("--profile", "mixed", "--count", "20000")

    def scrape_all_at_once(self, exporter: Exporter) -> list[Answer]:
        gate = threading.Barrier(SCRAPERS)

        def scrape(_) -> Answer:
            gate.wait()
            return exporter.get_patiently()

        with concurrent.futures.ThreadPoolExecutor(SCRAPERS) as pool:
            return list(pool.map(scrape, range(SCRAPERS)))

    def assert_whole(self, answer: Answer) -> None:
        scrape = Exposition(answer.text)
        self.assertEqual(20000, scrape.total("conntrack_flows"))
        self.assert_success(scrape, table=1, stat=1, flows=1, timeouts=1, settings=1, memory=1)

    def test_the_limit_is_answered_with_503_and_all_others_are_whole(self):
        exporter = self.start("--web.max-requests=2", HELD_BACK_LATE, self.SOURCE)
        answers = self.scrape_all_at_once(exporter)
        statuses = collections.Counter(answer.status for answer in answers)
        self.assertLessEqual(set(statuses), {200, 503})
        self.assertGreater(statuses[200], 0)
        for answer in answers:
            if answer.status == 200:
                self.assert_whole(answer)
            else:
                self.assertIn("Limit of concurrent requests reached (2)", answer.text)
                self.assertEqual("1", answer.headers["Retry-After"])
        self.assertEqual(200, exporter.get().status)  # and it has recovered

    def test_without_a_limit_all_are_whole(self):
        for limit in ("0", "100"):
            with self.subTest(limit=limit):
                answers = self.scrape_all_at_once(self.start(f"--web.max-requests={limit}", HELD_BACK_LATE, self.SOURCE))
                self.assertEqual({200}, {answer.status for answer in answers})
                for answer in answers:
                    self.assert_whole(answer)

    def test_threads_are_few_at_rest_also_after_a_crowd(self):
        exporter = self.start(HELD_BACK_LATE, self.SOURCE)
        self.assertLessEqual(len(exporter.threads()), AT_REST, exporter.threads())
        clients = [exporter.connect() for _ in range(SCRAPERS)]
        with self.namespace.entered():
            for client in clients:
                client.connect()
        end = time.monotonic() + PATIENCE
        while len(exporter.threads()) <= AT_REST:
            self.assertLess(time.monotonic(), end, "no threads are started for them")
            time.sleep(0.1)
        for client in clients:
            client.close()
        while len(exporter.threads()) > AT_REST:
            self.assertLess(time.monotonic(), end, exporter.threads())
            time.sleep(0.1)
        self.assertEqual(200, exporter.get("/-/healthy").status)

    def test_one_walk_serves_all(self):
        exporter = self.start("--web.max-requests=0", "--collector.flows.cpu-share=0.001", HELD_BACK_LATE, self.SOURCE)
        bodies = [Exposition(answer.text) for answer in self.scrape_all_at_once(exporter)]
        self.assertEqual(1, len({body.value("conntrack_flows_sample_duration_seconds") for body in bodies}))


class ConcurrencyByBpf(Concurrency, BpfTest):
    SOURCE = BPF
