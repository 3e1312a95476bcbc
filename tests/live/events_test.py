"""The events of a running kernel, counted to the flow; and what happens when they come too fast."""

import collections
import contextlib
import pathlib
import re
import signal
import socket
import subprocess
import time

import binaries
import conntrack_list
import processes
import traffic
from exporter_process import FRESH, Exporter
from exposition import Exposition
from lab import Namespace, skip, without_net_admin
from live import LiveTest

PATIENCE = 120  # seconds
FLAGS = ("--collector.disable-defaults", "--collector.events")
EVENTS = ("new", "update", "destroy")
NUMBERED = {"2", "50", "51", "89"}  # protocols that have events of their own and no name: IGMP, ESP, AH, OSPF
NAMED = {"icmp", "tcp", "udp", "dccp", "gre", "icmpv6", "sctp", "udplite", *NUMBERED}
MOST_PROTOCOLS = 24  # of conntrack_flows, by --collector.flows.max-protocols
TRACK = """
table inet test {
  chain track { type filter hook output priority filter; ct state new accept; }
}
"""
# So few fit into the smallest receive buffer that an ordinary user gets; an event takes 1.3 kB of it.
FEW = 150


def counts(scrape: Exposition) -> dict[tuple[str, str], int]:
    """Events by kind and protocol, those that happened."""
    found = scrape.by("conntrack_events_total", "event", "protocol")
    return {key: int(value) for key, value in found.items() if value}


def lost(scrape: Exposition) -> float:
    return scrape.value("conntrack_events_lost_total")


def write_sysctl(namespace: Namespace, name: str, value: int) -> None:
    namespace.run("sh", "-c", f"echo {value} > /proc/sys/net/netfilter/{name}")


class ScanOfAllProtocols(LiveTest):
    """Whoever can send a packet chooses its protocol: 256 of them must not become series."""

    def test_few_protocols_are_named_and_sums_hold(self):
        self.namespace.nft(TRACK)
        exporter = self.start("--collector.events", *FRESH)
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for protocol in range(1, 256):
                with contextlib.suppress(OSError), self.namespace.entered():
                    with socket.socket(family, socket.SOCK_RAW, protocol) as sender:
                        sender.sendto(bytes(40), (address, 0))
        # Without TCP: the scrapes themselves are connections, and are tracked.
        tracked = [flow for flow in conntrack_list.flows(self.namespace) if flow.protocol != "tcp"]
        self.assertGreater(len({flow.protocol for flow in tracked}), 200)
        scrape = exporter.scrape()
        for family in ("conntrack_flows", "conntrack_flows_with_status"):
            protocols = set(scrape.by(family, "protocol"))
            self.assertEqual(MOST_PROTOCOLS + 1, len(protocols | NAMED), protocols)
            self.assertIn("other", protocols)
        self.assertEqual(len(tracked), self.without_tcp(scrape.by("conntrack_flows", "protocol")))
        made = self.events(scrape, "new")
        self.assertGreaterEqual(self.without_tcp(made), len(tracked))

        self.namespace.run("conntrack", "-F")
        scrape = exporter.scrape()
        self.assertLessEqual(set(scrape.by("conntrack_flows", "protocol")), {"tcp", "udp", "icmp", "icmpv6"})
        self.assertEqual(self.without_tcp(made), self.without_tcp(self.events(scrape, "destroy")))

    @staticmethod
    def without_tcp(by_protocol: dict[str, float]) -> float:
        return sum(value for protocol, value in by_protocol.items() if protocol != "tcp")

    def events(self, scrape: Exposition, kind: str) -> dict[str, float]:
        """By protocol, of which there are few."""
        found = {protocol: value for (event, protocol), value in counts(scrape).items() if event == kind}
        self.assertLessEqual(set(found), NAMED | {"other"})
        return found


