"""A machine with an exporter, as the series that Prometheus scrapes from it."""

import dataclasses
import itertools
from collections.abc import Callable, Iterator

from shapes import NONE, Shape, seconds, spans, steady, within

SIZE = 100_000  # entries of a table that is 100 % full
COLLECTORS = ("table", "stat", "flows", "settings", "kernel_log")
BUILD = {"revision": "4f3a2b1", "compiler": "gcc 12.2.0", "architecture": "x86_64"}


@dataclasses.dataclass
class Host:
    """Shapes are percentages of SIZE (gauges) or counts (counters)."""

    name: str = "gw1"
    job: str = "conntrack"
    labels: dict[str, str] = dataclasses.field(default_factory=dict)  # of the target
    kernel: tuple[int, int] = (6, 1)
    present: bool = True  # the module is loaded
    exporter: bool = True  # False: a target of another kind
    # the table
    usage: Shape = steady(20)
    limit: Shape = steady(SIZE)
    buckets: Shape = steady(SIZE)
    assured: Shape | None = None  # half of `usage`
    expectations: Shape | None = None
    recommended: int = 0
    drifts: int = 0
    # packets
    full: Shape = NONE  # lost: no room in the table
    clashes: Shape = NONE  # lost: unresolved clash
    chains: Shape = NONE  # lost: chain too long
    early_drops: Shape = NONE
    invalid: Shape = NONE
    lines: Shape = NONE  # in the kernel's log, beside those of `full`
    stat: bool = True  # the stat collector works
    logs: bool = True  # the kernel_log collector does
    new_flows: Shape | None = None  # None: the events collector is off
    netns: dict[str, Shape] = dataclasses.field(default_factory=dict)  # lost to a full table, by network namespace
    netns_resolved: dict[str, Shape] = dataclasses.field(default_factory=dict)  # clashes that the kernel resolved there
    # CPUs
    cpus: int = 2
    unplugged: dict[int, str] = dataclasses.field(default_factory=dict)  # CPU: when
    counted_before: int = 1000  # value of each kernel counter at the start
    # flows
    flows: dict[str, Shape] | None = None  # "tcp SYN_SENT": percent; derived from `usage` by default
    unreplied: Shape | None = None  # of TCP, beside SYN_SENT
    sources: dict[str, Shape] = dataclasses.field(default_factory=dict)
    snat: Shape | None = None  # percent of the ports of one address
    sample_age: Shape = steady(1)
    # times
    failing: dict[str, str] = dataclasses.field(default_factory=dict)  # collector: when
    missed: str = ""  # scrapes that fail
    gone: str = ""  # no target
    unseen: str = ""  # Prometheus is down
    exporter_restarts: tuple[str, ...] = ()
    boots: tuple[str, ...] = ()

    def series(self, length: int, scrape: int) -> Iterator[tuple[str, str]]:
        """Series and values in promtool's notation."""
        missed, gone, unseen = spans(self.missed), spans(self.gone), spans(self.unseen)
        times = range(0, length + 1, scrape)
        target = {"job": self.job, "instance": self.name, **self.labels}

        def values(value: Callable[[int], float | None], absent) -> str:
            seen = []
            for now in times:
                there = None if within(now, absent) or within(now, gone) else value(now)
                seen.append("_" if within(now, unseen) else "stale" if there is None else f"{there:.10g}")
            return compact(seen)

        yield written("up", target), values(lambda now: int(not within(now, missed)), [])
        for metric, labels, value in self.metrics(length, scrape) if self.exporter else ():
            yield written(f"conntrack_{metric}", target | labels), values(value, missed)

    def metrics(self, length: int, scrape: int) -> Iterator[tuple[str, dict[str, str], Callable]]:
        starts = [0, *sorted(seconds(time) for time in self.exporter_restarts), length + 1]
        for number, (start, end) in enumerate(itertools.pairwise(starts)):  # each restart is an upgrade
            value = lambda now, start=start, end=end: 1 if start <= now < end else None
            yield "exporter_build_info", {"version": f"1.{number}.0", **BUILD}, value
        yield "table_present", {}, lambda now: int(self.present)
        for collector in COLLECTORS:
            fails = spans(self.failing.get(collector, ""))
            yield "scrape_collector_success", {"collector": collector}, lambda now, fails=fails: int(not within(now, fails))
        for number in range(self.drifts):
            where = {"reason": "value_differs", "file": f"/etc/sysctl.d/50-vendor.conf:{number}", "managed_by": "systemd-sysctl"}
            yield "setting_drift_info", {"setting": f"nf_conntrack_{number}", **where}, lambda now: 1
        if self.present:
            yield from self.table(length, scrape)
            yield from self.packets(scrape)
            yield from self.traffic()

    def table(self, length: int, scrape: int):
        gauge = lambda shape: lambda now: round(shape.at(now) * SIZE / 100)
        yield "entries", {}, gauge(self.usage)
        yield "entries_limit", {}, self.limit.at
        yield "hash_buckets", {}, self.buckets.at
        # The exporter reads four times a second; here once, or once a scrape in long situations.
        step = 1 if length <= 10 * 3600 else scrape
        readings = [round(self.usage.at(now) * SIZE / 100) for now in range(0, length + 1, step)]
        full = [reading >= 0.95 * self.limit.at(number * step) > 0 for number, reading in enumerate(readings)]
        full_seconds = list(itertools.accumulate(full))
        yield "entries_peak", {}, lambda now: max(readings[max(0, (now - 59) // step) : now // step + 1])
        counted = Shape(lambda now: full_seconds[now // step] * step)
        yield "entries_full_seconds_total", {}, lambda now: self.own(counted, now) if self.limit.at(now) else None
        if self.expectations:
            yield "expectations", {}, self.expectations.at
            yield "expectations_limit", {}, lambda now: 100
        if self.recommended:
            yield "recommended_entries_limit", {"basis": "peak"}, lambda now: self.recommended

    def packets(self, scrape: int):
        counters = {"drop": self.full + self.clashes, "insert_failed": self.clashes + self.chains, "early_drop": self.early_drops,
                    "invalid": self.invalid}  # fmt: skip
        if self.kernel >= (5, 10):
            counters |= {"clash_resolve": NONE, "chain_toolong": self.chains}
        for counter, shape in counters.items() if self.stat else ():
            for cpu in range(self.cpus):
                gone = spans(self.unplugged.get(cpu, ""))
                value = lambda now, shape=shape, cpu=cpu, gone=gone: None if within(now, gone) else self.of_kernel(shape, now, cpu)
                yield f"stat_{counter}_total", {"cpu": str(cpu)}, value
        if self.logs:
            # The kernel writes one line for each packet, but at most 10 in 5 seconds.
            lines = [0]

            def logged(now: int) -> float:
                until = now // scrape
                for start in range(len(lines) - 1, until):
                    packets = int(self.full.at((start + 1) * scrape)) - int(self.full.at(start * scrape))
                    lines.append(lines[-1] + min(packets, 2 * scrape))
                return lines[until] + self.lines.at(now)

            yield "kernel_log_messages_total", {"message": "table_full"}, lambda now: self.own(Shape(logged), now)
        for netns, shape in self.netns.items():
            resolved = self.netns_resolved.get(netns, NONE)
            counters = {"drop": shape, "insert_failed": NONE}
            counters["clash_resolve" if self.kernel >= (5, 10) else "insert_failed"] = resolved
            if self.kernel >= (5, 15):
                counters["chain_toolong"] = NONE
            for counter, lost in counters.items():
                yield f"netns_{counter}_total", {"netns": netns}, lambda now, lost=lost: self.of_kernel(lost, now)
            full = lambda now, shape=shape: shape.at(now + scrape) > shape.at(now - scrape)
            yield "netns_entries", {"netns": netns}, lambda now, full=full: SIZE if full(now) else SIZE // 10
        if self.new_flows:
            yield "events_total", {"event": "new", "protocol": "tcp"}, lambda now: self.own(self.new_flows, now)

    def traffic(self):
        shared = {"tcp ESTABLISHED": 0.5, "tcp TIME_WAIT": 0.3, "udp REPLIED": 0.2}
        usual = {name: Shape(lambda now, part=part: part * self.usage.at(now)) for name, part in shared.items()}
        flows = {"tcp SYN_SENT": NONE} | (self.flows or usual)  # the exporter has all states, also those without flows
        count = lambda shape: lambda now: round(shape.at(now) * SIZE / 100)
        statuses = {"tcp": self.unreplied or NONE}
        for name, shape in flows.items():
            protocol, state = name.split()
            family = "ipv6" if protocol == "icmpv6" else "ipv4"
            yield "flows", {"family": family, "protocol": protocol, "flow_state": state}, count(shape)
            if state in ("SYN_SENT", "UNREPLIED"):
                statuses[protocol] = statuses.get(protocol, NONE) + shape
        for protocol, shape in statuses.items():
            family = "ipv6" if protocol == "icmpv6" else "ipv4"
            yield "flows_with_status", {"family": family, "protocol": protocol, "status": "unreplied"}, count(shape)
        assured = self.assured or Shape(lambda now: self.usage.at(now) / 2)
        yield "flows_with_status", {"family": "ipv4", "protocol": "tcp", "status": "assured"}, count(assured)
        yield "flows_sample_age_seconds", {}, self.sample_age.at
        for timeout, value in (("SYN_SENT", 120), ("SYN_RECV", 60), ("ESTABLISHED", 432000)):
            yield "timeout_seconds", {"protocol": "tcp", "flow_state": timeout}, lambda now, value=value: value
        for source, shape in self.sources.items():
            yield "talkers_source_flows", {"source_address": source}, count(shape)
        if self.snat:
            pool = {"address": "203.0.113.1", "protocol": "tcp", "remote_address": "198.51.100.1", "remote_port": "443", "ct_zone": "0"}
            yield "snat_ports_in_use", pool, lambda now: round(self.snat.at(now) * 64512 / 100)
            yield "snat_ports_available", {}, lambda now: 64512

    def of_kernel(self, shape: Shape, now: int, cpu: int | None = None) -> int:
        """A 32-bit counter of the kernel, or the part of one CPU."""
        since = latest(self.boots, now)
        count = int(shape.at(now)) - int(shape.at(since))
        if cpu is not None:
            count = (count + cpu) // self.cpus
        return (count + (0 if since else self.counted_before)) % 2**32

    def own(self, shape: Shape, now: int) -> float:
        """A counter of the exporter."""
        return shape.at(now) - shape.at(latest(self.boots + self.exporter_restarts, now))


def latest(times: tuple[str, ...], now: int) -> int:
    return max((seconds(time) for time in times if seconds(time) <= now), default=0)


def written(metric: str, labels: dict[str, str]) -> str:
    return metric + "{" + ",".join(f'{label}="{value}"' for label, value in labels.items()) + "}"


def compact(values: list[str]) -> str:
    """In promtool's notation: 7x3 is 7 four times, _x4 is a gap of four scrapes. A series that ends is stale once."""
    words = []
    for value, group in itertools.groupby(values):
        count = len(list(group))
        if value == "stale":
            words.append("stale" if count == 1 else f"stale _x{count - 1}")
        elif value == "_":
            words.append(f"_x{count}")
        else:
            words.append(value if count == 1 else f"{value}x{count - 1}")
    return " ".join(words)
