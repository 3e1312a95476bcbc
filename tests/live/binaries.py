"""Where the programs under test are."""

import os
import pathlib
import shutil

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


def conntrack_fill() -> str:
    """The one of the same build where there is one."""
    builds = [pathlib.Path(exporter()).parent, *_BUILDS]
    return _first("CONNTRACK_FILL", [build / "tests/support/conntrack_fill" for build in builds])


def tool(name: str) -> str | None:
    """A program from Debian's packages that scripts/install-dependencies unpacks under build/tools, else from PATH."""
    unpacked = ROOT / "build/tools/usr/bin" / name
    return str(unpacked) if os.access(unpacked, os.X_OK) else shutil.which(name)
