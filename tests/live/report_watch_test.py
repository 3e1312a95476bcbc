"""`conntrack_exporter report` on a terminal and in a pipe, once and watching."""

import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import binaries
import processes
from live import LiveTest
from report_command import HOLD

PATIENCE = 120  # seconds
HOME = b"\x1b[H"


class Terminal:
    """A pseudo terminal with a program on it."""

    def __init__(self, namespace, *flags: str, rows: int = 60, env: dict | None = None):
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, 120, 0, 0))
        words = [binaries.exporter(), "report", HOLD, *flags]
        environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"} | {"TERM": "xterm"}
        with namespace.entered():
            self.process = processes.start(words, stdin=slave, stdout=slave, stderr=slave, env=environment | (env or {}))
        os.close(slave)
        self.seen = b""

    def read_until(self, enough) -> bytes:
        """All that was written, once `enough(all)` holds."""
        end = time.monotonic() + PATIENCE
        while not enough(self.seen):
            if time.monotonic() > end:
                raise AssertionError(f"not within {PATIENCE} s: {self.seen!r}")
            if select.select([self._master], [], [], 0.1)[0] and not self._read():
                break
        return self.seen

    def _read(self) -> bool:
        try:
            part = os.read(self._master, 65536)
        except OSError:  # EIO: nobody has the other end any more
            part = b""
        self.seen += part
        return bool(part)

    def wait(self) -> int:
        self.read_until(lambda _: self.process.poll() is not None)
        while select.select([self._master], [], [], 0)[0] and self._read():
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        processes.end(self.process)
        os.close(self._master)


class OnATerminal(LiveTest):
    def terminal(self, *flags: str, **how) -> Terminal:
        terminal = Terminal(self.namespace, *flags, **how)
        self.addCleanup(terminal.close)
        return terminal

    def test_it_has_colours(self):
        terminal = self.terminal()
        self.assertEqual(0, terminal.wait())
        # Which finding is the first is up to the tables of the whole host.
        self.assertRegex(terminal.seen, rb"\x1b\[[0-9;]+m(OK|NOTICE|WARNING|CRITICAL)\x1b\[0m")
        self.assertNotIn(HOME, terminal.seen)

    def test_no_color_and_a_dumb_terminal_have_none(self):
        for env in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            with self.subTest(env=env):
                terminal = self.terminal(env=env)
                self.assertEqual(0, terminal.wait())
                self.assertIn(b"DIAGNOSIS", terminal.seen)
                self.assertNotIn(b"\x1b", terminal.seen)

    def test_watching_redraws_in_place_until_a_signal_and_ends_well(self):
        for stop in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(stop):
                terminal = self.terminal("--watch=1")
                terminal.read_until(lambda seen: seen.count(HOME) >= 3)
                terminal.process.send_signal(stop)
                self.assertEqual(0, terminal.wait())
                self.assertEqual(1, terminal.seen.count(b"\x1b[2J"), "the screen is cleared once, then written over")
                self.assertTrue(terminal.seen.endswith(b"\x1b[J\x1b[?7h"), "the last draw is whole, and lines wrap again")

    def test_watching_shows_what_changed_since_the_last_draw(self):
        self.fill("--profile=mixed", "--count=1000")
        terminal = self.terminal("--watch=1", "--collector.talkers.pairs")
        seen = terminal.read_until(lambda seen: seen.count(HOME) >= 2)
        _, first, second, *_ = seen.split(HOME)
        self.assertIn(b"PAIRS", first)
        self.assertNotIn(b"since the previous report", first)
        self.assertRegex(second, rb"change +0 since the previous report")

    def test_a_low_window_shows_the_diagnosis_and_says_that_there_is_more(self):
        terminal = self.terminal("--watch=1", rows=10)
        seen = terminal.read_until(lambda seen: seen.count(HOME) >= 2)
        first = seen.split(HOME)[1]
        self.assertIn(b"DIAGNOSIS", first)
        self.assertIn(b"more lines", first)
        self.assertLess(first.count(b"\n"), 10)


class InAPipe(LiveTest):
    def test_text_is_plain_and_fits(self):
        self.fill("--profile=mixed", "--count=5000")
        done = self.namespace.run(binaries.exporter(), "report", HOLD)
        self.assertNotIn("\x1b", done.stdout)
        self.assertEqual("", done.stderr)
        lines = done.stdout.splitlines()
        self.assertLessEqual(max(map(len, lines)), 96)
        self.assertLessEqual(len(lines), 60)
        for heading in ("DIAGNOSIS", "TABLE", "STATES", "PROTOCOLS", "PACKETS", "SOURCES", "DESTINATIONS", "SERVICES"):
            self.assertIn(heading, done.stdout)

    def test_watching_writes_a_line_of_json_for_each_reading(self):
        with self.namespace.entered():
            process = processes.start_for(
                self, [binaries.exporter(), "report", "--watch=1", "--format=json"], stdout=subprocess.PIPE, text=True
            )
        with process.stdout:
            first, second = (json.loads(process.stdout.readline()) for _ in range(2))
            process.send_signal(signal.SIGINT)
            self.assertEqual(0, process.wait(PATIENCE))
        self.assertGreaterEqual(second["loss"]["recently"]["seconds"], 1)
        self.assertLessEqual(first["time"], second["time"])
