"""Where standard output cannot be written: a full disk is an error, a reader that has gone is none worth a word."""

import os
import signal
import subprocess

import binaries
from live import LiveTest

COMMANDS = (
    ("--version",),
    ("--help",),
    ("report",),
    ("report", "--format=json"),
    ("report", "--watch=1"),
    ("check",),
    ("advise",),
    ("advise", "--format=json"),
    ("advise", "--format=nft-notrack"),
    ("--output.textfile=-", "--log.level=error"),
)
FULL = "conntrack_exporter: writing to standard output: No space left on device\n"


class StandardOutput(LiveTest):
    def run_into(self, words: tuple[str, ...], output: int, **how) -> subprocess.CompletedProcess:
        with self.namespace.entered():
            return subprocess.run([binaries.exporter(), *words], stdout=output, stderr=subprocess.PIPE, text=True,
                                  check=False, timeout=300, **how)  # fmt: skip

    def test_a_full_disk_is_an_error_of_every_command(self):
        full = os.open("/dev/full", os.O_WRONLY | os.O_CLOEXEC)
        self.addCleanup(os.close, full)
        for words in COMMANDS:
            with self.subTest(words):
                done = self.run_into(words, full)
                self.assertEqual((1, FULL), (done.returncode, done.stderr))

    def test_a_reader_that_has_gone_ends_us_without_a_word(self):
        """By SIGPIPE, as other programs; with exit code 1 where it is ignored: by a service manager, or by ourselves
        where a server or a file is asked for."""
        reader, writer = os.pipe2(os.O_CLOEXEC)
        os.close(reader)
        self.addCleanup(os.close, writer)
        for ignored, code in ((False, -signal.SIGPIPE), (True, 1)):
            for words in COMMANDS:
                expected = 1 if any("textfile" in word for word in words) else code
                with self.subTest(words, ignored=ignored):
                    done = self.run_into(words, writer, restore_signals=not ignored)  # Python ignores it
                    self.assertEqual((expected, ""), (done.returncode, done.stderr))

    def test_a_reader_that_takes_one_line_gets_it(self):
        with self.namespace.entered():
            words = ("sh", "-c", '"$0" report | head -n 1', binaries.exporter())
            done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertRegex(done.stdout, "^Connection tracking on .*\n$")
