"""The exporter in the router, which incidents may stop, start and rob of its privileges."""

import binaries
import exporter_process
from exporter_process import Exporter
from exposition import Exposition
from lab import Namespace


class RouterExporter:
    """Listens on `address` for Prometheus, as one does that an operator has installed."""

    def __init__(self, namespace: Namespace, address: str, rootfs: str):
        self._namespace = namespace
        self._flags = (
            f"--web.listen-address={address}",
            f"--path.rootfs={rootfs}",
            *(f"--collector.{name}" for name in binaries.collectors() if name != "ena"),  # there is none here
            "--collector.talkers.pairs",
            "--collector.netns.composition",
            "--collector.talkers.class=10.1.0.0/24=clients",
            "--collector.flows.cpu-share=0.5",  # a walk for each scrape, each second
            exporter_process.HELD_BACK_LATE,  # this namespace is small, and the host's table may be large
        )
        self._running: Exporter | None = None

    def start(self, *flags: str, program: tuple[str, ...] = ()) -> None:
        """Starts it, with more flags, which replace those of the same name, or with other words before them
        (lab.without_net_admin)."""
        given = {_name(flag) for flag in flags}
        own = (flag for flag in self._flags if _name(flag) not in given)
        self._running = Exporter(self._namespace, *own, *flags, program=program)

    def kill(self) -> None:
        """By SIGKILL. Nothing happens where it does not run."""
        if self._running:
            self._running.kill()
            self._running = None

    def restart(self, *flags: str, program: tuple[str, ...] = ()) -> None:
        self.kill()
        self.start(*flags, program=program)

    @property
    def running(self) -> Exporter:
        """The process. AssertionError where it has been killed."""
        if not self._running:
            raise AssertionError("the exporter does not run")
        return self._running

    def scrape(self) -> Exposition:
        return self.running.scrape()


def _name(flag: str) -> str:
    return flag.partition("=")[0]
