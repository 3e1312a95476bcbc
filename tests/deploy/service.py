"""The service of the exporter on a machine."""

import contextlib

from machine import Failed, Machine

_DROP_INS = "/etc/systemd/system/conntrack-exporter.service.d"
_SHIPPED = "/usr/share/doc/conntrack-exporter/systemd"


class Scrape:
    """What was scraped."""

    def __init__(self, text: str):
        lines = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
        self._values = {series: float(value) for series, _, value in lines}

    def value(self, series: str) -> float | None:
        return self._values.get(series)

    def assert_value(self, wanted: float, series: str) -> None:
        if self.value(series) != wanted:
            raise Failed(f"{series} is {self.value(series)}, not {wanted}")

    def assert_absent(self, series: str) -> None:
        if self.value(series) is not None:
            raise Failed(f"{series} is there: {self.value(series)}")


class Service:
    UNIT = "conntrack-exporter.service"
    SOCKET = "conntrack-exporter.socket"

    def __init__(self, machine: Machine, flags: str = "/etc/default/conntrack-exporter"):
        self._machine = machine
        self._flags = flags  # the file

    def scrape(self) -> Scrape:
        """Without a second try."""
        return Scrape(self._machine.in_network("curl", "--silent", "--show-error", "--fail", "--max-time", "30",
                                               "http://127.0.0.1:10318/metrics").stdout)

    def wait_for(self, series: str, least: float) -> None:
        self._machine.wait_for(f"{series} >= {least}", lambda: (self.scrape().value(series) or 0) >= least)

    def log(self) -> str:
        return self._machine.run("journalctl", "--no-pager", "--quiet", "--output=cat", f"--unit={self.UNIT}").stdout

    def pid(self) -> str:
        return self._machine.show(self.UNIT, "MainPID")

    def arguments(self, flags: str) -> None:
        self._machine.write(self._flags, f'ARGS="{flags}"\n')

    def restart(self) -> None:
        self._machine.run("systemctl", "daemon-reload")
        # Tests restart it more often than systemd takes for sane.
        self._machine.run("systemctl", "reset-failed", self.UNIT, check=False)
        done = self._machine.run("systemctl", "restart", self.UNIT, check=False)
        if done.returncode != 0:
            raise Failed(f"it does not start:\n{self.log()[-3000:]}")

    @contextlib.contextmanager
    def override(self, text: str, flags: str = "", start: bool = True):
        """A drop-in, for as long as the context lasts."""
        path = f"{_DROP_INS}/test.conf"
        self._machine.write(path, text)
        self.arguments(flags)
        self.restart() if start else self._machine.run("systemctl", "daemon-reload")
        yield
        self._machine.file(path).unlink()
        self._machine.file(_DROP_INS).rmdir()
        self.arguments("")
        self.restart()

    def drop_in(self, name: str, flags: str = "", start: bool = True):
        """One of those that are shipped."""
        return self.override(self._machine.file(f"{_SHIPPED}/{name}.conf").read_text(), flags, start)

    def assert_state(self, active: str, sub: str) -> None:
        found = (self._machine.show(self.UNIT, "ActiveState"), self._machine.show(self.UNIT, "SubState"))
        if found != (active, sub):
            raise Failed(f"the service is {found}, not {(active, sub)}\n{self.log()[-3000:]}")

    def assert_enabled(self, service: str, socket: str) -> None:
        for unit, wanted in ((self.UNIT, service), (self.SOCKET, socket)):
            found = self._machine.run("systemctl", "is-enabled", unit, check=False).stdout.strip()
            if found != wanted:
                raise Failed(f"{unit} is {found}, not {wanted}")

    def assert_capabilities(self, *numbers: int, bounding: tuple[int, ...] | None = None) -> None:
        """Exactly these, of linux/capability.h; and in the bounding set the same, unless said otherwise."""
        def as_set(given) -> str:
            return f"{sum(1 << number for number in given):016x}"

        wanted = {"CapPrm": as_set(numbers), "CapEff": as_set(numbers), "CapBnd": as_set(bounding or numbers)}
        status = self._machine.status_of(self.pid())
        found = {name: status[name] for name in wanted}
        if found != wanted:
            raise Failed(f"it has {found}, not {wanted}")

    def assert_restarts(self, wanted: int) -> None:
        found = int(self._machine.show(self.UNIT, "NRestarts"))
        if found != wanted:
            raise Failed(f"systemd has restarted it {found} times, not {wanted}")
