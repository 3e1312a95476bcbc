"""Files of the kernel and of the boot that do not answer, as with a dead FUSE or a stuck lxcfs: here FIFOs."""

import threading
import time

from abuse import Figures
from exporter_process import NETLINK, Exporter
from exposition import Exposition
from faulty import AT_REST, PATIENCE, FaultTest, Tree, netfilter, warm

DEADLINE = 1  # seconds that a scraper says it waits
CACHED = 1.5  # seconds; what is older was not read when it should have been
AGE = "conntrack_scrape_collector_reading_age_seconds"
# A file, and the collectors that need it.
FILES = {
    "proc/meminfo": {"memory", "sizing", "persistence"},
    "proc/slabinfo": {"memory"},
    netfilter("count"): {"table", "memory", "sizing", "persistence"},
    netfilter("max"): {"table", "memory", "sizing", "persistence"},
    netfilter("tcp_timeout_established"): {"timeouts", "persistence"},
    netfilter("acct"): {"settings", "persistence"},
    "root/etc/sysctl.d/50-hung.conf": {"persistence"},
}


class HungTest(FaultTest):
    def setUp(self):
        self.tree = Tree(self)

    def missed(self, scrape: Exposition) -> set[str]:
        """Collectors that fail, or show what they have read before."""
        ages = scrape.by(AGE, "collector")
        old = {name for name, age in ages.items() if age > CACHED}
        return self.failing(scrape) | old - {"persistence"}  # which is read once a minute

    def missed_in(self, exporter: Exporter) -> set[str]:
        return self.missed(self.scrape_until(exporter, DEADLINE))

    def scrape_until(self, exporter: Exporter, deadline: float, path: str = "/metrics") -> Exposition:
        """As a scraper that waits so many seconds."""
        answer = exporter.get(path, X_Prometheus_Scrape_Timeout_Seconds=str(deadline))
        self.assertEqual(200, answer.status, exporter.log())
        return Exposition(answer.text)

    def assert_in_time(self, seconds: float, act) -> None:
        """The fastest of some tries: a busy machine may hold up the others."""
        times = []
        while not times or min(times) > seconds:
            self.assertLess(len(times), 5, f"the fastest took {min(times, default=0)} s")
            began = time.monotonic()
            act()
            times.append(time.monotonic() - began)

    def in_parallel(self, count: int, act) -> list:
        """What act() yields in each of so many threads."""
        results: list = []
        workers = [threading.Thread(target=lambda: results.append(act())) for _ in range(count)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        self.assertEqual(count, len(results))
        return results


class EachFile(HungTest):
    def test_hangs_while_it_runs(self):
        for name, collectors in FILES.items():
            if name.startswith("root/"):
                continue  # read once a minute
            for opens in (False, True) if name == "proc/meminfo" else (False,):
                with self.subTest(name, opens=opens):
                    self.tree = Tree(self)
                    with self.start_on(self.tree, NETLINK) as exporter:
                        self.see_it_hang(exporter, name, collectors, opens)

    def see_it_hang(self, exporter: Exporter, name: str, collectors: set[str], opens: bool) -> None:
        before = warm(exporter)
        on = set(exporter.scrape().by("conntrack_scrape_collector_success", "collector"))
        self.assertLessEqual(collectors, on, exporter.log())
        hung = self.tree.hang(name, opens)
        # What is cached for a second is read again.
        # A busy machine may make another late once.
        self.eventually("it alone is missed", lambda: 0 < len(self.missed_in(exporter)) and self.missed_in(exporter) <= collectors)
        self.assert_in_time(DEADLINE, lambda: self.scrape_until(exporter, DEADLINE))
        self.assert_in_time(DEADLINE, lambda: self.assert_status_page(exporter))
        others = "&".join(f"collect[]={other}" for other in sorted(on - collectors))
        self.assert_in_time(DEADLINE, lambda: self.scrape_until(exporter, 5 * DEADLINE, f"/metrics?{others}"))
        self.assertEqual(200, exporter.get("/-/healthy").status)
        hung.release()
        self.eventually("it is there again", lambda: not self.missed(exporter.scrape()))
        self.assert_nothing_left(exporter, before)
        self.tree.hang(name, opens)
        self.eventually("it is missed", lambda: self.missed_in(exporter))
        self.assert_stops(exporter)

    def test_hangs_from_the_start(self):
        for name, collectors in FILES.items():
            with self.subTest(name):
                tree = Tree(self)
                tree.hang(name)
                with self.start_on(tree, NETLINK) as exporter:
                    self.eventually("it alone is missed", lambda: self.missed_in(exporter) <= collectors)
                    self.assert_stops(exporter)


class Shared(HungTest):
    def test_sixty_scrapes_cost_one_thread(self):
        exporter = self.start_on(self.tree, NETLINK)
        self.in_parallel(8, lambda: exporter.get("/metrics").status)
        before = warm(exporter)
        hung = self.tree.hang("proc/slabinfo")
        self.eventually("it is read", lambda: self.scrape_until(exporter, 1) and hung.readers(exporter))
        alone = 0
        for _ in range(10):
            for scrape in self.in_parallel(6, lambda: self.scrape_until(exporter, 0.7)):
                self.assertIn("memory", self.missed(scrape))
                alone += self.missed(scrape) == {"memory"}
        self.assertGreater(alone, 0)
        self.assertEqual(1, hung.readers(exporter))
        wanted = Figures(before.threads + 1, before.descriptors + 1)
        self.eventually(f"no more than {wanted}", lambda: Figures.of(exporter).within(wanted))
        self.eventually("the rest ends", lambda: len(exporter.threads()) <= AT_REST + 1)
        hung.release()
        self.assert_nothing_left(exporter, before)

    def test_all_who_wait_are_given_what_is_read_once(self):
        exporter = self.start_on(self.tree, NETLINK)
        hung = self.tree.hang("proc/slabinfo")
        scrapes: list[Exposition] = []
        clients = [threading.Thread(target=lambda: scrapes.append(self.scrape_until(exporter, PATIENCE)))
                   for _ in range(6)]  # fmt: skip
        for client in clients:
            client.start()
        self.eventually("it is read", lambda: hung.readers(exporter))
        self.eventually("all are connected", lambda: self.connections() == 6)
        self.assertEqual(1, hung.readers(exporter))
        hung.release()
        for client in clients:
            client.join()
        self.assertEqual([set()] * 6, [self.missed(scrape) for scrape in scrapes])

    def connections(self) -> int:
        """That clients have."""
        return len(self.namespace.run("ss", "-Hnt", "state", "established", "( dport > 0 )").stdout.splitlines()) // 2

    def test_each_is_answered_at_its_own_deadline(self):
        exporter = self.start_on(self.tree, NETLINK)
        self.tree.hang(netfilter("acct"))
        patient = threading.Thread(target=lambda: self.scrape_until(exporter, 8))
        began = time.monotonic()
        patient.start()
        self.assert_in_time(1, lambda: self.scrape_until(exporter, 1))
        patient.join()
        self.assertLess(time.monotonic() - began, 8)

    def test_an_impatient_one_harms_nobody(self):
        exporter = self.start("--collector.netns", "--collector.talkers")
        for path in ("/metrics?collect[]=netns", "/metrics?collect[]=netns&collect[]=flows", "/metrics", "/"):
            for _ in range(3):
                with self.subTest(path):
                    exporter.get(path, X_Prometheus_Scrape_Timeout_Seconds="0.001")
                    self.assertEqual(set(), self.failing(exporter.scrape()), exporter.log())


class LastGood(HungTest):
    """Collectors that keep what they have read."""

    FILES = {
        "memory": ("proc/slabinfo", "conntrack_entry_size_bytes"),
        "settings": (netfilter("acct"), "conntrack_setting"),
        "timeouts": (netfilter("tcp_timeout_established"), "conntrack_timeout_seconds"),
    }

    def test_the_last_value_stays_with_its_age(self):
        for collector, (name, family) in self.FILES.items():
            with self.subTest(collector):
                self.tree = Tree(self)
                exporter = self.start_on(self.tree, NETLINK)
                good = exporter.scrape()
                self.tree.hang(name)
                ages: list[float] = []
                while len(ages) < 3:
                    scrape = self.scrape_until(exporter, 1)
                    self.assertNotIn(collector, self.failing(scrape))
                    self.assertEqual(good.total(family), scrape.total(family))
                    if collector in self.missed(scrape):
                        ages.append(scrape.value(AGE, collector=collector))
                self.assertEqual(sorted(ages), ages)
                self.assertGreater(ages[-1], ages[0])

    def test_what_counts_losses_is_never_old(self):
        exporter = self.start_on(self.tree, NETLINK)
        exporter.scrape()
        self.tree.hang(netfilter("count"))
        scrape = self.scrape_until(exporter, 1)
        self.assertNotIn("conntrack_entries", scrape.names())
        self.assert_success(scrape, table=0)
