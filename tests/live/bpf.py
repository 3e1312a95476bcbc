"""Whether flows can be read by BPF here, and an exporter that may not."""

import functools
import os
import pathlib
import subprocess

import binaries
from exporter_process import BPF

# CAP_SYS_ADMIN is as good as both others.
WITHOUT_BPF = ("setpriv", "--bounding-set=-bpf,-perfmon,-sys_admin", "--inh-caps=-all")
_ONLY_FLOWS = ("--collector.disable-defaults", "--collector.flows")


@functools.cache
def why_impossible() -> str | None:
    """What the exporter says of it; None where it reads."""
    done = subprocess.run([binaries.exporter(), "check", *_ONLY_FLOWS, BPF], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    said = [line.strip() for line in done.stdout.splitlines() if line.startswith(("denied", "absent"))]
    return said[0] if said else f"check ended with {done.returncode}: {done.stdout}{done.stderr}"


def descriptors(pid: int) -> list[str]:
    """The BPF programs and maps that a process has open, as the kernel names their kinds."""
    found = []
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = os.readlink(entry)
        except FileNotFoundError:
            continue  # closed meanwhile
        if "bpf" in target:
            found.append(target)
    return sorted(found)
