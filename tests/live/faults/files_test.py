"""Files of the kernel and of the boot that are not what they should be: gone, huge, or full of nonsense."""

import pathlib
import random
import threading
import time
from collections.abc import Callable

import binaries
from exporter_process import NETLINK, Exporter
from exposition import Exposition
from faulty import CAPTURE, FaultTest, Tree, netfilter, warm
from memory import peak_own_megabytes

HUGE = 1 << 30  # bytes, of which none is written
MOST_MEMORY = 64  # MB of the process, whatever it is given to read
BOOT_FILE, DRIFTING = "root/etc/sysctl.d/50-test.conf", b"net.netfilter.nf_conntrack_udp_timeout = 42\n"
# A file, and the collectors that need it.
FILES = {
    netfilter("count"): {"table", "memory", "sizing", "persistence"},
    netfilter("max"): {"table", "memory", "sizing", "persistence"},
    netfilter("buckets"): {"table", "memory", "sizing", "persistence"},
    netfilter("acct"): {"settings", "persistence"},
    netfilter("tcp_timeout_established"): {"timeouts", "persistence"},
    "proc/meminfo": {"memory", "sizing"},
    "proc/slabinfo": {"memory"},
    "proc/net/stat/nf_conntrack": set(),
    "proc/sys/kernel/osrelease": set(),
    "sys/devices/system/cpu/present": {"stat"},
    "sys/devices/system/cpu/possible": {"stat"},
    BOOT_FILE: {"persistence"},
}
RANDOM = random.Random(15)
GARBAGE = {
    "random bytes": RANDOM.randbytes(5000),
    "NULs": bytes(4096),
    "nothing": b"",
    "a newline": b"\n",
    "invalid UTF-8": b"\xff\xfe\x80\xc3\x28\n" * 10,
    "a word": b"lots\n",
    "a huge number": b"9" * 400 + b"\n",
    "a number beyond 64 bits": b"18446744073709551616\n",
    "a fraction": b"1.5e300\n",
    "a negative number": b"-3\n",
    "one long line": b"x" * 300_000 + b"\n",
    "many lines": b"1 2 3\n" * 50_000,
    "control characters": b"\x1b[2J\x07\r\x0b42\n",
}


def huge(path: pathlib.Path) -> None:
    with path.open("wb") as file:
        file.truncate(HUGE)


NO_FILES = {
    "a folder": pathlib.Path.mkdir,
    "a link to nothing": lambda path: path.symlink_to("nowhere"),
    "a link to what never ends": lambda path: path.symlink_to("/dev/zero"),
    "a huge file": huge,
}
BAD = NO_FILES | {what: lambda path, content=content: path.write_bytes(content) for what, content in GARBAGE.items()}
IMPOSSIBLE = 1e18  # of bytes, entries and seconds


def put_all(tree: Tree, make: Callable[[pathlib.Path], object]) -> None:
    for name in FILES:
        tree.replace(name, make)


def restore_all(tree: Tree) -> None:
    for name in FILES:
        if (CAPTURE / name).exists():
            tree.restore(name)
    tree.write(BOOT_FILE, DRIFTING)


class FilesTest(FaultTest):
    def setUp(self):
        self.tree = Tree(self)
        self.tree.write(BOOT_FILE, DRIFTING)

    def assert_possible(self, scrape: Exposition) -> None:
        for name in scrape.names():
            if name.startswith("conntrack_"):
                self.assertGreaterEqual(min(scrape.values(name)), 0, name)
                self.assertLess(max(scrape.values(name)), IMPOSSIBLE, name)

    def assert_quiet(self, exporter: Exporter) -> None:
        """The same again is nothing to log."""
        said = exporter.log()
        self.assert_possible(exporter.scrape())
        self.assert_status_page(exporter)
        self.assertEqual(said, exporter.log())


class Bad(FilesTest):
    def test_one_file_harms_only_its_collectors(self):
        for name, collectors in FILES.items():
            for what in ("random bytes", "nothing", "a link to nothing"):
                with self.subTest(name, what=what):
                    restore_all(self.tree)
                    self.tree.replace(name, BAD[what])
                    with self.start_on(self.tree, NETLINK) as exporter:
                        scrape = exporter.scrape()
                        self.assertLessEqual(self.failing(scrape), collectors, exporter.log())
                        self.assert_possible(scrape)
                        self.assert_status_page(exporter)

    def test_all_of_them_while_it_runs(self):
        """All kinds at once, each with a tree and a server of its own: what is cached for a second is cached in all."""
        trees = {what: Tree(self) for what in BAD}
        for tree in trees.values():
            tree.write(BOOT_FILE, DRIFTING)
        servers = {what: self.start_on(tree, NETLINK) for what, tree in trees.items()}
        before = {what: warm(exporter) for what, exporter in servers.items()}
        for what, make in BAD.items():
            put_all(trees[what], make)
        for what, exporter in servers.items():
            with self.subTest(what):
                self.eventually("it is seen", lambda: exporter.get() and self.lines(exporter, "collector=memory", "err="))
                self.assert_possible(exporter.scrape())
                self.assert_quiet(exporter)
                self.assertEqual(200, exporter.get("/-/healthy").status)
                self.assert_promtool_accepts(exporter.get().body)
                if not binaries.sanitized():
                    self.assertLess(peak_own_megabytes(exporter.process.pid), MOST_MEMORY)
        for tree in trees.values():
            restore_all(tree)
        for what, exporter in servers.items():
            with self.subTest(what):
                self.eventually("all is well again", lambda: not self.failing(exporter.scrape()))
                self.assert_answers(exporter)
                self.assert_nothing_left(exporter, before[what])
                self.assert_stops(exporter)

    def test_all_of_them_from_the_start(self):
        for what, make in BAD.items():
            with self.subTest(what):
                put_all(self.tree, make)
                with self.start_on(self.tree, NETLINK) as exporter:
                    self.assert_possible(exporter.scrape())
                    self.assert_quiet(exporter)

    def test_no_sysctl_is_shown_as_a_negative_number(self):
        for path in (self.tree.file("proc/sys/net/netfilter")).iterdir():
            path.write_bytes(b"-1\n")
        with self.start_on(self.tree, NETLINK) as exporter:
            scrape = exporter.scrape()
            self.assert_possible(scrape)
            for name in ("conntrack_entries", "conntrack_entries_limit", "conntrack_hash_buckets",
                         "conntrack_timeout_seconds", "conntrack_memory_at_limit_bytes"):
                self.assertNotIn(name, scrape.names())
            self.assertIn("nf_conntrack_count holds -1", exporter.log())

    def test_commands(self):
        cases = []
        for what, make in BAD.items():
            tree = Tree(self)
            put_all(tree, make)
            cases += [(what, (binaries.exporter(), command, *tree.flags, NETLINK)) for command in ("check", "report", "advise")]
        for (what, words), done in zip(cases, self.run_all([words for _, words in cases]), strict=True):
            with self.subTest(what, command=words[1]):
                self.assertIn(done.returncode, (0, 1), done.stderr)
                done.stdout.decode()  # it is UTF-8
                self.assertNotRegex(done.stdout, rb"[\x00-\x08\x0b-\x1f\x7f]")


