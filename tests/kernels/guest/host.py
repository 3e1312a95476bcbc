"""What the suite does to the machine: modules, sysctls, users; and the exporter in its first network namespace."""

import contextlib
import functools
import pathlib
import subprocess
import time

import binaries
from exporter_process import FRESH, Exporter
from lab import FirstNamespace

PATIENCE = 60  # seconds, of an emulated machine
_TRACKING = ("nf_conntrack", "nf_tables", "nfnetlink", "nf_defrag_ipv4", "nf_defrag_ipv6")


@functools.cache
def first() -> FirstNamespace:
    return FirstNamespace()


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300)


def as_user(*capabilities: str) -> tuple[str, ...]:
    """The words that run a program as an ordinary user with these capabilities only."""
    held = ",".join(["-all", *(f"+{name}" for name in capabilities)])
    ambient = (f"--ambient-caps={held}",) if capabilities else ()
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", f"--inh-caps={held}", *ambient)


def serving(*flags: str, user: tuple[str, ...] = ()) -> Exporter:
    """A context, which fails if the exporter does not exit cleanly."""
    return Exporter(first(), *FRESH, *flags, program=(*user, binaries.exporter()))


def await_that(what: str, holds, patience: float = PATIENCE) -> None:
    """`holds` yields what is still wrong, or nothing."""
    end = time.monotonic() + patience
    while wrong := holds():
        if time.monotonic() > end:
            raise AssertionError(f"not within {patience:.0f} s: {what}: {wrong}")
        time.sleep(0.2)


def users() -> dict[str, list[str]]:
    """The modules that are loaded, and those that use each."""
    lines = pathlib.Path("/proc/modules").read_text(encoding="ascii").splitlines()
    return {line.split()[0]: line.split()[3].strip("-,").split(",") for line in lines}


def modules() -> set[str]:
    return set(users())


def unload(*spared: str) -> None:
    """Unloads all of connection tracking, and what uses it."""
    for _ in range(10):
        loaded = users()
        there = [name for name in _TRACKING if name in loaded and name not in spared]
        if not there:
            return
        for name in there:
            run("modprobe", "--remove", *filter(None, loaded[name]), name)
    raise AssertionError(f"still loaded: {', '.join(there)}; {run('modprobe', '--remove', *there).stderr}")


def load(*names: str) -> None:
    done = run("modprobe", "--all", *names)
    if done.returncode != 0:
        raise AssertionError(f"modprobe {' '.join(names)}: {done.stderr}")


def flush() -> None:
    first().run("nft", "flush", "ruleset")
    first().drop_flows()


@contextlib.contextmanager
def sysctl(name: str, value):
    """A sysctl, as long as the context lasts."""
    path = pathlib.Path("/proc/sys") / name
    before = path.read_text(encoding="ascii")
    path.write_text(f"{value}\n", encoding="ascii")
    try:
        yield
    finally:
        path.write_text(before, encoding="ascii")


def fill(*flags: str) -> None:
    first().run(binaries.conntrack_fill(), *flags)
