"""What the kernel says of a full table in its log, as far as one may read it."""

import ctypes
import os
import signal
import subprocess
import time

import binaries
import full_table_test
from exporter_process import FRESH, Exporter
from lab import Namespace, skip, without_net_admin
from live import LiveTest

KMSG = "/dev/kmsg"
PATIENCE = 120  # seconds; the kernel's rate limit is shared with all that this machine logs
LARGEST_RING = 4 << 20  # bytes that this test is willing to write into the kernel's log
LINES = "conntrack_kernel_log_netns_messages_total"
LOST = "conntrack_kernel_log_lost_records_total"


def why_unreadable() -> str | None:
    try:
        os.close(os.open(KMSG, os.O_RDONLY))
    except OSError as error:
        return f"{KMSG} cannot be read here: {error}"
    return None


def write_lines(*lines: str) -> None:
    """As a process does. Each is opened for itself: the kernel lets 10 lines of one descriptor pass in 5 seconds."""
    for line in lines:
        with open(KMSG, "w", encoding="ascii") as log:
            log.write(line + "\n")


def last_sequence() -> int:
    return list(sequences())[-1]


def sequences():
    """Of all records that are in the log now."""
    log = os.open(KMSG, os.O_RDONLY | os.O_NONBLOCK)
    try:
        while True:
            try:
                yield int(os.read(log, 8192).split(b",")[1])
            except BlockingIOError:
                return
            except BrokenPipeError:
                continue  # overwritten meanwhile
    finally:
        os.close(log)


def ring_size() -> int:
    """Of the kernel's log, in bytes (SYSLOG_ACTION_SIZE_BUFFER)."""
    return ctypes.CDLL(None).klogctl(10, None, 0)


