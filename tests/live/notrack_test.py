"""The NOTRACK rules that `advise` prints, with real packets: a service leaves the table, its traffic goes on."""

import socket

import binaries
import lab
from lab import Namespace
from live import LiveTest
from traffic import SERVER, SERVER6, SERVICE, Network, Traffic

# Connection tracking looks at packets only where a rule asks for it.
TRACK = "table inet track { chain in { type filter hook input priority filter; ct state invalid counter; }; }"
PORT = 5353
ALWAYS_WALK = ("--collector.flows.max-softirq-hold=60000",)


def flows_of(namespace: Namespace, protocol: str, port: int) -> int:
    """Of both families."""
    listed = "".join(namespace.run("conntrack", "-L", "-f", family, "-p", protocol).stdout for family in ("ipv4", "ipv6"))
    return sum(f"dport={port} " in line for line in listed.splitlines())


def advised(namespace: Namespace, format: str, *services: str) -> str:
    flags = [f"--service={service}" for service in services]
    # Walk the table whoever else fills one on this machine.
    return namespace.run(binaries.exporter(), "advise", *ALWAYS_WALK, f"--format={format}", *flags).stdout


class OnTheServer(LiveTest):
    def setUp(self):
        self.namespace.nft("flush ruleset")
        self.namespace.nft(TRACK)
        self.namespace.run("conntrack", "-F")

    def ask(self, port: int) -> None:
        """A datagram over lo and its answer."""
        with self.namespace.entered():
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with server, client:
            server.settimeout(120)
            client.settimeout(120)
            server.bind(("127.0.0.1", port))
            client.sendto(b"?", ("127.0.0.1", port))
            _, sender = server.recvfrom(16)
            server.sendto(b"!", sender)
            self.assertEqual(b"!", client.recv(16))

    def assert_rules_work(self, load) -> None:
        self.ask(PORT)
        self.assertEqual(1, flows_of(self.namespace, "udp", PORT))
        self.namespace.run("conntrack", "-F")
        load()
        self.ask(PORT)
        self.assertEqual(0, flows_of(self.namespace, "udp", PORT))
        self.ask(PORT + 1)  # another service is tracked as before
        self.assertEqual(1, flows_of(self.namespace, "udp", PORT + 1))

    def test_nft_rules_keep_the_service_out_of_the_table(self):
        self.assert_rules_work(lambda: self.namespace.nft(advised(self.namespace, "nft-notrack", f"udp/{PORT}")))
        self.namespace.run("nft", "delete", "table", "inet", "conntrack_notrack")
        self.ask(PORT)
        self.assertEqual(1, flows_of(self.namespace, "udp", PORT))

    def test_proposals_are_not_active(self):
        for _ in range(30):
            self.ask(PORT)
        rules = advised(self.namespace, "nft-notrack")
        self.assertIn(f"# udp dport {PORT} notrack", rules)
        self.namespace.run("conntrack", "-F")
        self.namespace.nft(rules)
        self.ask(PORT)
        self.assertEqual(1, flows_of(self.namespace, "udp", PORT))

    def test_iptables_rules_keep_the_service_out_of_the_table(self):
        rules = advised(self.namespace, "iptables-notrack", f"udp/{PORT}")
        probe = self.namespace.run("iptables-restore", "--test", "--noflush", stdin=rules, check=False)
        if probe.returncode != 0:
            lab.skip(f"iptables cannot have NOTRACK here: {probe.stderr.strip()}")
        self.assert_rules_work(lambda: self.namespace.run("iptables-restore", "--noflush", stdin=rules))
        for words in ("-D PREROUTING -j CONNTRACK_NOTRACK", "-D OUTPUT -j CONNTRACK_NOTRACK", "-F CONNTRACK_NOTRACK",
                      "-X CONNTRACK_NOTRACK"):
            self.assertIn(words, rules)  # as its head says how to remove it
            self.namespace.run("iptables", "-t", "raw", *words.split())
        self.ask(PORT)
        self.assertEqual(1, flows_of(self.namespace, "udp", PORT))


class OnARouter(LiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = Network()
        cls.addClassCleanup(cls.network.close)
        cls.traffic = Traffic(cls.network)
        cls.addClassCleanup(cls.traffic.close)

    def test_forwarded_packets_pass_untracked_in_both_directions(self):
        router = self.network.router
        self.traffic.udp(SERVER, answered=True)
        self.traffic.udp(SERVER6, answered=True)
        self.assertEqual(2, flows_of(router, "udp", SERVICE))
        router.nft(advised(router, "nft-notrack", f"udp/{SERVICE}"))
        router.run("conntrack", "-F")
        self.traffic.udp(SERVER, answered=True)
        self.traffic.udp(SERVER6, answered=True)
        self.assertEqual(0, flows_of(router, "udp", SERVICE))
        self.traffic.tcp(SERVER)  # the same port of another protocol is tracked
        self.assertGreater(flows_of(router, "tcp", SERVICE), 0)
