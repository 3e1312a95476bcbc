"""Clients that mean no good, where there is TLS, or a password: a scrape still works while each goes on."""

import base64
import ssl
import subprocess

import processes
from abuse import AbuseTest
from attack import Attack
from web_config import SECRET, TLS, WebConfigTest


def client_hello() -> str:
    """What a real client says first."""
    said = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), said, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return said.read().decode("latin-1")


class Handshakes(WebConfigTest, AbuseTest):
    def setUp(self):
        self.exporter = self.serve_tls()
        self.tls = ssl.create_default_context(cafile=self.authority.certificate)

    def test_connections_that_say_nothing(self):
        self.withstands(self.exporter, Attack(connections=300))

    def test_hellos_that_break_off(self):
        hello = client_hello()
        self.withstands(self.exporter, Attack(connections=300, opening=hello[: len(hello) // 2]))

    def test_hellos_that_come_byte_by_byte(self):
        self.withstands(self.exporter, Attack(connections=300, opening=client_hello()[:20], drip="\0", every=0.2))

    def test_handshakes_that_stop_after_the_hello(self):
        self.withstands(self.exporter, Attack(connections=300, opening=client_hello()))

    def test_ten_thousand_connections(self):
        self.withstands(self.exporter, Attack(connections=10_000, sources=16))

    def test_plain_http(self):
        seen = self.withstands(self.exporter, Attack(connections=100, opening="GET /metrics HTTP/1.1\r\n\r\n"))
        self.assertGreater(seen.ended, 0)

    def test_real_clients_that_stop_after_the_handshake(self):
        idle = self.settled(self.exporter)
        self.assertEqual(200, self.scrape_status(self.exporter))
        with self.namespace.entered():
            clients = [self.stalled_client() for _ in range(20)]
        self.assertEqual([200] * 5, [self.scrape_status(self.exporter) for _ in range(5)])
        for client in clients:
            processes.end(client)
            client.stdin.close()
        self.settled(self.exporter, idle)

    def stalled_client(self):
        return processes.start_for(
            self, ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{self.exporter.port}"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip


class Passwords(WebConfigTest, AbuseTest):
    headers = {"Authorization": "Basic " + base64.b64encode(b"alice:secret").decode()}
    # Of another user, whose passwords are tried; a wrong salt and digest do for a wrong password.
    COSTLY = "$2y$11$" + "a" * 53

    def flooded(self, exporter, sources: int) -> None:
        ask = "GET /metrics HTTP/1.1\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\r\n"
        self.withstands(exporter, Attack(connections=100, sources=sources, opening=ask))

    def serve_users(self):
        return self.serve(f"basic_auth_users:\n  alice: {SECRET}\n  bob: {self.COSTLY}\n")

    def test_a_flood_of_wrong_passwords_does_not_hold_up_who_is_known(self):
        exporter = self.serve_users()
        self.assertEqual(200, self.scrape_status(exporter))
        self.flooded(exporter, sources=8)

    def test_a_flood_from_few_sources_does_not_keep_out_who_is_new(self):
        self.flooded(self.serve_users(), sources=2)
