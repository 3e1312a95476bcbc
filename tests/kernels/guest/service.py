"""What is expected of any service."""

import re
import time

import host
from checks import check, expect, expect_equal
from live import STOPS_WITHIN

SCRAPES = 100
_ALARMS = re.compile(r"Oops|Call Trace|WARNING: |BUG: |kernel BUG|type=1326|general protection")


@check("100 scrapes: all 200")
def scrapes():
    host.load("nf_conntrack_netlink")
    host.flush()
    host.fill("--profile=mixed", "--count=1000")
    with host.serving("--collector.events", "--collector.nat", "--collector.talkers", "--collector.netns") as exporter:
        statuses = [exporter.get_patiently().status for _ in range(SCRAPES)]
        success = exporter.scrape().by("conntrack_scrape_collector_success", "collector")
    host.flush()
    expect_equal([200] * SCRAPES, statuses, "statuses")
    expect_equal({collector: 1 for collector in success}, success, "conntrack_scrape_collector_success")
    return f"{len(success)} collectors"


@check("stop: exit code 0, within 2 s")
def stops():
    """The fastest of several: the machine is emulated, and may be busy."""
    times = []
    while not times or min(times) > STOPS_WITHIN:
        expect(len(times) < 5, f"the fastest took {min(times, default=0):.1f} s")
        exporter = host.serving()
        exporter.scrape()
        began = time.monotonic()
        code = exporter.stop()
        times.append(time.monotonic() - began)
        expect_equal(0, code, f"exit code; {exporter.log()}")
        exporter.kill()
    return f"{min(times):.2f} s"


@check("kernel log: no warning")
def clean():
    lines = host.run("dmesg").stdout.splitlines()
    alarms = [line for line in lines if _ALARMS.search(line)]
    expect(not alarms, "; ".join(alarms[:5]))
    expect(bool(lines), "dmesg prints nothing")
    return f"{len(lines)} lines"
