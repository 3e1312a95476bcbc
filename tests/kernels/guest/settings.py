"""What may differ from kernel to kernel: timeouts, and the size of an entry."""

import pathlib
import re

import host
from checks import OUT, check, expect, expect_equal

FOLDER = pathlib.Path("/proc/sys/net/netfilter")
_TIMEOUT = re.compile(r"nf_(?:conntrack|flowtable)_(\w+?)_timeout(?:_\w+)?")
_OF_OTHERS = {"frag6", "events_retry"}  # they are no flow's


@check("timeouts: each file is a metric")
def timeouts():
    host.load("nf_conntrack_netlink")
    # All of them with their values, to compare kernels.
    (OUT / "sysctls.txt").write_text(host.run("grep", "-r", "", str(FOLDER)).stdout, encoding="ascii")
    files = {path.name: int(path.read_text(encoding="ascii")) for path in FOLDER.iterdir() if _TIMEOUT.fullmatch(path.name)}
    files = {name: value for name, value in files.items() if _TIMEOUT.fullmatch(name)[1] not in _OF_OTHERS}
    with host.serving("--collector.disable-defaults", "--collector.timeouts") as exporter:
        series = exporter.scrape().by("conntrack_timeout_seconds", "protocol", "flow_state")
    expect_equal({_TIMEOUT.fullmatch(name)[1] for name in files}, {protocol for protocol, _ in series}, "protocols")
    for name, value in files.items():
        protocol = _TIMEOUT.fullmatch(name)[1]
        found = {seconds for (of, _), seconds in series.items() if of == protocol}
        expect(value in found, f"{name} is {value}, and {protocol} has {found}")
    expect(len(series) >= len(files), f"{len(files)} files, {len(series)} series")
    return str(len(files)), ", ".join(sorted(files))


@check("size of an entry: bytes, as in slabinfo")
def entry():
    host.load("nf_conntrack_netlink")
    lines = pathlib.Path("/proc/slabinfo").read_text(encoding="ascii").splitlines()
    slab = [int(line.split()[3]) for line in lines if line.startswith("nf_conntrack ")]
    expect(bool(slab), "no slab of nf_conntrack")
    with host.serving("--collector.disable-defaults", "--collector.memory") as exporter:
        size = exporter.scrape().value("conntrack_entry_size_bytes")
    expect_equal(slab[0], size, "conntrack_entry_size_bytes")
    return str(slab[0]), ""
