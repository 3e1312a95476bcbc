"""Limits of a process that are below what the exporter needs: when it starts, and while it runs."""

import itertools
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

import binaries
import processes
from exporter_process import Exporter
from exposition import Exposition
from faulty import AT_REST, PATIENCE, Cgroup, FaultTest, UnseenExporter, warm
from lab import skip

PORT = 10318  # in a network namespace of its own


class LimitTest(FaultTest):
    def starts_or_says_why(self, limit: str, *words: str, codes: tuple[int, ...] = (1,)) -> bool:
        """Starts the exporter. Whether it serves; where it does not, it has ended with such a code and named the limit."""
        with processes.log_file() as log:
            process = self.popen(*words, f"--web.listen-address=127.0.0.1:{PORT}", stderr=log, stdout=subprocess.DEVNULL)

            def text() -> str:
                log.seek(0)
                return log.read()

            try:
                self.eventually("it listens or ends", lambda: process.poll() is not None or 'msg="listening"' in text())
                if process.poll() is None:
                    self.assertEqual(200, self.status("/metrics?collect[]=table"), text())
                    self.assertEqual(200, self.status("/-/healthy"), text())
                    process.terminate()
                    self.assertEqual(0, process.wait(PATIENCE), text())
                    return True
            finally:
                processes.end(process)
            if process.returncode == 127 and "error while loading shared libraries" in text():
                return False  # not even the dynamic linker had enough
            self.assertIn(process.returncode, codes, text())
            self.assertIn(limit, text())
            self.assertNotIn('msg="listening"', text())
            return False

    def status(self, path: str) -> int:
        """Of a request to the fixed port; 0 where there is no answer."""
        done = self.run_to_end("curl", "--silent", "--globoff", "--output", "/dev/null", "--max-time", "30",
                               "--write-out", "%{http_code}", f"http://127.0.0.1:{PORT}{path}")  # fmt: skip
        return int(done.stdout)

    def assert_both(self, served: dict) -> None:
        """A range of limits that has the edge in it, and above the edge all are enough."""
        self.assertFalse(served[min(served)], served)
        self.assertTrue(served[max(served)], served)
        self.assertEqual(sorted(served.values()), [served[key] for key in sorted(served)], served)

    def burst(self, exporter: Exporter, count: int) -> list[int]:
        """The statuses of so many scrapes at once; 0 where the connection ended without an answer."""
        statuses = []

        def one() -> None:
            try:
                statuses.append(exporter.get_patiently().status)
            except OSError:
                statuses.append(0)
            except Exception:  # pylint: disable=broad-exception-caught
                statuses.append(0)  # half an answer

        clients = [threading.Thread(target=one) for _ in range(count)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        return statuses


    def wait_until_well(self, exporter: Exporter) -> None:
        def well() -> bool:
            answer = exporter.get_patiently()
            return answer.status == 200 and not self.failing(Exposition(answer.text))

        self.eventually("all collectors succeed", well)


class Threads(LimitTest):
    def test_few_at_rest_and_after_a_burst(self):
        exporter = self.start()
        before = warm(exporter)
        self.assertLessEqual(len(exporter.threads()), AT_REST)
        clients = [exporter.connect() for _ in range(30)]
        with self.namespace.entered():
            for client in clients:
                client.connect()
        self.eventually("a thread for each connection", lambda: len(exporter.threads()) > AT_REST)
        for client in clients:
            client.close()
        self.eventually("the additional ones end", lambda: len(exporter.threads()) <= AT_REST)
        self.assert_nothing_left(exporter, before)


class Tasks(LimitTest):
    def test_a_control_group_with_few(self):
        group = Cgroup(self, "pids")
        served = {}
        for limit in (1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 20, 24):
            with self.subTest(limit):
                group.limit(limit)
                served[limit] = self.starts_or_says_why("pids.max", *group.inside(binaries.exporter()))
        self.assert_both(served)

    def test_another_user_with_few_processes(self):
        user = str(2_000_000_000 + os.stat("/proc/self/ns/pid").st_ino % 100_000_000)  # who has none yet
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)
        shutil.copy(binaries.exporter(), folder / "conntrack_exporter")
        as_user = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
        served = {}
        for limit in (1, 2, 3, 4, 6, 8, 12, 16, 24):
            with self.subTest(limit):
                words = (*as_user, "prlimit", f"--nproc={limit}", f"{folder}/conntrack_exporter")
                served[limit] = self.starts_or_says_why("RLIMIT_NPROC", *words)
        self.assert_both(served)

    def test_no_more_once_it_serves(self):
        for flags in ((), ("--collector.flows.threads=4",), ("--collector.events", "--collector.netns")):
            with self.subTest(flags):
                group = Cgroup(self, "pids")
                exporter = self.start(*flags, program=group.inside(binaries.exporter()))
                group.limit(len(exporter.threads()))
                for _ in range(2):
                    self.assertEqual(200, exporter.get_patiently().status, exporter.log())
                    self.assert_status_page(exporter)
                self.assertNotIn(0, self.burst(exporter, 20))
                slow = [exporter.connect() for _ in range(10)]
                for client in slow:
                    client.sock.sendall(b"GET /metr")
                self.eventually("it is said", lambda: self.lines(exporter, "pids.max"))  # pylint: disable=cell-var-from-loop
                for client in slow:
                    client.close()
                self.assert_said_once(exporter, "cannot start the thread web", "pids.max")
                group.limit("max")
                self.wait_until_well(exporter)
                self.assert_answers(exporter)


