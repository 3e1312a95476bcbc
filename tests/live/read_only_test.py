"""Whatever the exporter is asked for, no message but a question leaves it for the kernel's tables, and no BPF program of its
is attached to anything."""

import os
import re
import tempfile
import time

import binaries
from exporter_process import BPF, FRESH, NETLINK, Exporter
from lab import require_strace
from live import LiveTest

# (NFNL_SUBSYS_CTNETLINK = 1: GET, GET_STATS_CPU, GET_STATS; NFNL_SUBSYS_CTNETLINK_EXP = 2: GET, GET_STATS_CPU)
QUESTIONS = {(1, 1), (1, 4), (1, 5), (2, 1), (2, 3)}
CALLS = "sendto,sendmsg,sendmmsg,write,writev"
# `123 sendto(7<NETLINK:[NETFILTER:99]>, [{nlmsg_len=20, nlmsg_type=0x1<<8|0x4, ...`; with -X raw in numbers, not names
MESSAGE = re.compile(r"nlmsg_type=(0x[0-9a-f]+|0)<<8\|(0x[0-9a-f]+|0)")
# SOCK_DIAG_BY_FAMILY; the next number destroys sockets.
LIST_SOCKETS = re.compile(r"nlmsg_type=0x14\b")
# `123 bpf(BPF_PROG_LOAD, {...`
BPF_COMMAND = re.compile(r"\bbpf\(([A-Z_]+|0x[0-9a-f]+)")
# What loads programs and runs them. Whatever attaches one is not among it, nor what opens a map or a program that is the work
# of somebody else: BPF_MAP_UPDATE_ELEM can only be of maps that the process has made.
LOADING = {
    "BPF_BTF_LOAD",
    "BPF_MAP_CREATE",
    "BPF_MAP_FREEZE",
    "BPF_MAP_UPDATE_ELEM",
    "BPF_PROG_BIND_MAP",
    "BPF_PROG_LOAD",
}
LOADING_MODULE_TYPES = {"BPF_BTF_GET_NEXT_ID", "BPF_BTF_GET_FD_BY_ID", "BPF_OBJ_GET_INFO_BY_FD"}
RUNNING = {"BPF_PROG_TEST_RUN", "BPF_PROG_RUN"}  # one command, by its names
PROGRAM_TYPE = re.compile(r"prog_type=([A-Z_]+)")
# The first is what libbpf tries out what the kernel can with; it is never run.
PROGRAM_TYPES = {"BPF_PROG_TYPE_SOCKET_FILTER", "BPF_PROG_TYPE_SYSCALL", "BPF_PROG_TYPE_SCHED_CLS"}
EXITED = re.compile(r"\+\+\+ (exited with|killed by) [^+]* \+\+\+\s*\Z")


class ReadOnly(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        require_strace(cls.namespace)
        cls.fill("--profile", "mixed", "--count", "1000")

    def traced(self, calls: str, *flags: str, raw: bool = False) -> list[str]:
        """These calls of the exporter, through several scrapes."""
        with tempfile.NamedTemporaryFile("r") as trace:
            # -D: the exporter, not strace, is our child, and gets our signals.
            numbers = ("-X", "raw") if raw else ()
            strace = ("strace", "-D", "-f", "-yy", *numbers, "-e", f"trace={calls}", "-o", trace.name)
            # LeakSanitizer cannot work under a tracer.
            environment = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
            program = (*strace, binaries.exporter())
            with Exporter(self.namespace, *FRESH, *flags, program=program, env=environment) as exporter:
                self.assert_success(exporter.scrape(), flows=1)
                self.namespace.run(binaries.conntrack_fill(), "--count=1", f"--first={self.next_flow()}")  # to hear of
                for path in ("/metrics", "/metrics?collect[]=flows", "/", "/metrics"):
                    exporter.get(path)
            return self.finished(trace).splitlines()

    @classmethod
    def next_flow(cls) -> int:
        cls.flow = getattr(cls, "flow", 5_000_000) + 1
        return cls.flow

    def finished(self, trace) -> str:
        """The whole trace, once strace has seen the exporter end."""
        text, end = "", time.monotonic() + 120
        while not EXITED.search(text) and time.monotonic() < end:
            time.sleep(0.05)
            trace.seek(0)
            text = trace.read()
        self.assertRegex(text, EXITED)
        return text

    def assert_only_questions(self, *flags: str) -> set[tuple[int, int]]:
        on = (f"--collector.{name}" for name in binaries.collectors())
        lines = self.traced(CALLS, *on, *flags, raw=True)
        sends = [line for line in lines if "NETFILTER" in line]
        self.assertEqual([], [line for line in sends if not MESSAGE.search(line)])  # each call was understood
        about_sockets = [line for line in lines if "SOCK_DIAG" in line and "nlmsg_len" in line]
        self.assertTrue(about_sockets)
        self.assertEqual([], [line for line in about_sockets if not LIST_SOCKETS.search(line)])
        asked = {kind for line in sends for kind in self.types(line)}
        self.assertLessEqual(asked, QUESTIONS)
        return asked

    def test_only_questions_are_sent(self):
        self.assertLessEqual({(1, 1), (2, 1)}, self.assert_only_questions(NETLINK))

    def test_only_questions_are_sent_with_bpf(self):
        self.require_bpf()
        self.assert_only_questions(BPF)

    def test_programs_are_loaded_and_run_and_attached_to_nothing(self):
        self.require_bpf()
        lines = self.traced("bpf,perf_event_open", "--collector.netns", BPF)
        self.assertEqual([], [line for line in lines if "perf_event_open" in line])
        called = [(match[1], line) for line in lines if (match := BPF_COMMAND.search(line))]
        commands = [command for command, _ in called]
        self.assertLessEqual(set(commands), LOADING | LOADING_MODULE_TYPES | RUNNING)
        self.assertIn("BPF_PROG_LOAD", commands)
        # All is loaded before the first run.
        first = next(i for i, command in enumerate(commands) if command in RUNNING)
        self.assertLessEqual(set(commands[first:]), RUNNING)
        self.assertGreater(len(commands[first:]), 4)
        types = {kind for command, line in called if command == "BPF_PROG_LOAD" for kind in PROGRAM_TYPE.findall(line)}
        self.assertLessEqual(types, PROGRAM_TYPES)

    def test_netlink_makes_no_use_of_bpf(self):
        lines = self.traced("bpf,perf_event_open", "--collector.netns", NETLINK)
        self.assertEqual([], [line for line in lines if "bpf(" in line or "perf_event_open" in line])

    @staticmethod
    def types(line: str) -> list[tuple[int, int]]:
        """Subsystem and type of each message in a call."""
        return [(int(part, 0), int(kind, 0)) for part, kind in MESSAGE.findall(line)]
