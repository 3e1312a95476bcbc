"""Whatever the exporter is asked for, no message but a question leaves it for the kernel's tables."""

import os
import re
import tempfile
import time

import binaries
from exporter_process import FRESH, Exporter
from lab import skip
from live import LiveTest

# (NFNL_SUBSYS_CTNETLINK = 1: GET, GET_STATS_CPU, GET_STATS; NFNL_SUBSYS_CTNETLINK_EXP = 2: GET, GET_STATS_CPU)
QUESTIONS = {(1, 1), (1, 4), (1, 5), (2, 1), (2, 3)}
CALLS = "sendto,sendmsg,sendmmsg,write,writev"
# `123 sendto(7<NETLINK:[NETFILTER:99]>, [{nlmsg_len=20, nlmsg_type=0x1<<8|0x4, ...`; with -X raw in numbers, not names
MESSAGE = re.compile(r"nlmsg_type=(0x[0-9a-f]+|0)<<8\|(0x[0-9a-f]+|0)")
EXITED = re.compile(r"\+\+\+ (exited with|killed by) [^+]* \+\+\+\s*\Z")


class ReadOnly(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        probe = cls.namespace.run("strace", "-o", "/dev/null", "true", check=False)
        if probe.returncode != 0:
            skip(f"strace cannot be used here: {probe.stderr.strip()}")
        cls.fill("--profile", "mixed", "--count", "1000")

    def traced_sends(self) -> list[str]:
        """Every call of the exporter, through several scrapes, that sent something to NETLINK_NETFILTER."""
        with tempfile.NamedTemporaryFile("r") as trace:
            # -D: the exporter, not strace, is our child, and gets our signals.
            strace = ("strace", "-D", "-f", "-yy", "-X", "raw", "-e", f"trace={CALLS}", "-o", trace.name)
            # LeakSanitizer cannot work under a tracer.
            environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
            program = (*strace, binaries.exporter())
            with Exporter(self.namespace, *FRESH, "--collector.events", program=program, env=environment) as exporter:
                self.assert_success(exporter.scrape(), flows=1, events=1)
                self.fill("--count", "1", "--first", "5000000")  # something for the listener to hear of
                for path in ("/metrics", "/metrics?collect[]=flows", "/", "/metrics"):
                    exporter.get(path)
            return [line for line in self.finished(trace).splitlines() if "NETFILTER" in line]

    def finished(self, trace) -> str:
        """The whole trace, once strace has seen the exporter end."""
        text, end = "", time.monotonic() + 30
        while not EXITED.search(text) and time.monotonic() < end:
            time.sleep(0.05)
            trace.seek(0)
            text = trace.read()
        self.assertRegex(text, EXITED)
        return text

    def test_only_questions_are_sent(self):
        sends = self.traced_sends()
        self.assertEqual([], [line for line in sends if not MESSAGE.search(line)])  # each call was understood
        asked = {kind for line in sends for kind in self.types(line)}
        self.assertIn((1, 1), asked)
        self.assertLessEqual(asked, QUESTIONS)

    @staticmethod
    def types(line: str) -> list[tuple[int, int]]:
        """Subsystem and type of each message in a call."""
        return [(int(part, 0), int(kind, 0)) for part, kind in MESSAGE.findall(line)]
