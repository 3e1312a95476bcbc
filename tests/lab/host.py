"""The settings that the kernel has once for the whole host, and lets nobody write but who is in its first namespace."""

import contextlib
import os
import pathlib

from lab import OpenNamespace

VARIABLE = "CONNTRACK_LABORATORY_HOST"  # the descriptor of the host's network namespace, in the process inside


class Host:
    """Writes them from inside of the laboratory. That they are put back at its end is for the process outside to do."""

    def __init__(self):
        self.network = OpenNamespace(int(os.environ[VARIABLE]))

    def get(self, name: str) -> int:
        return self.network.sysctl(name)

    def set(self, name: str, value: int) -> None:
        with self.network.entered():
            pathlib.Path("/proc/sys/net/netfilter", name).write_text(str(value), encoding="ascii")

    @contextlib.contextmanager
    def changed(self, name: str, value: int):
        before = self.get(name)
        self.set(name, value)
        try:
            yield
        finally:
            self.set(name, before)
