"""Memory of a process, from /proc/PID/status."""

import pathlib
import re


def _megabytes(pid: int, key: str) -> float:
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(re.search(rf"^{key}:\s+(\d+) kB", status, re.MULTILINE)[1]) / 1024


def peak_megabytes(pid: int) -> float:
    """The most that was ever resident."""
    return _megabytes(pid, "VmHWM")


def peak_own_megabytes(pid: int) -> float:
    """The same without what is mapped from files: the program and its libraries, which the kernel has in memory once for
    whoever else uses them, and drops at will."""
    return _megabytes(pid, "VmHWM") - _megabytes(pid, "RssFile")


def resident_megabytes(pid: int) -> float:
    return _megabytes(pid, "VmRSS")


def resident_own_megabytes(pid: int) -> float:
    """What is resident of its own memory, not mapped from files."""
    return _megabytes(pid, "RssAnon")
