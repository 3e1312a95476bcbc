"""The exporter as a process: how it stops, and how it refuses to start."""

import re
import signal
import socket
import subprocess

import binaries
from exporter_process import Exporter
from live import LiveTest


class Stopping(LiveTest):
    def start_with_an_idle_client(self) -> Exporter:
        exporter = self.start()
        idle = exporter.connect()
        self.addCleanup(idle.close)
        idle.request("GET", "/metrics", headers={"Connection": "keep-alive"})
        self.assertEqual(200, idle.getresponse().status)  # and the connection stays open
        return exporter

    def start_with_half_a_request(self) -> Exporter:
        exporter = self.start()
        silent = exporter.connect()
        self.addCleanup(silent.close)
        silent.sock.sendall(b"GET /metr")
        return exporter

    def test_sigterm_stops_it_cleanly(self):
        self.assert_stops_at_once(self.start_with_an_idle_client, signal.SIGTERM)

    def test_sigint_stops_it_cleanly(self):
        self.assert_stops_at_once(self.start_with_an_idle_client, signal.SIGINT)

    def test_a_client_that_sends_nothing_does_not_keep_it(self):
        self.assert_stops_at_once(self.start_with_half_a_request)


class CommandLine(LiveTest):
    def refused(self, *flags: str) -> str:
        """What it prints when it refuses to start."""
        with self.namespace.entered():
            done = subprocess.run(
                [binaries.exporter(), *flags], capture_output=True, text=True, check=False, timeout=120
            )
        self.assertEqual(2, done.returncode, done.stderr)
        return done.stderr

    def test_a_busy_port_is_named(self):
        with self.namespace.entered():
            busy = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        address = f"127.0.0.1:{busy.getsockname()[1]}"
        self.assertIn(address, self.refused(f"--web.listen-address={address}"))

    def test_a_port_that_another_exporter_has_is_busy(self):
        exporter = self.start()
        address = f"127.0.0.1:{exporter.port}"
        self.assertIn(address, self.refused(f"--web.listen-address={address}"))

    def test_an_address_that_the_machine_has_not_is_named(self):
        self.assertIn("192.0.2.1:10318", self.refused("--web.listen-address=192.0.2.1:10318"))

    def test_an_unknown_flag_suggests_the_near_one(self):
        self.assertRegex(self.refused("--web.listen-adress=:1"), r"--web\.listen-adress.*--web\.listen-address")
        self.assertRegex(self.refused("--no-collector.flow"), r"--no-collector\.flow.*--no-collector\.flows")

    def test_a_value_that_is_none_is_refused(self):
        self.assertIn("--log.level", self.refused("--log.level=loud"))
        self.assertIn("--path.procfs", self.refused("--path.procfs=/nowhere"))

    def test_version_and_help_go_to_standard_output(self):
        for flag, pattern in (("--version", r"conntrack_exporter, version \d"), ("--help", r"--web\.listen-address")):
            self.assertRegex(self.namespace.run(binaries.exporter(), flag).stdout, re.compile(pattern))

    def test_several_addresses_are_listened_on(self):
        exporter = self.start("--web.listen-address=127.0.0.2:0")
        self.assertRegex(exporter.log(), r"127\.0\.0\.1:\d+")
        self.assertRegex(exporter.log(), r"127\.0\.0\.2:\d+")

    def test_a_collector_can_be_turned_off(self):
        scrape = self.start("--no-collector.flows", "--collector.disable-defaults", "--collector.table").scrape()
        self.assertEqual({"table": 1}, scrape.by("conntrack_scrape_collector_success", "collector"))
