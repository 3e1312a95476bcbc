"""What clients are told that ask for too much or in a wrong way, as docs/limits.md has it: by curl where that can ask so."""

import socket

import binaries
from abuse import Attackers
from attack import Attack
from exporter_process import Exporter
from live import LiveTest


class Refusals(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.exporter = Exporter(cls.namespace)
        cls.addClassCleanup(cls.exporter.close)

    def curl(self, path: str, *flags: str) -> int:
        url = f"http://127.0.0.1:{self.exporter.port}{path}"
        done = self.namespace.run("curl", "--silent", "--output", "/dev/null", "--max-time", "30", "--path-as-is", "--globoff",
                                  "--write-out", "%{http_code}", *flags, url, check=False)  # fmt: skip
        return int(done.stdout)

    def connect(self) -> socket.socket:
        with self.namespace.entered():
            return self.enterContext(socket.create_connection((self.exporter.host, self.exporter.port), timeout=120))

    def raw(self, data: bytes, half_close: bool = False) -> bytes:
        """All that comes back until the end."""
        client = self.connect()
        client.sendall(data)
        if half_close:
            client.shutdown(socket.SHUT_WR)
        answer = b""
        while more := client.recv(65536):
            answer += more
        return answer

    def test_paths_that_lead_elsewhere_are_404(self):
        for path in ("/../../etc/passwd", "/metrics/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc/passwd",
                     "/metrics%00.html", "/%c0%ae%c0%ae/", "//metrics", "/metrics/", "/metrics;a", "/%"):  # fmt: skip
            with self.subTest(path):
                self.assertEqual(404, self.curl(path))

    def test_lists_of_collectors(self):
        many = "&".join(["collect[]=table"] * 200)
        self.assertEqual(200, self.curl(f"/metrics?{many}"))
        self.assertEqual(400, self.curl(f"/metrics?{many}&{many}"))
        self.assertEqual(400, self.curl("/metrics?" + "&".join(f"collect[]=x{n}" for n in range(200))))

    def test_more_headers_than_63_are_431(self):
        self.assertEqual(200, self.curl("/-/healthy", *(word for n in range(50) for word in ("-H", f"X-{n}: 1"))))
        self.assertEqual(431, self.curl("/-/healthy", *(word for n in range(70) for word in ("-H", f"X-{n}: 1"))))

    def test_a_head_above_16_kib_is_refused(self):
        self.assertEqual(200, self.curl("/-/healthy", "-H", "X: " + "a" * 15_000))
        self.assertIn(self.curl("/-/healthy", "-H", "X: " + "a" * 20_000), (0, 400), "the reset may overtake the answer")

    def test_a_body_is_not_waited_for(self):
        self.assertEqual(405, self.curl("/metrics", "--data", "a=b"))
        self.assertEqual(405, self.curl("/metrics", "--data", "a=b", "-H", "Expect: 100-continue"))
        self.assertIn(b" 405 ", self.raw(b"POST /metrics HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\n"))
        self.assertIn(b" 405 ", self.raw(b"POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"))

    def test_a_head_that_does_not_arrive_is_408(self):
        self.assertIn(b" 408 ", self.raw(b"GET /metrics HTTP/1.1\r\nX: "))
        self.assertEqual(b"", self.raw(b""), "nothing was asked")

    def test_whoever_closes_its_own_side_is_answered(self):
        answer = self.raw(b"GET /metrics HTTP/1.1\r\nConnection: close\r\n\r\n", half_close=True)
        self.assertIn(b"conntrack_entries", answer)
        self.assertIn(b" 400 ", self.raw(b"GET /met", half_close=True))
        self.assertEqual(b"", self.raw(b"", half_close=True))

    def test_whoever_is_slow_in_a_crowd_is_told_to_come_back(self):
        # From the same source: others keep their places in a crowd.
        with Attackers(self.exporter, Attack(connections=200, sources=0)) as attackers:
            attackers.wait_until_on()
            answer = self.raw(b"GET /metrics HTTP/1.1\r\nX: ")
        self.assertIn(b" 503 ", answer)
        self.assertIn(b"\r\nRetry-After: 1\r\n", answer)

    def test_a_probe_of_the_port_sees_it_open_in_a_flood(self):
        with Attackers(self.exporter, Attack(connections=2_000)) as attackers:
            attackers.wait_until_on()
            for _ in range(5):
                self.connect().close()

    def test_too_few_open_files_are_refused_at_the_start(self):
        done = self.namespace.run("prlimit", "--nofile=100:100", binaries.exporter(), "--web.listen-address=127.0.0.1:0", check=False)
        self.assertEqual(1, done.returncode, done.stderr)
        self.assertIn("198 open files, and RLIMIT_NOFILE is 100", done.stderr)

    def test_with_too_little_memory_for_its_threads_it_ends_and_says_so(self):
        if binaries.sanitized():
            self.skipTest("SKIPPED: a sanitizer takes terabytes of address space")
        reasons, started = [], 0
        for megabytes in range(60, 400, 10):
            program = ("prlimit", f"--as={megabytes << 20}", binaries.exporter())
            try:
                exporter = self.start("--no-sandbox", program=program)
            except AssertionError as error:  # it has ended
                reasons.append(str(error))
                self.assertRegex(reasons[-1], "cannot start the thread|requests to .* are not answered")
                continue
            started += 1
            self.assertEqual(200, exporter.get("/-/healthy").status, megabytes)
        # Another thread may have had the memory only for that moment; then it is not this limit that is found.
        self.assertIn("RLIMIT_AS is", "".join(reasons))
        self.assertGreater(started, 0)

    def test_the_soft_limit_of_open_files_is_raised(self):
        prlimit = ("prlimit", "--nofile=1024:4096", binaries.exporter())
        exporter = self.start("--web.max-requests=1000", program=prlimit)
        done = self.namespace.run("prlimit", "--noheadings", "--output=SOFT", "--nofile", f"--pid={exporter.process.pid}")
        self.assertEqual(1000 + 8 + 22 + 128, int(done.stdout))
