"""`conntrack_exporter report` on the running kernel: each incident is brought about, and has to be named.

Not here: chains that are too long, since the number of buckets is the host's and is not ours to change, and clashes, which
need two CPUs to make the same entry within a microsecond. tests/diagnosis/diagnosis_test.cc has both.
"""

import contextlib
import os
import resource
import socket
import struct
import threading
import time
from collections.abc import Iterable

import binaries
import lab
import traffic
from lab import skip
from live import LiveTest
from report_command import report

FOREVER = "432000"  # the timeout of established flows: whoever has it has just seen a packet
PORTS = range(20_000, 21_200)  # a flow from each: enough for shares to mean something
LARGEST = 600_000  # entries that this test is willing to make

TRACK = """
table inet test {
  chain track { type filter hook input priority filter; ct state new accept; }
}
"""

# Packets to or from port 80 (`{side}`) pass untracked, as if they took another way.
ONE_WAY = """
table inet one_way {{
  chain outgoing {{ type filter hook output priority raw; tcp {side} 80 notrack; }}
}}
"""


def by_id(found: dict) -> dict[str, dict]:
    """The findings by their name, but for what another namespace of this machine makes: its entries are in our chains."""
    findings = {finding["id"]: finding for finding in found["findings"]}
    if (found["table"]["host_mean_chain"] or 0) > found["table"]["mean_chain"] + 1:
        findings.pop("chains_too_long", None)
        return findings or {"nothing_wrong": {}}
    return findings


class Incident(LiveTest):
    """Each test has a table of its own."""

    def setUp(self):
        self.namespace = lab.Namespace()
        self.addCleanup(self.namespace.close)
        self.limit = self.namespace.sysctl("nf_conntrack_max")

    def put(self, share_of_limit: float, *flags: str) -> int:
        """Fills the table to a share of its limit."""
        if not 0 < self.limit <= LARGEST:
            skip(f"nf_conntrack_max is {self.limit}: none, or more than the {LARGEST} entries that this test makes")
        count = int(self.limit * share_of_limit)
        self.namespace.run(binaries.conntrack_fill(), "--count", str(count), *flags)
        return count

    def open(self, kind: int) -> socket.socket:
        with self.namespace.entered():
            made = socket.socket(socket.AF_INET, kind)
        self.addCleanup(made.close)
        return made

    def finding(self, name: str, *flags: str) -> dict:
        found = by_id(report(self.namespace, *flags))
        self.assertIn(name, found)
        return found[name]


