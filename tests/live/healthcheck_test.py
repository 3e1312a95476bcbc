"""`conntrack_exporter healthcheck` against the running exporter, and against whatever else may listen in its place."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import threading
import time

import binaries
from lab import with_etc
from live import LiveTest

PATIENCE = 60  # seconds beyond --timeout: it ends although nobody answers


class Healthcheck(LiveTest):
    def ask(self, *flags: str) -> subprocess.CompletedProcess:
        return self.namespace.run(binaries.exporter(), "healthcheck", *flags, check=False)

    def assert_unhealthy(self, done: subprocess.CompletedProcess, reason: str) -> None:
        self.assertEqual((1, ""), (done.returncode, done.stdout), done.stderr)
        self.assertIn(reason, done.stderr)
        self.assertIn("remedy: ", done.stderr)

    @contextlib.contextmanager
    def server(self, answer: bytes | None, host: str = "127.0.0.1"):
        """Answers all who connect with these bytes, or with silence. Yields host and port as a URL has them."""
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with self.namespace.entered():
            listener = socket.create_server((host, 0), family=family)

        def serve():
            with contextlib.suppress(OSError):  # shut down: the test is over
                while True:
                    client, _ = listener.accept()
                    with client, contextlib.suppress(OSError):
                        client.recv(4096)
                        client.sendall(answer)

        thread = threading.Thread(target=serve)
        if answer is not None:
            thread.start()
        try:
            yield f"{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            if answer is not None:
                thread.join()
            listener.close()

    def test_the_running_exporter_is_healthy(self):
        exporter = self.start()
        for flags in (
            (f"--url=http://127.0.0.1:{exporter.port}",),
            (f"--url=http://localhost:{exporter.port}/-/ready",),
            (f"--web.listen-address=:{exporter.port}",),
            (f"--web.listen-address=127.0.0.1:{exporter.port}", "--web.listen-address=:1"),
        ):
            done = self.ask(*flags)
            self.assertEqual((0, ""), (done.returncode, done.stderr), flags)
            self.assertIn("healthy", done.stdout)

    def test_it_costs_the_exporter_nothing_but_a_request(self):
        # Without stat, which the status page reads by itself now and then.
        exporter = self.start("--log.level=debug", "--collector.disable-defaults", "--collector.table")
        before = exporter.log()
        self.assertEqual(0, self.ask(f"--url=http://127.0.0.1:{exporter.port}").returncode)
        self.assertEqual(before, exporter.log())

    def test_a_path_that_is_none_is_unhealthy(self):
        self.assert_unhealthy(self.ask(f"--url=http://127.0.0.1:{self.start().port}/nowhere"), "answered 404")

    def test_a_closed_port_is_unhealthy(self):
        exporter = self.start()
        exporter.stop()
        self.assert_unhealthy(self.ask(f"--url=http://127.0.0.1:{exporter.port}"), "Connection refused")

    def test_an_exporter_that_is_stopped_is_unhealthy(self):
        exporter = self.start()
        exporter.process.send_signal(signal.SIGSTOP)  # the kernel still takes the connection
        self.addCleanup(exporter.process.send_signal, signal.SIGCONT)
        before = time.monotonic()
        self.assert_unhealthy(self.ask(f"--url=http://127.0.0.1:{exporter.port}", "--timeout=0.5"), "in time")
        self.assertLess(time.monotonic() - before, PATIENCE)

    def test_silence_is_unhealthy(self):
        with self.server(None) as address:
            self.assert_unhealthy(self.ask(f"--url=http://{address}", "--timeout=0.5"), "in time")

    def test_500_is_unhealthy(self):
        with self.server(b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n") as address:
            self.assert_unhealthy(self.ask(f"--url=http://{address}"), "answered 500")

    def test_what_is_no_http_is_unhealthy(self):
        for garbage in (b"SSH-2.0-OpenSSH_9.2p1\r\n", b"\x15\x03\x01\x00\x02\x02\x46", b"\0" * 9000, b"HTTP/1.1\r\n"):
            with self.subTest(garbage[:20]), self.server(garbage) as address:
                self.assert_unhealthy(self.ask(f"--url=http://{address}"), "not HTTP")

    def test_ipv6_is_asked_too(self):
        with self.server(b"HTTP/1.1 200 OK\r\n\r\n", host="::1") as address:
            port = address.rsplit(":", 1)[1]
            for flag in (f"--url=http://{address}", f"--web.listen-address=[::]:{port}"):
                self.assertEqual(0, self.ask(flag).returncode, flag)

    def test_what_is_no_tls_is_unhealthy(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n\r\n", b""):
            with self.subTest(answer), self.server(answer) as address:
                self.assert_unhealthy(self.ask(f"--url=https://{address}"), "shaking hands")
        with self.server(None) as address:
            self.assert_unhealthy(self.ask(f"--url=https://{address}", "--timeout=0.5"), "in time")

    def ask_with_etc(self, files: dict[str, str], *flags: str) -> subprocess.CompletedProcess:
        """Like ask(), with these files in /etc: mounts of its own for the one command."""
        with tempfile.TemporaryDirectory() as folder:
            return self.namespace.run(*with_etc(files, folder, binaries.exporter(), "healthcheck", *flags), check=False)

    def test_a_name_with_several_addresses_is_asked_at_each(self):
        hosts = {"hosts": "::1 both.example\n127.0.0.1 both.example\n", "nsswitch.conf": "hosts: files\n"}
        for host in ("127.0.0.1", "::1"):
            with self.server(b"HTTP/1.1 200 OK\r\n\r\n", host) as address:
                port = address.rsplit(":", 1)[1]
                done = self.ask_with_etc(hosts, f"--url=http://both.example:{port}")
                self.assertEqual((0, ""), (done.returncode, done.stderr))

    def test_a_name_server_that_stays_silent_does_not_hold_it_up(self):
        with self.namespace.entered():
            silent = self.enterContext(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            silent.bind(("127.0.0.1", 53))
        etc = {"resolv.conf": "nameserver 127.0.0.1\n", "nsswitch.conf": "hosts: files dns\n"}
        before = time.monotonic()
        done = self.ask_with_etc(etc, "--url=http://exporter.example/", "--timeout=0.5")
        self.assert_unhealthy(done, "looking up exporter.example: no answer in time")
        self.assertLess(time.monotonic() - before, PATIENCE)
        self.assertTrue(silent.recv(512, socket.MSG_DONTWAIT))  # it was asked

    def test_a_wrong_command_line_is_two(self):
        for flags in (
            ("--url=ftp://localhost",),
            ("--url=localhost:10318",),
            ("--web.listen-address=127.0.0.1:0",),
            ("--timeout=soon",),
            ("--uri=http://localhost",),
        ):
            done = self.ask(*flags)
            self.assertEqual((2, ""), (done.returncode, done.stdout), flags)
            self.assertTrue(done.stderr)
