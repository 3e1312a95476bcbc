"""A Debian with systemd as its first process, in namespaces of its own.

systemd-nspawn boots it: where systemd is not the first process of this machine too (--keep-unit, --register=no), and with the
cgroups of version 1 and systemd's own hierarchy, with both versions, or with version 2 alone. A plain `unshare` and chroot would
need /dev, /run, /proc and the hierarchies set up by hand in just that way. What it does otherwise than a real machine: the first
process has less capabilities, /proc/sys is read-only but for the network's part, and no device is forbidden by cgroup."""

import contextlib
import os
import pathlib
import re
import subprocess
import sys
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "kernels"))

from mirror import MIRROR  # noqa: E402

_PATIENCE = 300  # seconds, on a busy machine
_ACQUIRE = r"^(Acquire::(?:https?::Proxy|Retries) .*;)$"
_NSPAWN = (
    "systemd-nspawn", "--quiet", "--boot", "--private-network", "--register=no", "--keep-unit", "--machine=conntrack-test",
    "--console=read-only", "--resolv-conf=off", "--timezone=off", "--link-journal=no",
    # What the exporter confines itself with, and what drop-ins of the unit give: nspawn would keep it from all within.
    "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self bpf",
    "--capability=CAP_SYSLOG,CAP_BPF,CAP_PERFMON")


class Failed(Exception):
    """What a check of the test found, in words."""


def run(*command: str, check: bool = True, **how) -> subprocess.CompletedProcess:
    done = subprocess.run(command, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **how)
    if check and done.returncode != 0:
        raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done


def make_root(root: pathlib.Path, codename: str, package: pathlib.Path) -> None:
    """A minimal Debian with rpm. What the package depends on is downloaded, not installed."""
    acquire = re.findall(_ACQUIRE, run("apt-config", "dump").stdout, re.MULTILINE)
    run("mmdebstrap", "--variant=apt", "--include=systemd-sysv,iproute2,rpm", "--skip=cleanup/apt",
        '--aptopt=Acquire::Languages "none"', *(f"--aptopt={option}" for option in acquire),
        f"--customize-hook=copy-in {package} /root",
        f"--customize-hook=chroot $1 apt-get install -y -qq --no-install-recommends --download-only /root/{package.name}",
        codename, str(root), f"deb {MIRROR}/debian {codename} main", f"deb {MIRROR}/debian {codename}-updates main",
        f"deb {MIRROR}/debian-security {codename}-security main")


class Machine:
    """Booted from `root`; use as a context. `devices` are those of this machine that it sees, read-only."""

    def __init__(self, root: pathlib.Path, devices: tuple[str, ...]):
        self.root = root
        self._devices = devices
        self._leader = None

    def __enter__(self):
        self._console = open(self.root.parent / "console", "wb")
        binds = (f"--bind-ro={device}" for device in self._devices)
        self._nspawn = subprocess.Popen((*_NSPAWN, *binds, f"--directory={self.root}"), stdin=subprocess.DEVNULL,
                                        stdout=self._console, stderr=self._console)
        self.wait_for("the machine to boot", self._booted)
        return self

    def __exit__(self, *_):
        with contextlib.suppress(Failed):
            self.run("systemctl", "poweroff", "--force")
        try:
            self._nspawn.wait(60)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
        self._console.close()

    def _booted(self) -> bool:
        if self._nspawn.poll() is not None:
            raise Failed(f"systemd-nspawn ended:\n{(self.root.parent / 'console').read_text(errors='replace')}")
        children = pathlib.Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children").read_text().split()
        self._leader = children[0] if children else None
        if not self._leader:
            return False
        state = self.run("systemctl", "is-system-running", check=False).stdout.strip()
        if state == "degraded":
            raise Failed("units failed at the boot:\n" + self.run("systemctl", "--failed").stdout)
        return state == "running"

    def run(self, *command: str, **how) -> subprocess.CompletedProcess:
        """As root of the machine."""
        return run("nsenter", f"--target={self._leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root",
                   "--wd", "--", *command, **how)

    def in_network(self, *command: str, **how) -> subprocess.CompletedProcess:
        """A program of this machine, in the network of the other: it needs less of its own."""
        return run("nsenter", f"--target={self._leader}", "--net", "--", *command, **how)

    def file(self, path: str) -> pathlib.Path:
        return self.root / path.lstrip("/")

    def write(self, path: str, text: str) -> None:
        self.file(path).parent.mkdir(parents=True, exist_ok=True)
        self.file(path).write_text(text)

    def show(self, unit: str, name: str) -> str:
        return self.run("systemctl", "show", "--value", f"--property={name}", unit).stdout.strip()

    def status_of(self, pid: str) -> dict[str, str]:
        """/proc/PID/status."""
        lines = self.run("cat", f"/proc/{pid}/status").stdout.splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @staticmethod
    def wait_for(what: str, condition) -> None:
        end = time.monotonic() + _PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise Failed(f"waited {_PATIENCE} s for {what}")
            time.sleep(0.1)
