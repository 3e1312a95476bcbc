"""What is written cannot be written: a full disk, /dev/full, a reader who has gone, a pipe that nobody reads."""

import contextlib
import fcntl
import os
import pathlib
import signal
import subprocess
import tempfile

import binaries
from faulty import FaultTest, Tree, UnseenExporter, netfilter, warm

COMMANDS = (("check",), ("report",), ("report", "--format=json"), ("advise",), ("advise", "--format=json"),
            ("--output.textfile=-",), ("--help",), ("--version",))  # fmt: skip


class FullDisk(FaultTest):
    """`textfile_test` has more of the text file."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.namespace.run("mount", "-t", "tmpfs", "-o", "size=64k", "none", str(self.folder))
        self.addCleanup(self.namespace.run, "umount", str(self.folder))

    def fill_up(self, room: int) -> None:
        """Leaves so many bytes, in whole pages."""
        with open(self.folder / "filler", "wb", buffering=0) as filler, contextlib.suppress(OSError):
            while True:
                filler.write(b"x" * 4096)
        os.truncate(self.folder / "filler", os.stat(self.folder / "filler").st_size - room)

    def refused(self, *flags: str) -> None:
        before = sorted(self.folder.rglob("*"))
        done = self.run_to_end(binaries.exporter(), *flags)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("No space left on device", done.stderr)
        self.assertIn(str(self.folder), done.stderr)
        self.assertEqual(before, sorted(self.folder.rglob("*")))  # no half of a file

    def test_textfile(self):
        for room in (0, 8192):
            with self.subTest(room):
                self.fill_up(room)
                self.refused(f"--output.textfile={self.folder}/conntrack.prom")

    def test_advise(self):
        (self.folder / "advice").mkdir()
        self.fill_up(0)
        self.refused("advise", f"--output-dir={self.folder}/advice")


class DevFull(FaultTest):
    def run_into_it(self, **how) -> list[tuple[tuple[str, ...], subprocess.CompletedProcess]]:
        with open("/dev/full", "wb") as full:
            how = {name: full if wanted == "full" else wanted for name, wanted in how.items()}
            return list(zip(COMMANDS, self.run_all([(binaries.exporter(), *words) for words in COMMANDS], **how), strict=True))

    def test_commands_end_with_1_and_say_so(self):
        for words, done in self.run_into_it(stdout="full"):
            with self.subTest(words):
                self.assertEqual(1, done.returncode, done.stderr)
                self.assertIn(b"No space left on device", done.stderr)

    def test_commands_that_cannot_even_say_so_end_with_1(self):
        for words, done in self.run_into_it(stdout="full", stderr="full"):
            with self.subTest(words):
                self.assertEqual(1, done.returncode)


class Log(FaultTest):
    """Standard error of a server, of which nothing is to depend."""

    def start_into(self, target: str) -> UnseenExporter:
        program = ("sh", "-c", f'exec "$@" 2{target}', "sh", binaries.exporter())
        self.tree = Tree(self)
        exporter = UnseenExporter(self.namespace, *self.tree.flags, "--log.level=debug", program=program)
        self.addCleanup(exporter.close)
        return exporter

    def assert_serves_and_stops(self, exporter: UnseenExporter) -> None:
        before = warm(exporter)
        for content in (b"nonsense", b"1"):  # each is a change, and a line
            self.tree.write(netfilter("acct"), content)
            self.eventually("the collector sees it", lambda: self.succeeds(exporter) == (content == b"1"))
            self.assert_status_page(exporter)
            self.assertEqual(200, exporter.get("/-/healthy").status)
        self.assert_nothing_left(exporter, before)
        self.assert_stops(exporter)

    @staticmethod
    def succeeds(exporter: UnseenExporter) -> bool:
        return "acct" in exporter.scrape().by("conntrack_setting", "name")

    def pipe(self) -> tuple[pathlib.Path, int]:
        """One with a name, and a descriptor that reads and writes it and does not wait."""
        path = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory())) / "pipe"
        os.mkfifo(path)
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 4096)
        return path, descriptor

    @staticmethod
    def fill_up(descriptor: int) -> None:
        for size in (4096, 1):
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(descriptor, b"x" * size)

    def test_a_full_disk_does_not_keep_it_from_serving(self):
        self.assert_serves_and_stops(self.start_into(">/dev/full"))

    def test_a_reader_who_has_gone_is_no_end(self):
        path, descriptor = self.pipe()
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
        exporter = self.start_into(f">{path}")
        os.close(descriptor)
        self.assert_serves_and_stops(exporter)

    def test_a_pipe_that_nobody_reads_holds_up_nothing(self):
        path, descriptor = self.pipe()
        self.addCleanup(os.close, descriptor)
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, 1 << 20)
        exporter = self.start_into(f">{path}")
        self.fill_up(descriptor)
        self.assert_serves_and_stops(exporter)

    def test_nor_one_that_is_full_from_the_start(self):
        path, descriptor = self.pipe()
        self.addCleanup(os.close, descriptor)
        self.fill_up(descriptor)
        self.assert_serves_and_stops(self.start_into(f">{path}"))


class Pipes(FaultTest):
    def test_a_reader_who_has_gone_ends_a_command(self):
        read, write = os.pipe()
        os.close(read)
        self.addCleanup(os.close, write)
        all_done = self.run_all([(binaries.exporter(), *words) for words in COMMANDS], stdout=write)
        for words, done in zip(COMMANDS, all_done, strict=True):
            with self.subTest(words):
                self.assertIn(done.returncode, (1, -signal.SIGPIPE), done.stderr)
