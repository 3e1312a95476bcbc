"""A unit of Type=notify, as the exporter sees it: confined as it is, it tells systemd how it fares."""

import os
import pathlib
import socket
import tempfile

from live import LiveTest

_PATIENCE = 120  # seconds


class ServiceManager(LiveTest):
    def listening(self, address: str) -> socket.socket:
        """What is systemd here."""
        with self.namespace.entered():  # which abstract addresses are those of
            systemd = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        systemd.bind(address)
        systemd.settimeout(_PATIENCE)
        return systemd

    def folder(self) -> pathlib.Path:
        return pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def test_it_is_ready_when_it_serves_alive_meanwhile_and_stops(self):
        path = self.folder() / "notify"
        systemd = self.listening(str(path))
        watchdog = str(200_000)  # microseconds
        exporter = self.start(env={**os.environ, "NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": watchdog})
        ready = systemd.recv(1024).decode()
        self.assertEqual(f"READY=1\nSTATUS=serving /metrics on 127.0.0.1:{exporter.port}", ready)
        for _ in range(3):
            self.assertEqual(b"WATCHDOG=1", systemd.recv(1024))
        self.assertEqual(0, exporter.stop(), exporter.log())
        told = systemd.recv(1024)
        while told == b"WATCHDOG=1":
            told = systemd.recv(1024)
        self.assertEqual(b"STOPPING=1\nSTATUS=stopping", told)

    def test_abstract_addresses_are_known(self):
        name = f"conntrack-test-{os.getpid()}"
        systemd = self.listening(f"\0{name}")
        self.start(env={**os.environ, "NOTIFY_SOCKET": f"@{name}"})
        self.assertTrue(systemd.recv(1024).startswith(b"READY=1\n"))

    def test_where_nobody_listens_it_serves_all_the_same_and_says_so(self):
        missing = str(self.folder() / "missing")
        exporter = self.start(env={**os.environ, "NOTIFY_SOCKET": missing})
        self.assertEqual(200, exporter.get("/metrics").status)
        self.assertIn("cannot tell systemd", exporter.log())
        self.assertIn(missing, exporter.log())

