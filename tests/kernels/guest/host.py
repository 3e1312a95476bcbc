"""What the suite does to the machine: modules, users, sysctls."""

import pathlib
import subprocess

USER = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all")


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(words, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300)


def modules() -> set[str]:
    """Those that are loaded."""
    return {line.split()[0] for line in pathlib.Path("/proc/modules").read_text(encoding="ascii").splitlines()}


def unload() -> None:
    """Takes out all of connection tracking, what uses it, and what only these use."""
    tracking = {"nf_conntrack", "nf_tables", "nfnetlink", "nf_defrag_ipv4", "nf_defrag_ipv6"}
    for _ in range(10):
        users = {line.split()[0]: line.split()[3] for line in pathlib.Path("/proc/modules").read_text(encoding="ascii").splitlines()}
        there = tracking & users.keys()
        if not there:
            return
        for name in there:
            run("modprobe", "--remove", *users[name].strip("-,").split(","), name)
    raise AssertionError(f"still loaded: {', '.join(sorted(there))}")
