#!/usr/bin/python3
"""Takes the pictures of the status page for the README: tests/live/take_pictures.py FOLDER.

They are of the real page and of a real table, in a namespace of its own: a busy gateway whose table was full a moment
ago.
Needs what tests/live/browser.py needs, and pngquant.
"""

import pathlib
import subprocess
import sys
import time

import lab

lab.enter()  # before anything else is there

# pylint: disable=wrong-import-position
import binaries
from browser import Browser
from exporter_process import FRESH, Exporter
from full_table_test import LARGEST, RULES, send_datagrams

WIDTH = 1120
SCALE = 2
MOST_BYTES = 300_000
COLOURS = 64
# All but the collectors: how high that is.
UPPER_PART = "return document.querySelector('.side-by-side').parentElement.getBoundingClientRect().bottom + 16"
FLAGS = (
    *FRESH,
    "--collector.talkers",
    "--collector.talkers.top=8",
    "--collector.nat",
)
# What is in the table: shares of the limit, and how they are made. Numbers far from each other, so that no tuple comes
# twice.
CONTENT = (
    (0.33, "--assured", "--sources=6000", "--timeout=431000"),
    (0.14, "--profile=mixed", "--sources=3000", "--first=1000000", "--timeout=7200"),
    (0.205, "--profile=snat", "--assured", "--sources=1", "--first=1980000", "--timeout=430000"),
    (0.06, "--profile=snat", "--assured", "--sources=3", "--first=3000000", "--timeout=430000"),
    (0.05, "--assured", "--sources=2", "--first=8000000", "--timeout=431000"),
    (0.07, "--profile=dns", "--sources=500", "--first=5000000", "--timeout=600"),
)
BURST = ("--assured", "--sources=1", "--first=6000000", "--timeout=1000")
BURST_TO = ("172.16.0.100", "172.16.0.101")
# A host name that says nothing of where this runs, in a namespace of its own.
NAMED = ("unshare", "--uts", "sh", "-c", 'hostname gateway-2; exec "$0" "$@"', binaries.exporter())
DROPPED = 1800


def fill(namespace: lab.Namespace, limit: int) -> None:
    for share, *flags in CONTENT:
        namespace.run(binaries.conntrack_fill(), f"--count={int(limit * share)}", *flags)


def overflow(namespace: lab.Namespace, port: int, limit: int) -> None:
    """Packets are dropped from a full table, which then empties a little."""
    namespace.nft(RULES.format(port=port))
    left = limit - namespace.sysctl("nf_conntrack_count")
    namespace.run(binaries.conntrack_fill(), f"--count={left}", *BURST)
    send_datagrams(namespace, DROPPED)
    for address in BURST_TO:
        namespace.run("conntrack", "-D", "-p", "tcp", "-d", address, check=False)


def take(browser: Browser, address: str, scheme: str, target: pathlib.Path) -> None:
    browser.colours(scheme)
    browser.width(WIDTH, scale=SCALE)
    browser.open(address)
    target.write_bytes(browser.picture(browser.evaluate(UPPER_PART)))
    words = ("pngquant", "--force", "--strip", "--nofs", "--speed=1", "--output", str(target), str(COLOURS))
    subprocess.run((*words, str(target)), check=True)
    size = target.stat().st_size
    print(f"{target}: {size} bytes")
    if size > MOST_BYTES:
        raise SystemExit(f"{target} is larger than {MOST_BYTES} bytes")


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    namespace = lab.Namespace()
    limit = namespace.sysctl("nf_conntrack_max")
    if not 0 < limit <= LARGEST:
        raise SystemExit(f"nf_conntrack_max is {limit}: none, or more than the {LARGEST} entries that this fills in")
    fill(namespace, limit)
    with Exporter(namespace, *FLAGS, program=NAMED) as exporter, Browser(namespace) as browser:
        overflow(namespace, exporter.port, limit)
        time.sleep(20)  # for "the last minute" to be some of it
        exporter.scrape_sampled()
        address = f"http://{exporter.host}:{exporter.port}/"
        take(browser, address, "light", folder / "status-page.png")
        take(browser, address, "dark", folder / "status-page-dark.png")
    namespace.drop_flows()


main()
