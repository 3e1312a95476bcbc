"""Everything that a test of a whole machine makes goes with it, however it ends: processes, mounts, files, cgroups."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

_INSIDE = "CONNTRACK_DEPLOY_FOLDER"
_NAME = "conntrack-deploy-test"


def folder() -> pathlib.Path:
    """In memory: a package is installed without waiting for a disk. Mounted for this test alone."""
    return pathlib.Path(os.environ[_INSIDE])


def inside() -> bool:
    return _INSIDE in os.environ


def _hierarchies() -> list[pathlib.Path]:
    """Those that systemd puts its units in."""
    mounts = pathlib.Path("/proc/self/mounts").read_text()
    found = re.findall(r"^\S+ (\S+) (?:cgroup2 |cgroup \S*name=systemd)", mounts, re.MULTILINE)
    return [pathlib.Path(path) for path in found]


def _remove_cgroup(path: pathlib.Path) -> None:
    """Processes that were killed may take a moment to leave it."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            for child in sorted((child for child in path.rglob("*") if child.is_dir()), reverse=True):
                child.rmdir()
            path.rmdir()
        if not path.exists():
            return
        time.sleep(0.1)
    print(f"cannot remove {path}: processes are left in it", file=sys.stderr)


def run_inside(script: str) -> int:
    """Runs the script again in namespaces of its own, and cleans up after it. The exit code is the script's."""
    own = [hierarchy / f"{_NAME}-{os.getpid()}" for hierarchy in _hierarchies()]
    place = pathlib.Path(f"/var/tmp/{_NAME}-{os.getpid()}")
    nspawn = pathlib.Path("/run/systemd/nspawn")
    nspawn_was_there = nspawn.exists()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        for path in (*own, place, nspawn):
            path.mkdir(parents=True, exist_ok=True)
        # nspawn leaves its traces in a folder that goes, too. The first process of the namespace takes all others along.
        mounts = f"mount -t tmpfs -o size=2g,mode=755 tmpfs {place} && mount -t tmpfs tmpfs {nspawn}"
        joins = " && ".join(f"echo $$ >{path}/cgroup.procs" for path in own)
        command = f"{joins} && exec unshare --mount --pid --fork --kill-child --mount-proc sh -c '{mounts} && exec \"$@\"' sh \"$@\""
        with subprocess.Popen(["sh", "-c", command, "sh", sys.executable, script, *sys.argv[1:]],
                              env={**os.environ, _INSIDE: str(place)}) as child:
            try:
                return child.wait()
            finally:
                child.kill()
    finally:
        for path in own:
            _remove_cgroup(path)
        place.rmdir()
        if not nspawn_was_there:
            nspawn.rmdir()
