"""nf_conntrack is not loaded: a state, not a failure, and the exporter loads nothing."""

import binaries
import host
from checks import check, expect, expect_equal

USERS = {"root": (), "user": host.as_user()}
COMMANDS = (("check",), ("report",), ("report", "--format", "json"), ("advise", "--profile", "nat-gateway"), ("healthcheck",))
MORE = ("--collector.events", "--collector.nat", "--collector.talkers", "--collector.netns")


def loads_nothing(user: tuple[str, ...]) -> str:
    host.unload()
    before, culprits = host.modules(), []

    def judge(what: str) -> None:
        """After the exporter has ended, since a module in use cannot be unloaded."""
        nonlocal before
        loaded = host.modules() - before
        if loaded:
            culprits.append(f"{what}: {', '.join(sorted(loaded))}")
            host.unload()
            before = host.modules()

    for words in COMMANDS:
        host.run(*user, binaries.exporter(), *words)
        judge(" ".join(words))
    for flags in ((), MORE):
        with host.serving(*flags, user=user) as exporter:
            exporter.scrape()
            exporter.get("/")
        judge(" ".join(("serve", *flags)))
    expect(not culprits, f"loaded by {'; by '.join(culprits)}")
    return f"{len(COMMANDS)} commands, and serve with {len(MORE)} more collectors and without"


@check("absent: nothing is loaded, by root")
def by_root():
    return loads_nothing(USERS["root"])


@check("absent: nothing is loaded, by a user")
def by_user():
    return loads_nothing(USERS["user"])


@check("absent: a state, not a failure")
def a_state():
    host.unload()
    said = {}
    for name, user in USERS.items():
        with host.serving(user=user) as exporter:
            scrape = exporter.scrape()
        expect_equal({"": 0}, scrape.by("conntrack_table_present", "none"), f"{name}: conntrack_table_present")
        expect_equal({"": 0}, scrape.by("conntrack_ctnetlink_present", "none"), f"{name}: conntrack_ctnetlink_present")
        success = scrape.by("conntrack_scrape_collector_success", "collector")
        expect(bool(success), f"{name}: no collector")
        expect_equal({collector: 1 for collector in success}, success, f"{name}: conntrack_scrape_collector_success")
        families = {"conntrack_entries", "conntrack_flows", "conntrack_stat_drop_total"} & scrape.names()
        expect(not families, f"{name}: {families} without a table")
        done = host.run(*user, binaries.exporter(), "check")
        expect_equal(0, done.returncode, f"{name}: the exit code of check")
        said[name] = [line for line in done.stdout.splitlines() if "not loaded" in line]
        expect_equal(1, len(said[name]), f"{name}: lines of check with \"not loaded\": {said[name]}")
    expect_equal(said["root"], said["user"], "what check says to a user")
    return said["root"][0]


@check("absent: ctnetlink is not loaded where nf_conntrack is")
def without_ctnetlink():
    host.unload()
    host.load("nf_conntrack")
    before = host.modules()
    for user in USERS.values():
        host.run(*user, binaries.exporter(), "check")
        with host.serving(user=user) as exporter:
            scrape = exporter.scrape()
        expect_equal(set(), host.modules() - before, "loaded")
        expect_equal({"": 1}, scrape.by("conntrack_table_present", "none"), "conntrack_table_present")
        expect_equal({"": 0}, scrape.by("conntrack_ctnetlink_present", "none"), "conntrack_ctnetlink_present")
        expect("conntrack_entries" in scrape.names(), "no conntrack_entries")
