"""Every counter of the kernel, moved by traffic and compared with the exporter's, for each CPU."""

import contextlib
import functools
import mmap
import re
import socket
import threading

import binaries
import expected
import host
import packets
from checks import NotHere, check, expect, expect_equal
from exporter_process import FRESH, Exporter
from full_table_test import send_datagrams
from lab import Namespace

# The names in /proc and in conntrack(8), by the exporter's name.
PROC = {"error": "icmp_error", "clash_resolve": "clashres", "chain_toolong": "chainlength"}
TOOL = {"chain_toolong": "chaintoolong"}
COUNTERS = ("found", "invalid", "insert", "insert_failed", "drop", "early_drop", "error", "search_restart", "clash_resolve",
            "chain_toolong")
RACED = {"insert_failed", "search_restart", "clash_resolve"}  # no traffic moves them for certain
SLOW, CLASHING = 7777, 1234  # ports
STEPS, RACES, RESIZES = 20, 300, 300
TRANSLATED = ("127.0.0.2", "127.0.0.3")
SMALLEST = mmap.PAGESIZE // 8  # buckets: one page
LONG = 80  # entries of a chain; the kernel refuses more than 50 to 79

# Tracks what passes lo, except the exporter's own connections. Packets to the port SLOW take long from the lookup of their flow to its
# insertion into the table.
RULES = """
table inet test {{
  chain incoming {{ type filter hook prerouting priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain outgoing {{ type filter hook output priority raw; tcp dport {port} notrack; tcp sport {port} notrack; }}
  chain track {{ type filter hook input priority filter; ct state new accept; }}
  chain third {{ {rules} }}
  chain second {{ {third} }}
  chain way {{ {second} }}
  chain slow {{ type filter hook output priority filter; meta l4proto {{ tcp, udp }} th dport {slow} jump way; }}
}}
table ip translate {{
  chain out {{ type nat hook postrouting priority srcnat; ip saddr {{ {translated} }} udp dport 9 snat to 127.0.0.9; }}
}}
"""


class Counters:
    """A namespace with an exporter for root, which asks ctnetlink, and one for a user, which reads /proc."""

    def __init__(self):
        host.load("nf_conntrack_netlink")
        self.namespace = Namespace()
        self.by_root = Exporter(self.namespace, *FRESH)
        way = {"rules": "meta mark 1 drop; " * STEPS, "third": "jump third; " * STEPS, "second": "jump second; " * STEPS}
        self.namespace.nft(RULES.format(port=self.by_root.port, slow=SLOW, translated=", ".join(TRANSLATED), **way))

    def proc(self) -> dict[str, list[int]]:
        """/proc/net/stat/nf_conntrack by the words of its head: a figure for each possible CPU."""
        head, *rows = self.namespace.run("cat", "/proc/net/stat/nf_conntrack").stdout.splitlines()
        return {word: [int(row.split()[column], 16) for row in rows] for column, word in enumerate(head.split())}

    def tool(self) -> dict[str, list[int]]:
        """What `conntrack -S` says, likewise."""
        found: dict[str, list[int]] = {}
        for line in self.namespace.run("conntrack", "-S").stdout.splitlines():
            for word, value in re.findall(r"(\w+)=(\d+)", line):
                found.setdefault(word, []).append(int(value))
        return found

    def fill(self, *flags: str) -> None:
        """With these flows, and no others."""
        self.namespace.drop_flows()
        self.namespace.run(binaries.conntrack_fill(), *flags)

    def close(self) -> None:
        self.by_root.close()
        self.namespace.run("nft", "flush", "ruleset")
        self.namespace.drop_flows()
        self.namespace.close()

    def total(self, name: str) -> int:
        return sum(self.proc().get(PROC.get(name, name), []))


@functools.cache
def counters() -> Counters:
    return Counters()


def move_invalid() -> None:
    packets.send(counters().namespace, socket.IPPROTO_TCP, packets.tcp(packets.SYN | packets.FIN, CLASHING, 9))


def move_error() -> None:
    packets.send(counters().namespace, socket.IPPROTO_ICMP, packets.icmp(200))  # no such type


def move_insert() -> None:
    counters().fill("--count=10")


def move_found() -> None:
    """Two flows from two addresses that are translated to one: the port of the second is taken."""
    with counters().namespace.entered():
        senders = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in TRANSLATED]
    for sender, address in zip(senders, TRANSLATED):
        with sender:
            sender.bind((address, CLASHING))
            sender.sendto(b"?", ("127.0.0.1", 9))


def race(name: str, kind: tuple[int, int], packet) -> None:
    """Two send the first packet of the same flow at once, another flow each turn, until the counter has moved."""
    before = counters().total(name)
    for turn in range(RACES):
        with counters().namespace.entered():
            pair = [socket.socket(socket.AF_INET, *kind) for _ in range(2)]  # one would send one after the other
        ready = threading.Barrier(2)
        threads = [threading.Thread(target=_send, args=(sender, ready, packet(turn))) for sender in pair]
        port = 0
        for sender in pair:
            sender.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sender.bind(("127.0.0.1", port))
            port = sender.getsockname()[1]
            sender.connect(("127.0.0.1", SLOW))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for sender in pair:
            sender.close()
        if counters().total(name) > before:
            return


