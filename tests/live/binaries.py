"""Where the programs under test are."""

import functools
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
_BUILDS = [ROOT / "build" / preset for preset in ("dev", "release")]


def _first(variable: str, candidates: list[pathlib.Path]) -> str:
    if variable in os.environ:
        candidates = [pathlib.Path(os.environ[variable])]
    for path in candidates:
        if os.access(path, os.X_OK):
            return str(path.resolve())
    raise AssertionError(f"none of {[str(path) for path in candidates]} is there: build it, or name it in {variable}")


def exporter() -> str:
    return _first("CONNTRACK_EXPORTER", [build / "conntrack_exporter" for build in _BUILDS])


@functools.cache
def sanitized() -> bool:
    """Whether the exporter is built with a sanitizer: then its memory grows by what that keeps back, it is not confined, and
    more of it is different."""
    program = pathlib.Path(exporter()).read_bytes()
    return any(name in program for name in (b"__asan_init", b"__tsan_init"))


@functools.cache
def collectors() -> dict[str, bool]:
    """Every collector of the exporter, and whether it is on by default."""
    text = subprocess.run([exporter(), "--help"], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^  --collector\.(\w+)\s+.+ \((off|on[^()]*)\)$", text, re.MULTILINE)
    return {name: state != "off" for name, state in found}


def conntrack_fill() -> str:
    """The one of the same build where there is one."""
    builds = [pathlib.Path(exporter()).parent, *_BUILDS]
    return _first("CONNTRACK_FILL", [build / "tests/support/conntrack_fill" for build in builds])


def confined_probe() -> str:
    """Of the same build: it confines itself as that exporter does."""
    return _first("CONNTRACK_PROBE", [pathlib.Path(exporter()).parent / "tests/support/confined_probe"])


# Where Debian's packages have the pages of Prometheus and the templates of Alertmanager, which read them there whatever they are
# told. The package of one does not bring what the other reads.
_SHARED = "/usr/share/prometheus"


def monitoring_daemon(name: str) -> list[str] | None:
    """The words that start Prometheus or Alertmanager. Unpacked, it gets a /usr/share of its own with what it reads there, whatever
    is installed, and needs nothing else from there. None where there is none."""
    program = tool(name)
    if not program or program != _unpacked(name):
        return program and [program]
    unpacked = ROOT / "build/tools" / _SHARED.lstrip("/")
    script = 'mount -t tmpfs shared /usr/share; cp -r "$1" "$0"; shift; exec "$@"'
    return ["unshare", "--mount", "sh", "-ec", script, _SHARED, str(unpacked), program]


def tool(name: str) -> str | None:
    """A program from Debian's packages that scripts/install-dependencies unpacks under build/tools, else from PATH."""
    unpacked = _unpacked(name)
    return unpacked if os.access(unpacked, os.X_OK) else shutil.which(name)


def _unpacked(name: str) -> str:
    return str(ROOT / "build/tools/usr/bin" / name)