class InsertedFlows(LiveTest):
    """Flows that the test itself puts into a table where nothing else is tracked."""

    def setUp(self):
        self.exporter = self.start(*FLAGS)
        self.addCleanup(self.namespace.run, "conntrack", "-F")

    def table(self) -> dict[str, int]:
        """Flows in the table by protocol, as the events have it."""
        protocols = (flow.protocol for flow in conntrack_list.flows(self.namespace))
        return dict(collections.Counter("other" if name.isdigit() and name not in NUMBERED else name for name in protocols))

    def test_new_and_destroyed_flows_of_every_protocol_are_counted_to_the_flow(self):
        self.fill("--profile", "mixed", "--count", str(FEW))
        table = self.table()
        self.assertEqual(FEW, sum(table.values()))
        made = {("new", protocol): flows for protocol, flows in table.items()}
        self.assertEqual(made, counts(self.exporter.scrape()))

        self.namespace.run("conntrack", "-D", "-p", "udp")
        self.assertEqual({**made, ("destroy", "udp"): table["udp"]}, counts(self.exporter.scrape()))

        self.namespace.run("conntrack", "-F")
        gone = {("destroy", protocol): flows for protocol, flows in table.items()}
        scrape = self.exporter.scrape()
        self.assertEqual({**made, **gone}, counts(scrape))
        self.assertEqual(0, lost(scrape))
        self.assertEqual(0, scrape.value("conntrack_events_overruns_total"))
        self.assertEqual(0, scrape.value("conntrack_events_skipped_total"))

    def test_the_common_protocols_are_there_from_the_start(self):
        found = self.exporter.scrape().by("conntrack_events_total", "event", "protocol")
        common = {(event, protocol) for event in EVENTS for protocol in ("tcp", "udp", "icmp", "icmpv6")}
        self.assertEqual(dict.fromkeys(common, 0), found)

    def test_two_listeners_hear_the_same(self):
        other = self.start(*FLAGS)
        self.fill("--count", str(FEW))
        self.assertEqual({("new", "tcp"): FEW}, counts(self.exporter.scrape()))
        self.assertEqual({("new", "tcp"): FEW}, counts(other.scrape()))

    def test_twenty_thousand_are_all_heard_or_known_to_be_lost(self):
        count = 20_000
        self.fill("--count", str(count))
        scrape = self.exporter.scrape()
        self.assertEqual(count, scrape.total("conntrack_events_total") + lost(scrape))
        if scrape.value("conntrack_events_receive_buffer_bytes") >= 2000 * count:
            self.assertEqual(0, lost(scrape))

    def test_a_silent_kernel_does_not_keep_it_from_ending(self):
        self.assert_stops_at_once(lambda: self.start(*FLAGS))