class KernelLogTest(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if reason := why_unreadable():
            skip(reason)

    def scraped(self, exporter):
        return exporter.scrape("/metrics?collect[]=kernel_log&collect[]=stat")


class TableFull(KernelLogTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.limit = cls.namespace.sysctl("nf_conntrack_max")
        if not 0 < cls.limit <= full_table_test.LARGEST:
            skip(f"the table is filled to nf_conntrack_max, and {cls.limit} is none or too many entries")
        cls.fill("--assured", "--count", str(cls.limit))

    def named(self) -> bool:
        """Whether this kernel names the namespace: since 6.17."""
        release = os.uname().release.split(".")
        return (int(release[0]), int(release[1])) >= (6, 17)

    def test_a_full_table_is_counted_with_its_time_and_namespace(self):
        inode = self.namespace.run("stat", "-Lc", "%i", "/proc/self/ns/net").stdout.strip()
        exporter = self.start(*FRESH)
        self.namespace.nft(full_table_test.RULES.format(port=exporter.port))
        began, before = time.time(), self.scraped(exporter)
        self.assertEqual(0, before.by(LINES, "inode").get(inode, 0))  # an older one is not counted
        end, lines = time.monotonic() + PATIENCE, 0
        while lines == 0 and time.monotonic() < end:
            full_table_test.send_datagrams(self.namespace, 10)
            time.sleep(0.2)
            scrape = self.scraped(exporter)
            named = scrape.by(LINES, "inode").get(inode, 0)
            total = scrape.value("conntrack_kernel_log_messages_total", message="table_full")
            lines = named if self.named() else total
        if lines == 0 and self.namespace.sysctl("nf_conntrack_max") != self.limit:
            skip("somebody else raised nf_conntrack_max meanwhile: the table is not full any more")
        self.assertGreater(lines, 0, f"no line in {PATIENCE} s")
        self.assertLessEqual(lines, scrape.total("conntrack_stat_drop_total"))  # a lower bound
        self.assertLessEqual(named, total)
        earlier = before.value("conntrack_kernel_log_messages_total", message="table_full")
        self.assertGreaterEqual(total, earlier + lines)
        seen = scrape.value("conntrack_kernel_log_last_seen_timestamp_seconds", message="table_full")
        self.assertTrue(began <= seen <= time.time(), (began, seen))

        # Whoever starts later knows when it was, and counts nothing.
        elsewhere = Namespace()  # the log is that of the host
        self.addCleanup(elsewhere.close)
        with Exporter(elsewhere) as newcomer:
            late = self.scraped(newcomer)
        self.assertNotIn(inode, late.by(LINES, "inode"))
        late_seen = late.value("conntrack_kernel_log_last_seen_timestamp_seconds", message="table_full")
        self.assertLess(abs(late_seen - seen), 30)  # the clocks of the log and of the machine drift apart


class Ring(KernelLogTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            write_lines("<7>conntrack_exporter: a test writes here")
        except OSError as error:
            skip(f"{KMSG} cannot be written: {error}")

    def test_a_process_cannot_feign_a_line_of_the_kernel(self):
        exporter = self.start()
        for priority in (4, 0, 12):
            write_lines(f"<{priority}>nf_conntrack: nf_conntrack: table full in netns {priority + 1}, dropping packet")
        scrape = self.scraped(exporter)
        self.assertFalse({"1", "5", "13"} & scrape.by(LINES, "inode").keys())

    def test_records_that_were_overwritten_are_counted_and_the_log_is_followed_on(self):
        size = ring_size()
        if not 0 < size <= LARGEST_RING:
            skip(f"the kernel's log has room for {size} bytes, more than this test writes")
        exporter = self.start()
        read = last_sequence()  # at least up to there, by the scrape
        self.assertEqual(0, self.scraped(exporter).value(LOST))
        exporter.hold()
        try:
            read_at_most = last_sequence()
            line = "<7>conntrack_exporter: a test fills the log " + "." * 800
            # The text alone fills it; the kernel keeps its headers apart.
            write_lines(*[line] * (2 * size // len(line)))
            oldest = next(sequences())
        finally:
            exporter.process.send_signal(signal.SIGCONT)
        self.assertGreater(oldest, read_at_most + 1, "the ring was not overwritten")
        lost = self.scraped(exporter).value(LOST)
        # Others may write at the same time: more than this was not overwritten before it was read.
        self.assertLessEqual(oldest - read_at_most - 1, lost)
        self.assertLessEqual(lost, next(sequences()) - read - 1)
        for _ in range(3):
            write_lines("<7>conntrack_exporter: a test goes on")
            self.assertEqual(lost, self.scraped(exporter).value(LOST))


class WithoutRights(LiveTest):
    """As an ordinary user: whether it may read the log is up to kernel.dmesg_restrict and the mode of the device."""

    def setUp(self):
        self.program = without_net_admin(binaries.exporter())
        self.user = self.program[:-1]
        open_it = subprocess.run([*self.user, "sh", "-c", f": < {KMSG}"], capture_output=True, check=False)
        self.readable = open_it.returncode == 0

    def test_it_is_left_out_quietly_where_it_cannot_be_read(self):
        exporter = self.start(program=self.program)
        for _ in range(3):
            scrape = exporter.scrape()
        about = [line for line in exporter.log().splitlines() if "kernel_log" in line and "remedy" in line]
        if self.readable:
            self.assert_success(scrape, kernel_log=1)
            self.assertEqual([], about)
            return
        self.assert_success(scrape, kernel_log=None)
        self.assertNotIn(LOST, scrape.names())
        self.assertEqual(1, len(about), exporter.log())
        self.assertIn("level=info", about[0])
        self.assertIn("/dev/kmsg", about[0])

    def test_check_names_it_with_the_remedy(self):
        done = self.namespace.run(*self.program, "check", check=False)
        state = "ok " if self.readable else "off"
        self.assertRegex(done.stdout, rf"(?m)^{state} +kernel_log ")

    def test_whoever_asks_for_it_sees_it_fail(self):
        scrape = self.start("--collector.kernel_log", program=self.program).scrape()
        self.assert_success(scrape, kernel_log=1 if self.readable else 0)
