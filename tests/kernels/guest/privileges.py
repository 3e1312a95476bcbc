"""What flows are read from, by privileges and by settings of the kernel."""

import pathlib
import re

import binaries
import expected
import host
from checks import NotHere, check, expect, expect_equal

LOCKDOWN = pathlib.Path("/sys/kernel/security/lockdown")
BPF = ("bpf", "perfmon", "syslog")
COUNT = 50
BPF_HERE = "bpf" if expected.BPF else "ctnetlink"
IN_PLACE = "bpf" if expected.BPF_IN_PLACE else "ctnetlink"


def source(*user: str) -> tuple[str, str]:
    """The source of flows, or the kind of error, and the lines that check prints for them."""
    host.load("nf_conntrack_netlink")
    host.flush()
    host.fill(f"--count={COUNT}", "--assured")
    done = host.run(*user, binaries.exporter(), "check", "--collector.disable-defaults", "--collector.flows")
    text = done.stdout.partition("\n\n")[2].partition("\n\n")[0]
    expect(" flows " in text, f"check says nothing about flows: {done.stdout}{done.stderr}")
    found = re.search(r"(?m)^ok +flows +\d+ families from (\w+)", text)
    expect_equal(found is None, "MISSING" in done.stdout, done.stdout)
    return (found[1] if found else text.split()[0]), " ".join(text.split())


def row(name: str, capabilities: tuple[str, ...], wanted: str) -> None:
    @check(f"flows for {name}")
    def by_privileges():
        found, text = source(*host.as_user(*capabilities))
        expect_equal(wanted, found, text)
        return found, text


row("a user without capabilities", (), "denied")
row("NET_ADMIN", ("net_admin",), "ctnetlink")
row("BPF, PERFMON, SYSLOG", BPF, "bpf" if expected.BPF else "denied")
row("NET_ADMIN, BPF, PERFMON, SYSLOG", ("net_admin", *BPF), BPF_HERE)
row("NET_ADMIN, BPF, PERFMON", ("net_admin", "bpf", "perfmon"), "ctnetlink")  # /proc/kallsyms hides the address of the table
row("NET_ADMIN, SYS_ADMIN", ("net_admin", "sys_admin"), IN_PLACE)


def with_setting(setting: str, value: int, name: str, user: tuple[str, ...], wanted: str) -> None:
    @check(f"flows, {setting.rpartition('/')[2]} {value}, {name}")
    def by_setting():
        with host.sysctl(setting, value):
            found, text = source(*user)
        expect_equal(wanted, found, text)
        return found, text


for level, source_there in ((0, BPF_HERE), (1, BPF_HERE), (2, IN_PLACE)):
    with_setting("kernel/kptr_restrict", level, "root", (), source_there)
with_setting("kernel/kptr_restrict", 0, "NET_ADMIN, BPF, PERFMON, SYSLOG", host.as_user("net_admin", *BPF), BPF_HERE)
# Nobody sees addresses.
with_setting("kernel/kptr_restrict", 2, "NET_ADMIN, BPF, PERFMON, SYSLOG", host.as_user("net_admin", *BPF), "ctnetlink")
with_setting("net/core/bpf_jit_harden", 2, "root", (), BPF_HERE)


def locked_down(level: str, wanted: str) -> None:
    """Cannot be undone."""

    @check(f"flows, lockdown {level}, root")
    def by_lockdown():
        if not LOCKDOWN.exists():
            raise NotHere(f"no {LOCKDOWN}")
        LOCKDOWN.write_text(level, encoding="ascii")
        expect(f"[{level}]" in LOCKDOWN.read_text(encoding="ascii"), f"lockdown is {LOCKDOWN.read_text(encoding='ascii')}")
        found, text = source()
        expect_equal(wanted, found, text)
        return found, text


locked_down("integrity", BPF_HERE)
locked_down("confidentiality", IN_PLACE)