class AddressSpace(LimitTest):
    def setUp(self):
        if binaries.sanitized():
            skip("a sanitizer needs terabytes of address space")

    def test_too_little_to_start(self):
        served = {}
        for megabytes in (16, 32, 48, 64, 96, 128, 192, 256, 512, 1024):
            with self.subTest(megabytes):
                words = ("prlimit", f"--as={megabytes << 20}", binaries.exporter())
                served[megabytes] = self.starts_or_says_why("RLIMIT_AS", *words)
        self.assert_both(served)

    def test_no_more_once_it_serves(self):
        exporter = self.start("--collector.talkers", "--collector.events")
        before = warm(exporter)
        used = int(pathlib.Path(f"/proc/{exporter.process.pid}/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        for more in (8 << 20, 1 << 20, 64 << 10, 0):
            with self.subTest(more):
                resource.prlimit(exporter.process.pid, resource.RLIMIT_AS, (used + more, resource.RLIM_INFINITY))
                self.burst(exporter, 40)
                self.assertIsNone(exporter.process.poll(), exporter.log())
        resource.prlimit(exporter.process.pid, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self.wait_until_well(exporter)
        self.assert_answers(exporter)
        self.assert_nothing_left(exporter, before)


class Memory(LimitTest):
    def setUp(self):
        if binaries.sanitized():
            skip("a sanitizer needs memory of its own")

    def test_a_control_group_with_64_megabytes_is_enough_for_a_burst(self):
        group = Cgroup(self, "memory", 64 << 20)
        exporter = self.start("--collector.talkers", "--collector.events", program=group.inside(binaries.exporter()))
        before = warm(exporter)
        for _ in range(3):
            self.assertEqual([200] * 30, self.burst(exporter, 30), exporter.log())
        self.assert_answers(exporter)
        self.assert_nothing_left(exporter, before)

    def test_one_with_too_little_ends_it_by_the_kernel(self):
        group = Cgroup(self, "memory", 1 << 20)
        log = self.enterContext(processes.log_file())
        process = self.popen(*group.inside(binaries.exporter()), f"--web.listen-address=127.0.0.1:{PORT}", stderr=log)
        self.assertEqual(-signal.SIGKILL, process.wait(PATIENCE))


class Descriptors(LimitTest):
    def test_too_few_to_start(self):
        served = {}
        few = () if binaries.sanitized() else (3, 4, 5, 6, 8, 10)  # a sanitizer opens files itself, to know what it sees
        for limit in (*few, 16, 32, 64, 128, 256, 512):
            with self.subTest(limit):
                words = ("prlimit", f"--nofile={limit}", binaries.exporter())
                served[limit] = self.starts_or_says_why("open files", *words)
        self.assert_both(served)

    def test_no_more_once_it_serves(self):
        exporter = self.start("--collector.events", "--collector.netns")
        before = warm(exporter)
        for more in (4, 1, 0):
            with self.subTest(more):
                limit = before.descriptors + more
                resource.prlimit(exporter.process.pid, resource.RLIMIT_NOFILE, (limit, 4096))
                clients = []
                for _ in range(40):  # they wait in vain, or are told
                    with self.namespace.entered():
                        clients.append(socket.create_connection((exporter.host, exporter.port), timeout=PATIENCE))
                    clients[-1].sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                for client in clients:
                    client.close()
                self.assertIsNone(exporter.process.poll(), exporter.log())
                resource.prlimit(exporter.process.pid, resource.RLIMIT_NOFILE, (4096, 4096))
                self.wait_until_well(exporter)
        self.assert_answers(exporter)
        self.assert_nothing_left(exporter, before)


class ClosedDescriptors(LimitTest):
    """Of 0, 1 and 2: what is opened next would take their numbers."""

    def closing(self, numbers: tuple[int, ...], *words: str) -> tuple[str, ...]:
        redirections = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in numbers)
        return ("sh", "-c", f'exec "$@" {redirections}', "sh", *words)

    def test_it_serves_and_stops(self):
        for count in (1, 2, 3):
            for numbers in itertools.combinations((0, 1, 2), count):
                with self.subTest(numbers):
                    program = self.closing(numbers, binaries.exporter())
                    with UnseenExporter(self.namespace, program=program) as exporter:
                        for number in numbers:
                            self.assertEqual("/dev/null", os.readlink(f"/proc/{exporter.process.pid}/fd/{number}"))
                        before = warm(exporter)
                        self.assert_answers(exporter)
                        self.assert_nothing_left(exporter, before)
                        self.assert_stops(exporter)

    def test_commands_work(self):
        cases = list(itertools.product(("check", "report", "advise"), ((0,), (2,), (0, 2))))
        commands = [self.closing(numbers, binaries.exporter(), command) for command, numbers in cases]
        for case, done in zip(cases, self.run_all(commands), strict=True):
            with self.subTest(case):
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn(b"onn", done.stdout)