def _send(sender: socket.socket, ready: threading.Barrier, packet: bytes) -> None:
    ready.wait()
    with contextlib.suppress(OSError):  # the error for one packet may reach the sender of the other
        sender.send(packet)


def move_clash_resolve() -> None:
    """With UDP, both packets pass."""
    race("clash_resolve", (socket.SOCK_DGRAM, 0), lambda _: b"?")


def move_insert_failed() -> None:
    """With TCP, one is lost."""
    race("insert_failed", (socket.SOCK_RAW, socket.IPPROTO_TCP), lambda turn: packets.tcp(packets.SYN, 2000 + turn, SLOW))


def full(*flags: str):
    """A table with few buckets that is full, as long as the context lasts."""
    counters().fill("--count=400", *flags)
    return host.sysctl("net/netfilter/nf_conntrack_max", 400)


def move_early_drop() -> None:
    with host.sysctl("net/netfilter/nf_conntrack_buckets", SMALLEST), full():
        send_datagrams(counters().namespace, 50)


def move_drop() -> None:
    with full("--assured"):
        send_datagrams(counters().namespace, 20)
    counters().namespace.drop_flows()


def move_chain_toolong() -> None:
    """Twice as many tuples as entries, in as few buckets as there can be."""
    entries = SMALLEST * LONG // 2
    with host.sysctl("net/netfilter/nf_conntrack_max", 4 * entries):
        counters().fill(f"--count={entries}")
        with host.sysctl("net/netfilter/nf_conntrack_buckets", SMALLEST):
            send_datagrams(counters().namespace, 200)
        counters().namespace.drop_flows()


def move_search_restart() -> None:
    """Lookups while the table is resized, again and again."""
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            send_datagrams(counters().namespace, 20)

    counters().fill("--count=6000")
    looking = threading.Thread(target=look)
    looking.start()
    try:
        for turn in range(RESIZES):
            with host.sysctl("net/netfilter/nf_conntrack_buckets", SMALLEST << turn % 3):
                if counters().total("search_restart"):
                    break
    finally:
        over.set()
        looking.join()
        counters().namespace.drop_flows()


def equal() -> dict[str, int]:
    """Compares all of them, and yields sums."""
    found = counters()
    before = found.proc()
    by_ctnetlink = found.by_root.scrape("/metrics?collect[]=stat")
    with Exporter(found.namespace, *FRESH, program=(*host.as_user(), binaries.exporter())) as exporter:
        by_proc = exporter.scrape("/metrics?collect[]=stat")
    tool, after = found.tool(), found.proc()
    expect_equal({"ctnetlink": 1}, by_ctnetlink.by("conntrack_stat_source_info", "via"), "root reads")
    expect_equal({"procfs": 1}, by_proc.by("conntrack_stat_source_info", "via"), "a user reads")
    sums = {}
    for name in COUNTERS:
        word = PROC.get(name, name)
        family = f"conntrack_stat_{name}_total"
        scraped = [scrape.by(family, "cpu") for scrape in (by_ctnetlink, by_proc)]
        if word not in before:
            expect_equal([{}, {}], scraped, f"{family}, which this kernel lacks")
            expect(TOOL.get(name, name) not in tool, f"conntrack -S has {name}, but /proc does not")
            continue
        expect_equal(before[word], after[word], f"{word}, which must not move meanwhile")
        rows = {str(cpu): value for cpu, value in enumerate(before[word])}
        expect_equal([rows, rows], scraped, family)
        expect_equal(before[word], tool.get(TOOL.get(name, name)), f"{name} of conntrack -S")
        sums[name] = sum(before[word])
    known = {"entries", *(PROC.get(name, name) for name in COUNTERS)}
    others = {word: values for word, values in before.items() if word not in known and any(values)}
    expect(not others, f"columns that count but are not exported: {others}")
    return sums


def check_moved(name: str) -> None:
    """Registers the check of one counter."""

    @check(f"counter {name}: moved, and equal")
    def moved():
        if name == "chain_toolong":
            there = PROC[name] in counters().proc()
            expect_equal(expected.CHAIN_TOOLONG, there, "the column chainlength")
            if not there:
                raise NotHere(f"the columns of /proc/net/stat/nf_conntrack are {' '.join(counters().proc())}")
        before = counters().total(name)
        globals()[f"move_{name}"]()
        after = counters().total(name)
        sums = equal()
        if after == before:
            expect(name in RACED, "it did not move")
            return "not moved", "only two CPUs at the same moment move it"
        return f"{after - before} more, {sums[name]} in all"


for each in COUNTERS:
    check_moved(each)


@check("counters: columns that the kernel has")
def columns():
    found = [name for name in COUNTERS if PROC.get(name, name) in counters().proc()]
    counters().close()
    return f"{len(found)}", ", ".join(found)