class RealTraffic(LiveTest):
    """Packets through a router, with `conntrack -E` as the judge."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.network = traffic.Network()
        cls.addClassCleanup(cls.network.close)
        cls.traffic = traffic.Traffic(cls.network)
        cls.addClassCleanup(cls.traffic.close)

    def start_judge(self):
        """`conntrack -E` in the router, once it listens. Yields the file that it writes to."""
        output = self.enterContext(processes.log_file())
        with self.network.router.entered():
            processes.start_for(self, ["conntrack", "-E"], stdout=output, stderr=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE
        while self.listeners() < 2 and time.monotonic() < end:
            time.sleep(0.05)
        return output

    def listeners(self) -> int:
        """Sockets of NETLINK_NETFILTER (12) in the router that have joined a group."""
        rows = self.network.router.run("cat", "/proc/net/netlink").stdout.splitlines()[1:]
        return sum(row.split()[1] == "12" and int(row.split()[3], 16) != 0 for row in rows)

    @staticmethod
    def judged(output) -> dict[tuple[str, str], int]:
        output.seek(0)
        found = re.findall(r"\[(NEW|UPDATE|DESTROY)\] (\w+)", output.read())
        return dict(collections.Counter((event.lower(), protocol) for event, protocol in found))

    def test_every_event_of_every_kind_is_one_that_conntrack_tells_of(self):
        exporter = Exporter(self.network.router, *FLAGS)
        self.addCleanup(exporter.close)
        output = self.start_judge()
        for _ in range(3):
            self.traffic.tcp(traffic.SERVER, close=True)
            self.traffic.tcp(traffic.SERVER6)
        self.traffic.udp(traffic.SERVER, answered=True)
        self.traffic.udp(traffic.SERVER6, answered=False)
        self.traffic.ping(traffic.SERVER)
        self.traffic.ping(traffic.SERVER6)
        self.network.router.run("conntrack", "-F")
        end = time.monotonic() + PATIENCE
        while (ours := counts(exporter.scrape())) != self.judged(output) and time.monotonic() < end:
            time.sleep(0.1)
        self.assertEqual(self.judged(output), ours)
        for event in ("new", "destroy"):
            self.assertEqual(6, ours[event, "tcp"])
            self.assertEqual(2, ours[event, "udp"])
            self.assertEqual(1, ours[event, "icmp"])
            self.assertEqual(1, ours[event, "icmpv6"])
        self.assertGreaterEqual(ours["update", "tcp"], 12)  # SYN_RECV and ESTABLISHED of each, at least


class Lifetimes(LiveTest):
    def setUp(self):
        write_sysctl(self.namespace, "nf_conntrack_timestamp", 1)
        self.exporter = self.start(*FLAGS)

    def live_for(self, seconds: float) -> None:
        self.fill("--count", str(FEW))
        time.sleep(seconds)
        self.namespace.run("conntrack", "-F")

    def test_lifetimes_are_at_least_the_time_that_we_waited(self):
        self.assertEqual(0, self.exporter.scrape().value("conntrack_flow_lifetime_seconds_count", protocol="tcp"))
        self.live_for(1.1)
        self.live_for(5.1)
        scrape = self.exporter.scrape()
        buckets = scrape.buckets("conntrack_flow_lifetime_seconds", protocol="tcp")
        self.assertEqual(0, buckets[1])
        self.assertLessEqual(buckets[5], FEW)  # fewer only where this machine took a nap
        self.assertEqual(2 * FEW, buckets[300])
        self.assertEqual(2 * FEW, scrape.value("conntrack_flow_lifetime_seconds_count", protocol="tcp"))
        self.assertGreaterEqual(scrape.value("conntrack_flow_lifetime_seconds_sum", protocol="tcp"), FEW * 6.2)
        for protocol in ("udp", "other"):
            self.assertEqual(0, scrape.value("conntrack_flow_lifetime_seconds_count", protocol=protocol))

    def test_without_timestamps_there_are_no_lifetimes_and_the_log_says_why(self):
        write_sysctl(self.namespace, "nf_conntrack_timestamp", 0)
        exporter = self.start(*FLAGS)
        self.live_for(0)
        scrape = exporter.scrape()
        self.assertEqual(FEW, counts(scrape)["destroy", "tcp"])
        self.assertEqual([], [name for name in scrape.names() if "lifetime" in name])
        self.assertIn("nf_conntrack_timestamp is 0", exporter.log())


class Overruns(LiveTest):
    def setUp(self):
        # At once, and not when the kernel comes round to dropping the namespace: others need room in the buckets.
        self.addCleanup(self.namespace.run, "conntrack", "-F")

    def test_events_that_come_too_fast_are_counted_as_lost_and_the_counts_go_on(self):
        count = 50_000
        exporter = self.start(*FLAGS, "--collector.events.buffer-bytes=65536")
        exporter.hold()  # so that it cannot keep up, however fast it is
        self.addCleanup(exporter.process.send_signal, signal.SIGCONT)
        self.fill("--count", str(count))
        exporter.process.send_signal(signal.SIGCONT)
        scrape = exporter.scrape()
        heard = scrape.total("conntrack_events_total")
        self.assertGreater(scrape.value("conntrack_events_overruns_total"), 0)
        self.assertGreater(heard, 0)
        self.assertGreater(lost(scrape), 0)
        self.assertEqual(count, heard + lost(scrape))

        for more in range(1, 11):
            self.fill("--count", "1", "--first", str(count + more))
            after = exporter.scrape()
            self.assertEqual(heard + more, after.total("conntrack_events_total"))
            self.assertEqual(lost(scrape), lost(after))

    def test_a_running_exporter_with_a_tiny_buffer_lives_and_is_honest(self):
        exporter = self.start(*FLAGS, "--collector.events.buffer-bytes=4096")
        first = 1_000_000
        for _ in range(20):
            self.fill("--count", "1000", "--first", str(first))
            first += 1000
        scrape = exporter.scrape()
        self.assertEqual(20_000, scrape.total("conntrack_events_total") + lost(scrape))


class Conditions(LiveTest):
    def test_events_that_are_off_are_named_and_no_zeros(self):
        exporter = self.start(*FLAGS)
        self.assert_success(exporter.scrape(), events=1)
        write_sysctl(self.namespace, "nf_conntrack_events", 0)
        scrape = exporter.scrape()
        self.assert_success(scrape, events=0)
        self.assertEqual([], [name for name in scrape.names() if name.startswith("conntrack_events")])
        self.assertIn("nf_conntrack_events is 0", exporter.log())
        write_sysctl(self.namespace, "nf_conntrack_events", 1)
        self.assert_success(exporter.scrape(), events=1)

    def test_without_the_capability_it_fails_alone_and_says_so(self):
        exporter = self.start("--collector.events", program=without_net_admin(binaries.exporter()))
        self.assert_success(exporter.scrape(), events=0, table=1)
        said = [line for line in exporter.log().splitlines() if "collector=events" in line]
        self.assertEqual(1, len(said), exporter.log())
        self.assertIn("CAP_NET_ADMIN", said[0])

    def test_it_is_off_unless_asked_for(self):
        self.assert_success(self.start().scrape(), events=None)

    def test_the_buffer_that_was_granted_is_shown(self):
        scrape = self.start(*FLAGS, "--collector.events.buffer-bytes=16777216").scrape()
        granted = scrape.value("conntrack_events_receive_buffer_bytes")
        first_user_namespace = pathlib.Path("/proc/self/uid_map").read_text("ascii").split() == ["0", "0", "4294967295"]
        if first_user_namespace:
            self.assertEqual(2 * 16_777_216, granted)  # net.core.rmem_max does not bound it there
        else:
            self.assertGreater(granted, 0)
            self.assertLessEqual(granted, 2 * 16_777_216)

    def test_promtool_finds_nothing(self):
        promtool = binaries.tool("promtool")
        if not promtool:
            skip("promtool is neither in build/tools/usr/bin nor in PATH: scripts/install-dependencies puts it there")
        write_sysctl(self.namespace, "nf_conntrack_timestamp", 1)
        body = self.start(*FLAGS).get().text
        self.assertIn("conntrack_flow_lifetime_seconds_bucket", body)
        done = self.namespace.run(promtool, "check", "metrics", stdin=body, check=False)
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))