class Bursts(FilesTest):
    def test_two_seconds_at_the_limit_between_two_scrapes_are_found(self):
        limit = int(self.tree.file(netfilter("max")).read_text())
        with self.start_on(self.tree, NETLINK) as exporter:
            warm(exporter)
            self.tree.write(netfilter("count"), f"{limit}\n".encode())
            time.sleep(2)  # as long as the burst is
            self.tree.restore(netfilter("count"))
            scrape = self.eventually("it has emptied", lambda: (now := exporter.scrape()).value("conntrack_entries") < limit and now)
            self.assertEqual(limit, scrape.value("conntrack_entries_peak"))
            self.assertIn("The table was full a moment ago", exporter.get("/").text)


class Gone(FilesTest):
    """Files that vanish while the exporter runs."""

    FOLDER, AWAY = "proc/sys/net/netfilter", "proc/sys/net/away"
    MODULE = "sys/module/nf_conntrack"
    COUNTERS = "proc/net/stat/nf_conntrack"

    def setUp(self):
        super().setUp()
        self.exporter = self.start_on(self.tree, NETLINK)
        self.before = warm(self.exporter)

    def test_what_is_gone_is_absent_and_comes_back(self):
        self.tree.file(self.FOLDER).rename(self.tree.file(self.AWAY))
        gone = {"timeouts", "settings", "memory", "sizing"}  # the others have it by netlink
        self.eventually("it is missed", lambda: gone <= self.failing(self.exporter.scrape()))
        scrape = self.exporter.scrape()
        for family in ("conntrack_hash_buckets", "conntrack_timeout_seconds", "conntrack_setting", "conntrack_memory_bytes"):
            self.assertNotIn(family, scrape.names())
        self.assert_quiet(self.exporter)
        for name in gone:
            self.assert_said_once(self.exporter, 'msg="collector failed"', f"collector={name}")
        self.tree.file(self.AWAY).rename(self.tree.file(self.FOLDER))
        self.eventually("it is back", lambda: not self.failing(self.exporter.scrape()))
        self.assert_answers(self.exporter)
        self.assert_nothing_left(self.exporter, self.before)

    def test_that_the_module_is_unloaded_is_no_failure(self):
        self.tree.file(self.FOLDER).rename(self.tree.file(self.AWAY))
        self.tree.file(self.MODULE).rmdir()
        self.tree.file(self.COUNTERS).unlink()
        self.eventually("it is gone", lambda: "conntrack_setting" not in self.exporter.scrape().names())
        scrape = self.exporter.scrape()
        self.assertEqual(set(), self.failing(scrape))
        self.assertEqual(0, scrape.value("conntrack_table_present"))
        self.assertNotIn("conntrack_entries", scrape.names())
        self.assert_quiet(self.exporter)
        self.assert_said_once(self.exporter, "nf_conntrack is not loaded", "modprobe nf_conntrack")
        self.tree.file(self.MODULE).mkdir()
        self.tree.restore(self.COUNTERS)
        self.tree.file(self.AWAY).rename(self.tree.file(self.FOLDER))
        self.assertIn("conntrack_entries", self.exporter.scrape().names())
        self.eventually("it is back", lambda: "conntrack_setting" in self.exporter.scrape().names())
        self.assert_said_once(self.exporter, "nf_conntrack is loaded")
        self.assert_nothing_left(self.exporter, self.before)

    def test_it_comes_and_goes_under_scrapes(self):
        stop = threading.Event()

        def churn() -> None:
            while not stop.is_set():
                self.tree.file(self.FOLDER).rename(self.tree.file(self.AWAY))
                self.tree.file(self.AWAY).rename(self.tree.file(self.FOLDER))

        churner = threading.Thread(target=churn)
        churner.start()
        try:
            for _ in range(100):
                self.assert_possible(self.exporter.scrape())
                self.assert_status_page(self.exporter)
        finally:
            stop.set()
            churner.join()
        self.eventually("all is well", lambda: not self.failing(self.exporter.scrape()))
        self.assert_nothing_left(self.exporter, self.before)
