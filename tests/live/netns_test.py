"""Every network namespace of the host: found, named, counted, and never kept alive."""

import os
import pathlib
import tempfile
import threading
import time

import binaries
import lab
from full_table_test import send_datagrams
from lab import skip
from live import LiveTest
from namespaces import NAMES, HostNamespace, private_names

ONLY_NETNS = ("--collector.disable-defaults", "--collector.netns")
PATIENCE = 120  # seconds
REMOVAL = 120  # seconds that the kernel may take until it comes to a namespace of ours
CACHED = 1.05  # seconds after which the exporter looks again
LARGEST = 600_000  # entries that a test is willing to make

FULL = """
table inet test {
  chain track { type filter hook output priority filter; ct state new accept; }
}
"""


def wait_until(what: str, holds, patience: int = PATIENCE) -> None:
    end = time.monotonic() + patience
    while not holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience} s: {what}")
        time.sleep(0.02)


class NetnsTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not os.path.isdir(NAMES) or not os.path.ismount("/run"):
            private_names()

    def make(self) -> HostNamespace:
        namespace = HostNamespace()
        self.addCleanup(namespace.close)
        return namespace

    @staticmethod
    def by_inode(scrape, family: str) -> dict[str, float]:
        """The figures of a family, by the inode of the namespace instead of its name."""
        inodes = {netns: inode for netns, inode in scrape.by("conntrack_netns_info", "netns", "inode")}
        return {inodes[netns]: value for netns, value in scrape.by(family, "netns").items() if netns != "other"}

    @staticmethod
    def kinds(scrape) -> dict[str, tuple[str, str]]:
        """Kind and name, by inode."""
        labels = scrape.by("conntrack_netns_info", "inode", "kind", "netns")
        return {inode: (kind, netns) for inode, kind, netns in labels}


class EveryNamespace(NetnsTest):
    def test_each_has_its_own_count_and_a_name(self):
        blue = self.make().bind("blue").fill(300)
        red = self.make().bind("red").occupy().fill(200, "--profile=mixed")
        anonymous = self.make().occupy().fill(100)
        empty = self.make().occupy("tail", "-f", "/dev/null")
        pathlib.Path(NAMES, "left-over").touch()  # what a crashed `ip netns add` leaves
        self.addCleanup(os.unlink, f"{NAMES}/left-over")

        scrape = self.start(*ONLY_NETNS).scrape()
        self.assert_success(scrape, netns=1)
        entries = self.by_inode(scrape, "conntrack_netns_entries")
        for namespace, filled in ((blue, 300), (red, 200), (anonymous, 100), (empty, 0)):
            self.assertEqual(filled, namespace.count())
            self.assertEqual(filled, entries[namespace.inode])
        kinds = self.kinds(scrape)
        self.assertEqual(("named", "blue"), kinds[blue.inode])
        self.assertEqual(("named", "red"), kinds[red.inode])
        self.assertEqual(("host", "host"), kinds[str(os.stat("/proc/1/ns/net").st_ino)])
        self.assertEqual(kinds.keys(), entries.keys())
        # Ours, the exporter's, and these four.
        self.assertEqual(6, scrape.value("conntrack_netns_namespaces"))
        self.assertEqual(0, scrape.value("conntrack_netns_unreadable"))

    def test_the_fullest_have_series_of_their_own(self):
        small = [self.make().occupy().fill(count) for count in (10, 20, 30)]
        large = self.make().bind("large").fill(400)
        scrape = self.start(*ONLY_NETNS, "--collector.netns.max=2").scrape()
        host = str(os.stat("/proc/1/ns/net").st_ino)
        self.assertEqual({host: 0, large.inode: 400}, self.by_inode(scrape, "conntrack_netns_entries"))
        self.assertEqual(60, scrape.value("conntrack_netns_entries", netns="other"))
        self.assertEqual(0, scrape.value("conntrack_netns_drop_total", netns="other"))
        self.assertEqual(3 + len(small), scrape.value("conntrack_netns_namespaces"))

    def test_without_statistics_files_ctnetlink_is_asked_inside(self):
        blue = self.make().bind("blue").fill(300)
        anonymous = self.make().occupy().fill(100)
        with tempfile.TemporaryDirectory() as proc:  # a /proc whose processes have no net/
            for process in filter(str.isdigit, os.listdir("/proc")):
                os.mkdir(f"{proc}/{process}")
                for part in ("ns", "comm", "cgroup"):
                    os.symlink(f"/proc/{process}/{part}", f"{proc}/{process}/{part}")
            os.symlink("/proc/sys", f"{proc}/sys")
            scrape = self.start(*ONLY_NETNS, f"--path.procfs={proc}").scrape()
        self.assert_success(scrape, netns=1)
        entries = self.by_inode(scrape, "conntrack_netns_entries")
        self.assertEqual((300, 100), (entries[blue.inode], entries[anonymous.inode]))
        self.assertEqual(0, scrape.value("conntrack_netns_drop_total", netns="blue"))
        self.assertEqual(0, scrape.value("conntrack_netns_unreadable"))


