"""Flows by family, protocol and state, zone and status, as conntrack(8) lists them, to the flow."""

import io
import unittest

import conntrack_list
import expected
import host
import mixed_table
from checks import Failed, NotHere, check, expect, expect_equal
from exporter_process import BPF, NETLINK
from live import LiveTest

mixed_table.COUNT = 1000  # enough for each sort of flow


class ByNetlink(mixed_table.MixedTable, LiveTest):
    FLAGS, SOURCE = (NETLINK,), "ctnetlink"


class ByBpf(mixed_table.MixedTable, LiveTest):
    FLAGS, SOURCE = (BPF,), "bpf"


def run_cases(case: type) -> str:
    host.load("nf_conntrack_netlink")
    report = io.StringIO()
    result = unittest.TextTestRunner(stream=report).run(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    if not result.wasSuccessful() or result.skipped:
        raise Failed(report.getvalue())
    return f"{result.testsRun} comparisons of {mixed_table.COUNT} flows"


def without_bpf() -> str:
    """What the exporter says where the kernel cannot do it."""
    with host.serving(BPF) as exporter:
        scrape = exporter.scrape()
        log = exporter.log()
    expect_equal(0, scrape.value("conntrack_scrape_collector_success", collector="flows"), "the success of flows")
    lines = [line for line in log.splitlines() if "collector=flows" in line]
    expect(bool(lines), f"the log does not say why: {log}")
    return lines[0].partition("error=")[2] or lines[0]


@check("counts by netlink: equal to conntrack -L")
def by_netlink():
    return run_cases(ByNetlink)


@check("counts by BPF: equal to conntrack -L")
def by_bpf():
    host.load("nf_conntrack_netlink")
    if not expected.BPF:
        raise NotHere(without_bpf())
    return run_cases(ByBpf)


@check("counts of DCCP: equal to conntrack -L")
def dccp():
    host.load("nf_conntrack_netlink")
    host.flush()
    there = host.run("sh", "-c", "ls /proc/sys/net/netfilter | grep dccp").stdout.split()
    expect_equal(expected.DCCP, bool(there), "sysctls of DCCP")
    if not there:
        raise NotHere("no sysctl of DCCP in /proc/sys/net/netfilter")
    for number in range(3):
        host.first().run("conntrack", "-I", "-p", "dccp", "-s", f"10.1.2.{number}", "-d", "10.2.0.1", "--sport=1000",
                         "--dport=2000", "--state=OPEN", "--role=client", "--timeout=3600")
    listed = conntrack_list.flows(host.first())
    expect_equal(3, sum(flow.protocol == "dccp" for flow in listed), "listed")
    for flag in (NETLINK, BPF) if expected.BPF else (NETLINK,):
        with host.serving(flag) as exporter:
            counted = exporter.scrape().by("conntrack_flows", "family", "protocol")
        expect_equal(3, counted.get(("ipv4", "dccp")), f"counted with {flag}")
