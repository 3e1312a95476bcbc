"""The module is loaded, unloaded, and loaded at another address while the exporter runs."""

import re

import binaries
import conntrack_list
import expected
import host
from checks import check, expect, expect_equal

SOURCE = "bpf" if expected.BPF else "ctnetlink"
COUNT = 1000
# Unrelated modules that take its place in memory.
OTHERS = ("sctp", "bridge", "ip_vs", "dummy", "ip6_tables", "xfrm_user")


class Served:
    """One exporter for the checks below, each of which continues where the last one ended."""

    exporter = None
    addresses: list[str] = []


def address() -> str:
    """Of the variable that leads to the table, which root can read."""
    with open("/proc/kallsyms", encoding="ascii") as lines:
        found = [line.split()[0] for line in lines if re.search(r" nf_conntrack_hash\s", line)]
    return found[0] if found else ""


def await_flows() -> str:
    """Until the exporter counts what conntrack(8) lists, by the source that this kernel supports."""

    def wrong() -> str:
        scrape = Served.exporter.scrape()
        listed = conntrack_list.by_state(conntrack_list.flows(host.first()))
        counted = {key: n for key, n in scrape.by("conntrack_flows", "family", "protocol", "flow_state").items() if n}
        sources = scrape.by("conntrack_flows_source_info", "via", "why_not_bpf")
        if listed != counted:
            return f"{sum(listed.values())} flows listed, {sum(counted.values()):.0f} counted"
        return "" if {source for source, _ in sources} == {SOURCE} else f"read from {sources}"

    host.await_that(f"flows by {SOURCE}", wrong)
    expect("please report" not in Served.exporter.log(), "it asks for a report")
    return f"{COUNT} flows by {SOURCE}"


@check("loaded while serving: flows are counted")
def loaded():
    host.unload()
    if Served.exporter:
        Served.exporter.kill()
    Served.exporter = host.serving()
    Served.exporter.scrape()
    host.load("nf_conntrack_netlink")
    Served.addresses = [address()]
    host.fill("--profile=mixed", f"--count={COUNT}")
    return await_flows()


@check("unloaded while serving: the exporter does not hold the module")
def unloaded():
    expect(Served.exporter is not None, "no exporter runs")
    host.flush()
    # A netfilter socket holds nfnetlink, which tracks nothing.
    host.unload("nfnetlink")
    scrape = Served.exporter.scrape()
    left = {"conntrack_entries", "conntrack_flows", "conntrack_stat_drop_total"} & scrape.names()
    expect(not left, f"still there: {', '.join(sorted(left))}")
    expect_equal({"": 0}, scrape.by("conntrack_table_present", "none"), "conntrack_table_present")
    expect("nf_conntrack" not in host.modules(), "nf_conntrack was loaded again")
    success = scrape.by("conntrack_scrape_collector_success", "collector")
    expect_equal({collector: 1 for collector in success}, success, "conntrack_scrape_collector_success")


@check("loaded at another address while serving: flows are counted")
def moved():
    expect(Served.exporter is not None, "no exporter runs")
    host.unload("nfnetlink")
    for other in OTHERS:
        host.run("modprobe", other)
        host.load("nf_conntrack_netlink")
        Served.addresses.append(address())
        if Served.addresses[-1] != Served.addresses[0]:
            break
        host.unload("nfnetlink")
    expect(Served.addresses[-1] != Served.addresses[0], f"it is always loaded at {Served.addresses[0]}")
    host.fill("--profile=mixed", f"--count={COUNT}")
    detail = await_flows()
    return f"{detail}, {' then '.join(Served.addresses)}"


@check("after that: exit code 0")
def ended():
    expect(Served.exporter is not None, "no exporter runs")
    exporter, Served.exporter = Served.exporter, None
    code = exporter.stop()
    log = exporter.log()
    exporter.kill()
    expect_equal(0, code, f"exit code; {log}")
    return f"{binaries.exporter()}, {len(log.splitlines())} lines of log"
