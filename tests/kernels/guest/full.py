"""A table filled by real packets: counted, in the kernel's log with its namespace, and found by report."""

import binaries
import expected
import host
import report_command
from checks import NotHere, check, expect, expect_equal
from exporter_process import FRESH, Exporter
from full_table_test import RULES, send_datagrams
from lab import Namespace

LIMIT, PACKETS = 300, 40
MESSAGES = "conntrack_kernel_log_messages_total"
OF_NAMESPACES = "conntrack_kernel_log_netns_messages_total"


def overflow(namespace: Namespace) -> tuple[dict, dict]:
    """Figures of the log, by message and by the inode of the namespace, and what report finds."""
    host.load("nf_conntrack_netlink")
    namespace.drop_flows()  # others could be evicted
    namespace.run(binaries.conntrack_fill(), "--assured", f"--count={LIMIT}")
    # The log is not rate limited: a line for each packet.
    with host.sysctl("net/core/message_cost", 0), host.sysctl("net/netfilter/nf_conntrack_max", LIMIT):
        with Exporter(namespace, *FRESH) as exporter:
            namespace.nft(RULES.format(port=exporter.port))
            before = exporter.scrape()

            def lines(scrape) -> float:
                return scrape.value(MESSAGES, message="table_full") - before.value(MESSAGES, message="table_full")

            try:
                send_datagrams(namespace, PACKETS)
                host.await_that("lines", lambda: f"{found:.0f}" if (found := lines(exporter.scrape())) < PACKETS else "")
                scrape = exporter.scrape()
                findings = report_command.by_id(report_command.report(namespace))
            finally:
                namespace.run("nft", "flush", "ruleset")
                namespace.drop_flows()
    dropped = scrape.total("conntrack_stat_drop_total") - before.total("conntrack_stat_drop_total")
    expect_equal(PACKETS, dropped, "packets dropped")
    expect_equal(PACKETS, lines(scrape), "lines of the log")
    expect("table_full" in findings, f"report does not name it: {', '.join(findings)}")
    return scrape.by(OF_NAMESPACES, "inode"), findings["table_full"]


@check("table full: counted, in the log, found by report")
def in_the_first():
    inodes, finding = overflow(host.first())
    expect_equal({}, inodes, "lines with a namespace")
    return finding["headline"]


@check("table full in another namespace: the log names it")
def elsewhere():
    namespace = Namespace()
    inode = namespace.run("stat", "-Lc", "%i", "/proc/self/ns/net").stdout.strip()
    inodes, _ = overflow(namespace)
    line = [line for line in host.run("dmesg").stdout.splitlines() if "table full" in line][-1]
    if not expected.LOG_NAMES_THE_NAMESPACE:
        expect_equal({}, inodes, "lines with a namespace")
        raise NotHere(line)
    expect_equal({inode: PACKETS}, inodes, "lines by the namespace")
    return line
