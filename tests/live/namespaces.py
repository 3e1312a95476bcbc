"""Network namespaces as a host has them: with a name, with processes, with both."""

import os
import subprocess

import binaries
import processes
from lab import Namespace

NAMES = "/run/netns"


def private_names() -> None:
    """An empty /run/netns for this process and its children; the machine's own stays as it is."""
    subprocess.run(["mount", "-t", "tmpfs", "none", "/run"], check=True)
    os.mkdir(NAMES)


class HostNamespace(Namespace):
    """A namespace that can be bound to a name and have processes, whose entries can be counted."""

    def __init__(self):
        super().__init__()
        self.inode = str(os.stat(self.path).st_ino)
        self._name = None
        self._processes: list[subprocess.Popen] = []

    def bind(self, name: str) -> "HostNamespace":
        """As `ip netns add` does it."""
        self._name = f"{NAMES}/{name}"
        with open(self._name, "x", encoding="ascii"):
            pass
        subprocess.run(["mount", "--bind", self.path, self._name], check=True)
        return self

    def occupy(self, *command: str) -> "HostNamespace":
        """Starts a process inside that does nothing, or `command`."""
        with self.entered():
            self._processes.append(processes.start(command or ("sleep", "infinity")))
        return self

    def fill(self, count: int, *flags: str) -> "HostNamespace":
        self.run(binaries.conntrack_fill(), "--count", str(count), *flags)
        return self

    def count(self) -> int:
        """What conntrack(8) counts."""
        return int(self.run("conntrack", "-C").stdout)

    def leave(self) -> None:
        """Ends the processes and takes the name away. What we hold ourselves stays."""
        for process in self._processes:
            processes.end(process)
        self._processes.clear()
        if self._name:
            # As `ip netns` does it, whoever has it open just then.
            subprocess.run(["umount", "--lazy", self._name], check=True)
            os.unlink(self._name)
            self._name = None

    def close(self) -> None:
        self.leave()
        super().close()
