"""A root file system in which the real systemd-sysctl and modprobe read invented boot files."""

import ctypes
import os
import pathlib
import subprocess
import tempfile

_MS_BIND, _MS_REC, _MNT_DETACH = 4096, 16384, 2
_libc = ctypes.CDLL(None, use_errno=True)


def _mount(source: str, target: pathlib.Path, kind: str | None, flags: int = 0) -> None:
    if _libc.mount(source.encode(), os.fsencode(target), kind.encode() if kind else None, flags, None) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"mount {source} on {target}: {os.strerror(error)}")


class BootTree:
    """The /usr of this machine, with folders of boot files of its own. Mounted in the tests' mount namespace only."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="conntrack-root-"))
        _mount("tmpfs", self.path, "tmpfs")
        for folder in ("etc/sysctl.d", "etc/modprobe.d", "run", "proc", "dev", "usr"):
            (self.path / folder).mkdir(parents=True)
        for link in ("bin", "sbin", "lib", "lib64"):
            (self.path / link).symlink_to(f"usr/{link}")
        _mount("/usr", self.path / "usr", None, _MS_BIND | _MS_REC)
        _mount("/proc", self.path / "proc", None, _MS_BIND | _MS_REC)
        _mount("/dev", self.path / "dev", None, _MS_BIND | _MS_REC)
        # Over what is there, in this mount namespace only.
        for folder in ("usr/local/lib", "usr/lib/sysctl.d", "usr/lib/modprobe.d"):
            if (self.path / folder).is_dir():
                _mount("tmpfs", self.path / folder, "tmpfs")

    def write(self, path: str, text: str) -> None:
        file = self.path / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def link(self, path: str, target: str) -> None:
        file = self.path / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)

    def has(self, program: str) -> bool:
        return os.access(self.path / program.lstrip("/"), os.X_OK)

    def run(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["chroot", str(self.path), *words], capture_output=True, text=True, check=False, timeout=60
        )

    def close(self) -> None:
        _libc.umount2(os.fsencode(self.path), _MNT_DETACH)
        self.path.rmdir()