class WithoutCapabilities(NetnsTest):
    def program(self) -> tuple[str, ...]:
        """The words that start the exporter without any capability, as another user where there is one."""
        bare = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
        with_user = lab.without_net_admin(binaries.exporter())
        return (*bare, *(word for word in with_user[1:] if "net_admin" not in word))

    def test_namespaces_with_a_process_are_read_and_the_others_named(self):
        self.make().bind("blue").fill(300)
        self.make().bind("green").fill(10)
        self.make().occupy("sleep", "1000").fill(100)
        exporter = self.start(*ONLY_NETNS, program=self.program())
        scrape = exporter.scrape()
        self.assert_success(scrape, netns=1)
        self.assertEqual(100, scrape.value("conntrack_netns_entries", netns="sleep"))
        self.assertEqual(1, scrape.value("conntrack_netns_info", netns="sleep", inode="", kind="process"))
        self.assertEqual(2, scrape.value("conntrack_netns_unreadable"))
        self.assertNotIn("blue", scrape.by("conntrack_netns_entries", "netns"))
        self.assertRegex(exporter.log(), r"2 \(blue, green\): .*CAP_SYS_ADMIN")


class FullNamespace(NetnsTest):
    def test_its_drops_are_seen_from_another(self):
        limit = self.namespace.sysctl("nf_conntrack_max")
        if not 0 < limit <= LARGEST:
            skip(f"the table is filled to nf_conntrack_max, and {limit} is none or more than {LARGEST} entries")
        full = self.make().occupy().fill(limit, "--assured")
        full.nft(FULL)
        exporter = self.start(*ONLY_NETNS)
        scrape = exporter.scrape()
        # The kernel may have removed entries that expired in the meantime; there are none here.
        self.assertAlmostEqual(limit, self.by_inode(scrape, "conntrack_netns_entries")[full.inode], delta=limit // 1000)
        before = self.by_inode(scrape, "conntrack_netns_drop_total")
        send_datagrams(full, 50)
        expected = {**before, full.inode: before[full.inode] + 50}

        def seen():
            return self.by_inode(exporter.scrape(), "conntrack_netns_drop_total") == expected

        wait_until(f"50 drops more than {before}", seen)


class ComingAndGoing(NetnsTest):
    def tether(self, namespace: HostNamespace, link: str) -> None:
        """A link from the exporter's namespace into another: it goes when that one is really gone."""
        end = ("peer", "name", "end", "netns", namespace.path)
        self.namespace.run("ip", "link", "add", "name", link, "type", "veth", *end)
        self.assertTrue(self.holds(link))

    def holds(self, link: str) -> bool:
        return self.namespace.run("ip", "link", "show", "dev", link, check=False).returncode == 0

    def test_a_namespace_that_was_read_goes_when_it_is_deleted(self):
        named, busy = HostNamespace().bind("doomed").fill(20), HostNamespace().occupy().fill(30)
        unseen = HostNamespace()
        tethered = {"named": named, "busy": busy, "unseen": unseen}
        for link, namespace in tethered.items():
            self.tether(namespace, link)
        exporter = self.start(*ONLY_NETNS)
        entries = self.by_inode(exporter.scrape(), "conntrack_netns_entries")
        self.assertEqual((20, 30, None), (entries[named.inode], entries[busy.inode], entries.get(unseen.inode)))
        for link, namespace in tethered.items():
            self.assertTrue(self.holds(link))
            namespace.close()
        # The kernel removes namespaces in batches, with one worker for the whole machine. The last one is of nobody's:
        # once it is gone the others are, or are in the next batch, unless somebody keeps them.
        try:
            wait_until("the last namespace is gone", lambda: not self.holds("unseen"), REMOVAL)
        except AssertionError:
            skip(f"the kernel has not come to remove a namespace for {REMOVAL} s: it is busy removing others")
        for link in ("named", "busy"):
            wait_until(f"{link} is gone", lambda link=link: not self.holds(link), REMOVAL)

    def churn(self, stop: threading.Event, failures: list[Exception]) -> None:
        """Namespaces that live for a moment, with a name, with a process, with both.

        Few of them have entries: for each that has, the kernel walks the whole table to remove it.
        """
        self.turns = 0
        try:
            while not stop.wait(0.05):
                self.turns += 1
                made = HostNamespace()
                if self.turns % 3 != 0:
                    made.bind(f"churn{self.turns}")
                if self.turns % 3 != 1:
                    made.occupy()
                if self.turns % 20 == 0:
                    made.fill(10)
                made.close()
        except Exception as failure:  # pylint: disable=broad-except  # shown by the test, which is another thread
            failures.append(failure)

    def test_scrapes_among_namespaces_that_come_and_go(self):
        lasting = self.make().bind("lasting").fill(77)
        exporter = self.start(*ONLY_NETNS)
        held = self.held(exporter)  # before it has a connection
        stop, failures = threading.Event(), []
        churner = threading.Thread(target=self.churn, args=(stop, failures))
        churner.start()
        try:
            for _ in range(10):
                scrape = exporter.scrape()
                self.assert_success(scrape, netns=1)
                self.assertEqual(77, scrape.value("conntrack_netns_entries", netns="lasting"))
                self.assertEqual(0, scrape.value("conntrack_netns_unreadable"))
                time.sleep(CACHED)
        finally:
            stop.set()
            churner.join()
        self.assertEqual([], failures)
        self.assertGreater(self.turns, 10)
        self.assertEqual(77, lasting.count())
        # The last connection is closed a moment after its answer.
        wait_until(f"descriptors and threads as before: {held}", lambda: self.held(exporter) == held)

    @staticmethod
    def held(exporter) -> tuple[int, int, set[str]]:
        """How many descriptors and threads the exporter has, and the namespaces that these are in."""
        proc = pathlib.Path("/proc", str(exporter.process.pid))
        threads = list(proc.joinpath("task").iterdir())
        inside = {os.readlink(thread / "ns/net") for thread in threads}
        return len(list(proc.joinpath("fd").iterdir())), len(threads), inside
