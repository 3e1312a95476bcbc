"""Each signal in each phase of the exporter's life."""

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable

import binaries
import processes
from exporter_process import FRESH, NETLINK, Exporter
from faulty import PATIENCE, FaultTest, HungFile, Tree, netfilter, warm
from lab import require_strace, skip, with_etc
from live import STOPS_WITHIN

ENDING = (signal.SIGTERM, signal.SIGINT)
LATE = 10  # seconds, where there is one try: a busy machine may hold it up
HARMLESS = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE)
# What follows is the first process, as in a container.
CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
# A bcrypt hash that takes a second and more.
SLOW_USER = "basic_auth_users:\n  alice: $2b$14$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"


def child(process: subprocess.Popen) -> int:
    """The process ID of CONTAINER's first process; 0 if there is none."""
    return int((pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split() or [0])[0])


class SignalTest(FaultTest):
    """A phase, in which `begin` yields an exporter."""

    def send_to_child(self, process: subprocess.Popen, number: signal.Signals) -> None:
        pid = child(process)
        self.assertNotEqual(0, pid, "the exporter has ended")  # 0 would be our own process group
        os.kill(pid, number)

    def assert_ends(self, begin) -> None:
        """By each that ends it: in time, and with 0."""
        for number in ENDING:
            with self.subTest(number.name):
                times: list[float] = []
                while not times or min(times) > STOPS_WITHIN:  # a busy machine may hold up some
                    self.assertLess(len(times), 3, f"the fastest took {min(times, default=0)} s")
                    exporter = begin()
                    began = time.monotonic()
                    self.assertEqual(0, exporter.stop(number), exporter.log())
                    times.append(time.monotonic() - began)

    def assert_lives(self, exporter: Exporter) -> None:
        """Through each that is none of its business, and through being stopped for a while."""
        for number in HARMLESS:
            exporter.process.send_signal(number)
        self.hold(exporter)
        exporter.process.send_signal(signal.SIGCONT)
        self.assertEqual(200, exporter.get("/-/healthy").status, exporter.log())
        self.assertIsNone(exporter.process.poll())

    def hold(self, exporter: Exporter) -> None:
        exporter.hold()

    def ask(self, exporter: Exporter, path: str = "/metrics", **headers: str) -> None:
        """And do not wait for the answer."""
        connection = exporter.connect()
        self.addCleanup(connection.close)
        connection.request("GET", path, headers={"X-Prometheus-Scrape-Timeout-Seconds": str(PATIENCE), **headers})


class AtRest(SignalTest):
    def begin(self) -> Exporter:
        exporter = self.start()
        warm(exporter)
        return exporter

    def test_it_ends(self):
        self.assert_ends(self.begin)

    def test_it_lives(self):
        exporter = self.begin()
        before = warm(exporter)
        self.assert_lives(exporter)
        self.assert_answers(exporter)
        self.assert_nothing_left(exporter, before)


