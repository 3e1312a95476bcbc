"""Fifty scrapers at once: each gets a whole answer, or is told that there are too many."""

import collections
import concurrent.futures
import threading

from exporter_process import BPF, HELD_BACK_LATE, NETLINK, Answer, Exporter
from exposition import Exposition
from live import BpfTest, LiveTest

SCRAPERS = 50


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

    def test_one_walk_serves_all(self):
        exporter = self.start("--web.max-requests=0", "--collector.flows.cpu-share=0.001", HELD_BACK_LATE, self.SOURCE)
        bodies = [Exposition(answer.text) for answer in self.scrape_all_at_once(exporter)]
        self.assertEqual(1, len({body.value("conntrack_flows_sample_duration_seconds") for body in bodies}))


class ConcurrencyByBpf(Concurrency, BpfTest):
    SOURCE = BPF
