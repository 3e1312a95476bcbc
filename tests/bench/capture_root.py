"""Roots for --path.procfs, --path.sysfs and --path.rootfs: the capture of a machine with two CPUs, and what is invented from it."""

import pathlib
import shutil

_FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures"
_CAPTURE = _FIXTURES / "6.18-2cpu"
_STAT = "proc/net/stat/nf_conntrack"
_FIRST_INODE = 4026531840  # that of the first network namespace of a machine


class CaptureRoot:
    """A copy of the capture, below `folder`, that can be changed. The caller removes it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        shutil.copytree(_CAPTURE, folder)
        self._header, *rows = (folder / _STAT).read_text(encoding="ascii").splitlines()
        self._row = rows[-1].split()

    def flags(self) -> tuple[str, ...]:
        return (
            f"--path.procfs={self.folder}/proc",
            f"--path.sysfs={self.folder}/sys",
            f"--path.rootfs={self.folder}",
        )

    def set_cpus(self, count: int) -> "CaptureRoot":
        """As many rows of counters, and as many CPUs, all of them present."""
        self.set_counters([{}] * count)
        for name in ("present", "possible"):
            (self.folder / "sys/devices/system/cpu" / name).write_text(f"0-{count - 1}\n", encoding="ascii")
        return self

    def set_counters(self, rows: list[dict[str, int]]) -> None:
        """One row for each CPU: the capture's last one, with the columns that are named changed."""
        columns = self._header.split()
        text = "\n".join(" ".join(self._changed(columns, row)) for row in rows)
        self._replace(_STAT, f"{self._header}\n{text}\n")

    def _changed(self, columns: list[str], row: dict[str, int]) -> list[str]:
        return [f"{row[name] & 0xFFFFFFFF:08x}" if name in row else old for name, old in zip(columns, self._row)]

    def set_entries(self, count: int) -> None:
        self._replace("proc/sys/net/netfilter/nf_conntrack_count", f"{count}\n")

    def persist_settings(self) -> "CaptureRoot":
        """Boot files that load the module and set what runs, so that nothing is about to change."""
        running = self.folder / "proc/sys/net/netfilter"
        names = ("nf_conntrack_max", "nf_conntrack_buckets", "nf_conntrack_tcp_timeout_established")
        lines = [f"net.netfilter.{name} = {(running / name).read_text(encoding='ascii')}" for name in names]
        files = {
            "etc/sysctl.d/90-conntrack.conf": "".join(lines),
            "etc/modules-load.d/conntrack.conf": "nf_conntrack\n",
            "usr/lib/systemd/systemd": "",
            "sys/module/nf_conntrack/parameters/hashsize": (running / "nf_conntrack_buckets").read_text(encoding="ascii"),  # no initstate: built in
            # Only the network namespace of the host has it.
            "proc/sys/net/nf_conntrack_max": (running / "nf_conntrack_max").read_text(encoding="ascii"),
        }
        for path, text in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="ascii")
        return self

    def add_namespaces(self, count: int) -> "CaptureRoot":
        """One process in each of so many network namespaces; process 1 is in the first."""
        proc = self.folder / "proc"
        (proc / "self").symlink_to("1")
        for number in range(count):
            process = proc / str(number + 1)
            (process / "ns").mkdir(parents=True)
            (process / "ns/net").symlink_to(f"net:[{_FIRST_INODE + number}]")
            (process / "net/stat").mkdir(parents=True)
            shutil.copy(self.folder / _STAT, process / "net/stat")
            (process / "comm").write_text(f"daemon{number}\n", encoding="ascii")
            (process / "cgroup").write_text("0::/\n", encoding="ascii")
        return self

    def _replace(self, name: str, text: str) -> None:
        """At once: a reader sees the old file or the new one."""
        path = self.folder / name
        draft = path.with_name(path.name + ".new")
        draft.write_text(text, encoding="ascii")
        draft.rename(path)