class LookingUp(SignalTest):
    """The name of a listen address, from a name server that does not answer."""

    def test_it_ends(self):
        with self.namespace.entered():
            silent = self.enterContext(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            silent.bind(("127.0.0.1", 53))
        silent.settimeout(PATIENCE)
        etc = {"resolv.conf": "nameserver 127.0.0.1\noptions timeout:30\n", "nsswitch.conf": "hosts: files dns\n"}
        for number in ENDING:
            with self.subTest(number.name):
                folder = self.enterContext(tempfile.TemporaryDirectory())
                process = self.popen(*CONTAINER, *with_etc(etc, folder, binaries.exporter(), "--web.listen-address=exporter.example:0"))
                silent.recv(512)
                self.send_to_child(process, number)
                self.assertEqual(0, process.wait(LATE))


class Starting(SignalTest):
    """Held in a step of the start: a file of the kernel does not answer."""

    STEPS = ("proc/sys/kernel/osrelease", "sys/devices/system/cpu/present", netfilter("count"))
    SERVES = ("--web.listen-address=127.0.0.1:0",)

    def begin(
        self, step: str, *before: str, flags: tuple[str, ...] = SERVES
    ) -> tuple[subprocess.Popen, tuple[HungFile, Callable[[], str]]]:
        tree = Tree(self)
        hung = tree.hang(step, opens=False)
        log = self.enterContext(processes.log_file())
        process = self.popen(*before, binaries.exporter(), *tree.flags, *flags, stderr=log)

        def text() -> str:
            log.seek(0)
            return log.read()

        self.eventually("it is held", lambda: self.is_held(child(process) if before else process.pid) or "listening" in text())
        return process, (hung, text)

    @staticmethod
    def is_held(pid: int) -> bool:
        """Whether a thread waits in open(2) for the writer of a FIFO."""
        with contextlib.suppress(FileNotFoundError):  # the process has ended
            return "wait_for_partner" in processes.of_threads(pid, "wchan")
        return False

    def test_it_ends(self):
        for step in self.STEPS:
            for number in ENDING:
                with self.subTest(step, number=number.name):
                    process, (_, text) = self.begin(step)
                    began = time.monotonic()
                    process.send_signal(number)
                    # Where it waits for signals already, or by the default.
                    self.assertIn(process.wait(PATIENCE), (0, -number), text())
                    self.assertLess(time.monotonic() - began, LATE)

    def test_it_ends_as_the_first_process_of_a_container(self):
        """The kernel drops signals of such a process whose action is the default."""
        for step in self.STEPS:
            for number in ENDING:
                with self.subTest(step, number=number.name):
                    process, (_, text) = self.begin(step, *CONTAINER)
                    self.send_to_child(process, number)
                    self.assertEqual(0, process.wait(LATE), text())

    def test_a_text_file_that_is_not_written_is_told(self):
        for number in ENDING:
            with self.subTest(number=number.name):
                process, (_, text) = self.begin(self.STEPS[0], *CONTAINER, flags=("--output.textfile=-",))
                self.send_to_child(process, number)
                self.assertEqual(1, process.wait(LATE), text())

    def test_it_goes_on_through_the_others(self):
        for step in self.STEPS:
            with self.subTest(step):
                process, (hung, text) = self.begin(step)
                for number in (*HARMLESS, signal.SIGSTOP, signal.SIGCONT):
                    process.send_signal(number)
                hung.release()
                self.eventually("it listens", lambda: 'msg="listening"' in text() or process.poll() is not None)
                self.assertIsNone(process.poll(), text())
                process.terminate()
                self.assertEqual(0, process.wait(PATIENCE), text())

    def test_at_any_moment(self):
        """Before it has begun to wait for signals, the default applies."""
        for milliseconds in range(0, 60, 4):
            for number in ENDING:
                with self.subTest(number.name, milliseconds=milliseconds):
                    with processes.log_file() as log:
                        process = self.popen(binaries.exporter(), "--web.listen-address=127.0.0.1:0", stderr=log)
                        time.sleep(milliseconds / 1000)
                        began = time.monotonic()
                        process.send_signal(number)
                        self.assertIn(process.wait(PATIENCE), (0, -number))
                        self.assertLess(time.monotonic() - began, LATE)


class Walking(SignalTest):
    """In a walk of the table that strace makes slow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if binaries.sanitized():
            skip("a sanitizer cannot work under strace")
        require_strace(cls.namespace)
        cls.fill("--profile", "mixed", "--count", "3000")

    def begin(self) -> Exporter:
        trace = self.enterContext(tempfile.NamedTemporaryFile("r"))
        # -D: the exporter, not strace, is our child, and gets our signals.
        strace = ("strace", "-D", "-f", "-o", trace.name, "-e", "trace=recvmsg,recvfrom",
                  "-e", "inject=recvmsg,recvfrom:delay_enter=100000")  # fmt: skip
        exporter = self.start(NETLINK, *FRESH, program=(*strace, binaries.exporter()))
        self.ask(exporter)
        self.eventually("it walks", lambda: "IPCTNL_MSG_CT_NEW" in pathlib.Path(trace.name).read_text(encoding="utf-8"))
        return exporter

    def hold(self, exporter: Exporter) -> None:
        """What is traced is stopped all the time."""
        exporter.process.send_signal(signal.SIGSTOP)

    def test_it_ends(self):
        self.assert_ends(self.begin)

    def test_it_lives(self):
        exporter = self.begin()
        self.assert_lives(exporter)
        scrape = exporter.scrape_sampled()
        self.assertEqual(3000, scrape.total("conntrack_flows"))


class Scraping(SignalTest):
    def begin(self) -> Exporter:
        exporter = self.start(*FRESH, "--collector.talkers", "--collector.netns")
        for path in ("/metrics", "/", "/metrics?collect[]=netns", "/metrics"):
            self.ask(exporter, path)
        return exporter

    def test_it_ends(self):
        self.assert_ends(self.begin)

    def test_it_lives(self):
        exporter = self.begin()
        before = warm(exporter)
        self.assert_lives(exporter)
        self.assert_answers(exporter)
        self.assert_nothing_left(exporter, before)


class Hung(SignalTest):
    def begin(self) -> Exporter:
        tree = Tree(self)
        exporter = self.start_on(tree, NETLINK)
        for name in ("proc/meminfo", netfilter("count"), netfilter("acct")):
            self.hung = tree.hang(name)
        self.ask(exporter)
        self.ask(exporter, "/")
        self.eventually("it is read", lambda: self.hung.readers(exporter))
        return exporter

    def test_it_ends(self):
        self.assert_ends(self.begin)

    def test_it_lives(self):
        self.assert_lives(self.begin())


class CheckingPasswords(SignalTest):
    def begin(self) -> Exporter:
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "web.yml").write_text(SLOW_USER, encoding="ascii")
        exporter = self.start(f"--web.config.file={folder}/web.yml")
        for number in range(8):
            # alice:0, alice:1, ...
            header = subprocess.run(["base64"], input=f"alice:{number}", capture_output=True, text=True, check=True).stdout
            self.ask(exporter, Authorization=f"Basic {header.strip()}")
        return exporter

    def test_it_ends(self):
        self.assert_ends(self.begin)


class Stopping(SignalTest):
    """While it stops already, with readings that hang."""

    def test_a_second_one_changes_nothing(self):
        for number in (*ENDING, *HARMLESS):
            with self.subTest(number.name):
                tree = Tree(self)
                exporter = self.start_on(tree, NETLINK)
                hung = tree.hang(netfilter("acct"))
                self.ask(exporter)
                self.eventually("it is read", lambda: hung.readers(exporter))  # pylint: disable=cell-var-from-loop
                began = time.monotonic()
                exporter.process.send_signal(signal.SIGTERM)
                while exporter.process.poll() is None and time.monotonic() - began < STOPS_WITHIN:
                    exporter.process.send_signal(number)
                    time.sleep(0.01)
                self.assertEqual(0, exporter.process.wait(PATIENCE), exporter.log())

    def test_stopped_and_continued_meanwhile(self):
        exporter = self.start()
        exporter.hold()
        exporter.process.send_signal(signal.SIGTERM)
        exporter.process.send_signal(signal.SIGCONT)
        began = time.monotonic()
        self.assertEqual(0, exporter.process.wait(PATIENCE))
        self.assertLess(time.monotonic() - began, LATE)