class PacketQueue:
    """A program that takes packets from NFQUEUE and never says what is to become of them."""

    _CONFIG = (3 << 8) | 2  # NFNL_SUBSYS_QUEUE, NFQNL_MSG_CONFIG
    _COMMAND, _PARAMETERS, _LENGTH = 1, 2, 3  # NFQA_CFG_*
    _BIND, _COPY_HEADERS = b"\1\0\0\0", b"\0\0\0\0\1"
    _NETLINK_NETFILTER, _RECEIVE_BUFFER_FORCE = 12, 33

    def __init__(self, namespace: lab.Namespace, length: int):
        with namespace.entered():
            self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, self._NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, self._RECEIVE_BUFFER_FORCE, 64 << 20)
        for kind, value in ((self._COMMAND, self._BIND), (self._PARAMETERS, self._COPY_HEADERS),
                            (self._LENGTH, struct.pack(">I", length))):
            self._configure(kind, value)

    def _configure(self, kind: int, value: bytes) -> None:
        attribute = struct.pack("HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)
        message = struct.pack("BBH", 0, 0, 0) + attribute
        self.socket.send(struct.pack("IHHII", 16 + len(message), self._CONFIG, 1 | 4, 1, 0) + message)
        (code,) = struct.unpack("i", self.socket.recv(4096)[16:20])
        if code:
            skip(f"no NFQUEUE here: {os.strerror(-code)}")

    def close(self) -> None:
        self.socket.close()


class HeldPackets(Incident):
    def test_entries_of_packets_that_a_program_keeps_are_no_reason_for_a_larger_limit(self):
        queue = PacketQueue(self.namespace, 10_000)
        self.addCleanup(queue.close)
        self.namespace.nft(TRACK)
        ruled = self.namespace.run("iptables", "-A", "OUTPUT", "-p", "udp", "-j", "NFQUEUE", "--queue-num", "0", check=False)
        if ruled.returncode != 0:
            skip(f"iptables cannot have NFQUEUE here: {ruled.stderr.strip()}")
        for port in PORTS:
            with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                sender.bind(("127.0.0.1", port))
                sender.sendto(b"?", ("127.0.0.1", 9))
        held = int(self.namespace.run("conntrack", "-C").stdout)
        self.assertEqual(len(PORTS), held)
        found = report(self.namespace)
        self.assertEqual((0, held), (found["flows"]["total"], found["flows"]["unseen"]))
        self.assertEqual("warning", by_id(found)["entries_unseen"]["severity"])
        queue.close()  # the kernel drops what waited in it, and frees the entries
        found = report(self.namespace)
        self.assertNotIn("entries_unseen", by_id(found))


class Diagnosis(Incident):
    def test_a_busy_table_of_many_clients_has_nothing_wrong(self):
        self.put(0.2, "--assured", "--sources=5000", f"--timeout={FOREVER}")
        self.assertEqual(["nothing_wrong"], list(by_id(report(self.namespace))))

    def test_expired_entries_that_are_still_counted_are_no_leak(self):
        self.put(0.1, "--timeout=1")
        time.sleep(2)  # their time; the kernel may not come to them for a minute
        found = report(self.namespace)
        self.assertEqual(["nothing_wrong"], list(by_id(found)))
        self.assertLess(found["flows"]["unseen"], 1000)

    def test_an_empty_table_has_nothing_wrong(self):
        self.assertEqual(["nothing_wrong"], list(by_id(report(self.namespace))))

    def test_syns_that_nobody_answers(self):
        # The entry is there once the packet has left; nobody answers it, since it never comes in.
        self.namespace.nft(TRACK.replace("accept", "drop"))
        for port in PORTS:
            with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
                client.bind(("127.0.0.1", port))
                client.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    client.connect(("127.0.0.1", 81))
        finding = self.finding("syn_flood")
        self.assertEqual("warning", finding["severity"])
        self.assertRegex(finding["evidence"][0], r"1,200 of 1,200 flows \(100\.0 %\)")
        self.assertRegex(finding["evidence"][1], r"1,200 in SYN_SENT")

    def connect(self, ports: Iterable[int]) -> None:
        """A connection with a question and an answer from each port, closed by the server first."""
        for port in ports:
            with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
                client.bind(("127.0.0.1", port))
                client.connect(("127.0.0.1", 80))
                server, _ = self.listener.accept()
                client.sendall(b"?")
                server.recv(1)
                server.sendall(b"!")
                client.recv(1)
                server.close()
                client.recv(1)  # the end of the stream

    def see_one_way(self, untracked: str) -> None:
        self.namespace.nft(TRACK + ONE_WAY.format(side=untracked))
        self.listener = self.open(socket.SOCK_STREAM)
        self.listener.bind(("127.0.0.1", 80))
        self.listener.listen(64)
        self.connect(PORTS)

    def test_connections_whose_answers_take_another_way(self):
        self.see_one_way("sport")
        over = threading.Event()
        ports = (port for port in range(30_000, 60_000) if not over.wait(0.01))
        sender = threading.Thread(target=self.connect, args=(ports,))
        sender.start()  # the report looks for acknowledgements while it counts
        found = by_id(report(self.namespace))
        over.set()
        sender.join()
        self.assertNotIn("syn_flood", found)
        self.assertRegex(found["asymmetric_routing"]["evidence"][0], r"\(100\.0 %\) are in SYN_SENT")
        self.assertRegex(found["asymmetric_routing"]["evidence"][1], "INVALID packets in the last")

    def test_connections_of_which_only_the_answers_come_by(self):
        self.see_one_way("dport")
        read = report(self.namespace)
        found = by_id(read)
        states = {state["state"]: state["flows"] for state in read["flows"]["states"]}
        self.assertEqual({"CLOSE_WAIT": len(PORTS)}, states)
        self.assertNotIn("close_wait_leak", found)
        self.assertRegex(found["asymmetric_routing"]["evidence"][0], r"1,200 of 1,200 flows .* picked up after the handshake")

    def test_handshakes_of_forged_addresses(self):
        self.put(0.1, "--profile=syn-flood", "--sources=20000")
        finding = self.finding("syn_flood")
        self.assertRegex(finding["evidence"][2], "forged addresses, or many senders")

    def test_one_source(self):
        count = self.put(0.15, "--assured", "--sources=1", f"--timeout={FOREVER}")
        found = by_id(report(self.namespace))
        self.assertEqual(["one_source"], list(found))
        self.assertIn(f"{count:,} of {count:,} flows (100.0 %) are from 10.0.0.0", found["one_source"]["evidence"])

    def test_connections_that_the_server_closed_and_the_client_did_not(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        self.namespace.nft(TRACK)
        listener = self.open(socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 80))
        listener.listen(64)
        for _ in range(1100):
            self.open(socket.SOCK_STREAM).connect(("127.0.0.1", 80))
            listener.accept()[0].close()
        finding = self.finding("close_wait_leak")
        self.assertRegex(finding["evidence"][0], r"1,100 of 1,100 flows \(100\.0 %\) are in CLOSE_WAIT")
        self.assertIn("nf_conntrack_tcp_timeout_close_wait", finding["evidence"][1])

    def test_established_connections_that_nobody_uses_any_more(self):
        count = self.put(0.15, "--assured", "--sources=5000", "--timeout=200000")
        found = by_id(report(self.namespace))
        self.assertEqual(["idle_established"], list(found))
        self.assertIn(f"{count:,} of {count:,} flows", found["idle_established"]["evidence"][0])
        self.assertIn("stays for 5 d", found["idle_established"]["evidence"][1])

    def test_lookups_of_names_that_nobody_answers(self):
        self.namespace.nft(TRACK)
        for port in PORTS:
            with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.bind(("127.0.0.1", port))
                client.sendto(b"?", ("127.0.0.1", 53))
        finding = self.finding("protocol_flood")
        self.assertIn("DNS queries", finding["headline"])
        self.assertRegex(finding["evidence"][0], r"1,200 of 1,200 flows \(100\.0 %\) are to UDP port 53")

    def test_a_table_that_fills_up_below_a_limit_that_is_low_for_the_memory(self):
        self.put(0.76, "--assured", "--sources=5000", f"--timeout={FOREVER}")
        found = report(self.namespace)
        findings, recommended = by_id(found), found["table"]["recommended_limit"]
        self.assertEqual("warning", findings["table_filling"]["severity"])
        if recommended <= 2 * self.limit:
            skip(f"the limit {self.limit} is not low for this machine, whose memory allows {recommended}")
        self.assertEqual(["table_filling", "limit_too_low"], list(findings))
        self.assertIn(f"{recommended:,}", findings["limit_too_low"]["evidence"][1])


class FullTable(Incident):
    def setUp(self):
        super().setUp()
        self.put(1, "--assured", "--sources=5000", f"--timeout={FOREVER}")
        self.namespace.nft(TRACK)
        self.over = threading.Event()
        self.sender = threading.Thread(target=self.send)
        self.sender.start()
        self.addCleanup(self.stop)

    def send(self) -> None:
        """New connections, all the time."""
        while not self.over.wait(0.01):
            with self.namespace.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
                with contextlib.suppress(PermissionError):  # what a dropped packet looks like to its local sender
                    sender.sendto(b"?", ("127.0.0.1", 9))

    def stop(self) -> None:
        self.over.set()
        self.sender.join()

    def test_packets_that_are_dropped_now_are_counted_and_named_first(self):
        found = report(self.namespace)
        first = found["findings"][0]
        self.assertEqual(("table_full", "critical"), (first["id"], first["severity"]))
        recently, since_start = found["loss"]["recently"], found["loss"]["since_start"]
        self.assertGreater(recently["table_full"], 0)
        self.assertGreaterEqual(since_start["table_full"], recently["table_full"])
        self.assertEqual(0, recently["unresolved_clash"])
        self.assertEqual(recently["table_full"], recently["total"])
        self.assertGreaterEqual(recently["seconds"], 2)
        self.assertRegex(" ".join(first["evidence"]), rf"{recently['table_full']:,} packets? lost in the last")

        self.stop()
        self.namespace.run("conntrack", "-F")
        later = by_id(report(self.namespace))
        self.assertNotIn("table_full", later)
        if since_start["table_full"] >= 100:
            self.assertIn("table_was_full", later)


class SnatExhaustion(LiveTest):
    """A router that masquerades to a hundred ports, and a client that wants most of them."""

    PORTS = (20000, 20099)

    def test_the_destination_that_takes_all_ports_is_named(self):
        network = traffic.Network()
        self.addCleanup(network.close)
        low, high = self.PORTS
        network.router.nft(
            f'insert rule inet nat postrouting oifname "server" meta l4proto udp masquerade to :{low}-{high}'
        )
        with network.server.entered():
            server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(server.close)
        server.bind(("0.0.0.0", traffic.SERVICE))
        server.settimeout(120)
        # Half a minute is not long on a busy machine.
        network.router.run("sh", "-c", "echo 3600 > /proc/sys/net/netfilter/nf_conntrack_udp_timeout")
        for port in range(30000, 30085):  # the kernel might choose one twice, which would be one flow
            with network.client.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.bind(("0.0.0.0", port))
                client.sendto(b"?", (traffic.SERVER, traffic.SERVICE))
            server.recv(16)

        found = report(network.router, f"--collector.nat.port-range={low}-{high}")
        self.assertEqual(
            {
                "address": "10.2.0.1",
                "protocol": "udp",
                "remote": f"{traffic.SERVER}:{traffic.SERVICE}",
                "used": 85,
                "available": 100,
            },
            found["snat"][0],
        )
        finding = by_id(found)["snat_exhaustion"]
        self.assertEqual("warning", finding["severity"])
        self.assertIn("85 of 100 ports (85.0 %)", finding["evidence"][0])
