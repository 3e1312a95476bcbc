"""The NOTRACK rules that `advise` prints, with real packets: a service leaves the table, its traffic goes on."""

import pathlib
import socket
import tempfile

import binaries
import lab
from lab import Namespace
from live import LiveTest
from traffic import SERVER, SERVER6, SERVICE, Network, Traffic

# Connection tracking looks at packets only where a rule asks for it.
TRACK = "table inet track { chain in { type filter hook input priority filter; ct state invalid counter; }; }"
PORT = 5353
# What stands for itself in a rule, without ports.
PROTOCOLS = {"ospf": 89, "gre": socket.IPPROTO_GRE, "esp": socket.IPPROTO_ESP, "ipip": socket.IPPROTO_IPIP}
PORTS = {"bgp": ("tcp", 179), "vxlan": ("udp", 4789), "geneve": ("udp", 6081)}
ALWAYS_WALK = ("--collector.flows.max-softirq-hold=60000",)


def flows_of(namespace: Namespace, protocol: str, port: int) -> int:
    """Of both families."""
    listed = "".join(namespace.run("conntrack", "-L", "-f", family, "-p", protocol).stdout for family in ("ipv4", "ipv6"))
    return sum(f"dport={port} " in line for line in listed.splitlines())


def advised(namespace: Namespace, format: str, *services: str) -> str:
    flags = [f"--notrack={service}" for service in services]
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


class WithoutPorts(LiveTest):
    """Protocols and networks over lo, in IPv4 and IPv6."""

    def setUp(self):
        self.namespace.nft("flush ruleset")
        self.namespace.nft(TRACK)
        self.namespace.run("conntrack", "-F")

    def send_all(self) -> None:
        """A packet of each protocol that arrives, in each family."""
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for protocol in PROTOCOLS.values():
                with self.namespace.entered():
                    raw = socket.socket(family, socket.SOCK_RAW, protocol)
                with raw:
                    raw.settimeout(120)
                    raw.sendto(bytes(8), (address, 0))
                    raw.recv(64)
            for transport, port in PORTS.values():
                kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
                with self.namespace.entered():
                    server, client = socket.socket(family, kind), socket.socket(family, kind)
                with server, client:
                    server.bind((address, port))
                    if transport == "tcp":
                        server.listen()
                    client.settimeout(120)
                    client.connect((address, port))
                    if transport == "udp":
                        client.send(b"?")
                        server.settimeout(120)
                        server.recv(1)

    def tracked(self) -> dict[str, int]:
        """Flows of each, of both families together; a raw socket's packet passes lo once, so it is one flow."""
        lines = [line for family in ("ipv4", "ipv6")
                 for line in self.namespace.run("conntrack", "-L", "-f", family).stdout.splitlines()]
        by_number = {name: sum(line.split()[1] == str(number) for line in lines) for name, number in PROTOCOLS.items()}
        by_port = {name: sum(line.startswith(transport) and f" dport={port} " in line for line in lines)
                   for name, (transport, port) in PORTS.items()}
        return by_number | by_port

    def load(self, format: str, *targets: str) -> None:
        rules = advised(self.namespace, format, *targets)
        if format == "nft-notrack":
            with tempfile.NamedTemporaryFile("w", suffix=".nft") as file:
                pathlib.Path(file.name).write_text(rules)
                self.namespace.run("nft", "-c", "-f", file.name)
                self.namespace.run("nft", "-f", file.name)
            return
        for program in ("iptables-restore", "ip6tables-restore"):
            tried = self.namespace.run(program, "--test", "--noflush", stdin="*raw\n-A OUTPUT -j CT --notrack\nCOMMIT\n", check=False)
            if tried.returncode != 0:
                lab.skip(f"{program} cannot have NOTRACK here: {tried.stderr.strip()}")
            self.namespace.run(program, "--test", "--noflush", stdin=rules)
            self.namespace.run(program, "--noflush", stdin=rules)

    def test_what_is_named_leaves_the_table_and_nothing_else(self):
        everything = PROTOCOLS | PORTS
        for format in ("nft-notrack", "iptables-notrack"):
            for left in ([], ["gre", "bgp", "geneve"]):
                with self.subTest(format, left=left):
                    self.setUp()
                    self.send_all()
                    self.assertEqual(dict.fromkeys(everything, 2), self.tracked())
                    self.namespace.run("conntrack", "-F")
                    self.load(format, *(name for name in everything if name not in left))
                    self.send_all()
                    self.assertEqual({name: 2 if name in left else 0 for name in everything}, self.tracked())

    def test_a_network_leaves_the_table_in_its_own_family(self):
        for format in ("nft-notrack", "iptables-notrack"):
            for networks, flows in ((["127.0.0.0/8", "::1"], 0), (["127.0.0.0/8"], 1), (["::1"], 1), (["10.0.0.0/8", "2001:db8::/32"], 2)):
                with self.subTest(format, networks=networks):
                    self.setUp()
                    self.load(format, *networks)
                    self.send_all()
                    self.assertEqual(dict.fromkeys(PROTOCOLS | PORTS, flows), self.tracked())

    def test_what_the_table_has_of_them_is_proposed(self):
        self.send_all()
        for format, comment in (("nft-notrack", "    # "), ("iptables-notrack", "# ")):
            rules = advised(self.namespace, format)
            for name in PROTOCOLS | PORTS:
                self.assertIn(f"{comment}proposed: {name} has 2 flows\n", rules)
            self.namespace.run("conntrack", "-F")
            self.load(format)
            self.send_all()
            self.assertEqual(dict.fromkeys(PROTOCOLS | PORTS, 2), self.tracked())


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
        self.addCleanup(router.run, "nft", "delete", "table", "inet", "conntrack_notrack")
        router.run("conntrack", "-F")
        self.traffic.udp(SERVER, answered=True)
        self.traffic.udp(SERVER6, answered=True)
        self.assertEqual(0, flows_of(router, "udp", SERVICE))
        self.traffic.tcp(SERVER)  # the same port of another protocol is tracked
        self.assertGreater(flows_of(router, "tcp", SERVICE), 0)

    def test_packets_of_a_network_pass_untracked_in_both_directions(self):
        router = self.network.router
        router.nft(advised(router, "nft-notrack", f"{SERVER}/32", f"{SERVER6}/128"))
        self.addCleanup(router.run, "nft", "delete", "table", "inet", "conntrack_notrack")
        router.run("conntrack", "-F")
        self.traffic.udp(SERVER, answered=True)
        self.traffic.udp(SERVER6, answered=True)
        self.traffic.tcp(SERVER)
        self.assertEqual(0, flows_of(router, "udp", SERVICE) + flows_of(router, "tcp", SERVICE))
